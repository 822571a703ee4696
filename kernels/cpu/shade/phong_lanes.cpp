#include "shade/phong_lanes.hpp"

#include "core/clones.hpp"
#include "core/four.hpp"
#include "portable/phong.hpp"

namespace tvdr {
namespace {

template <typename T>
TVDR_INLINE void attributes(PixelLanes<T>& p, const T* records) {
  for (int i = p.count; i % 4 != 0; ++i)
    for (int k = 0; k < 3; ++k) p.index[k][i] = p.index[k][0];
  for (int i = 0; i < p.count; i += 4) {
    for (int k = 0; k < 3; ++k) {
      for (int part = 0; part < 3; ++part) {
        Four<T> of[4];
        for (int j = 0; j < 4; ++j)
          of[j] = Four<T>::load(records + kRecord * static_cast<int64_t>(p.index[k][i + j]) + 4 * part);
        transpose(of);
        for (int j = 0; j < 3; ++j) of[j].store(&p.attribute[9 * k + 3 * part + j][i]);
      }
    }
  }
}

// What one pixel's corners hold, as portable/phong.hpp asks for it.
template <typename T>
struct LaneAttributes {
  const PixelLanes<T>& p;
  int i;
  TVDR_INLINE T operator()(int which) const { return p.attribute[which][i]; }
};

// With `changes`, also how u and v change.
template <bool changes, typename T>
TVDR_INLINE void barycentrics(PixelLanes<T>& p, double width, double height, const T* to_clip, JacobianLanes<T>* out) {
  T m[16], u[kLanes], v[kLanes], u_x[kLanes], u_y[kLanes], v_x[kLanes], v_y[kLanes];
  for (int i = 0; i < 16; ++i) m[i] = to_clip[i];
  for (int i = 0; i < p.count; ++i) {
    const double cx = static_cast<double>(2 * p.x[i] + 1) - width, cy = static_cast<double>(2 * p.y[i] + 1) - height;
    const Corners<T> c(LaneAttributes<T>{p, i}, cx, cy, m, width, height);
    c.barycentrics(u[i], v[i]);
    if constexpr (changes) c.changes(u_x[i], u_y[i], v_x[i], v_y[i]);
  }
  for (int i = 0; i < p.count; ++i) {
    p.u[i] = u[i];
    p.v[i] = v[i];
    if constexpr (changes) {
      out->u_x[i] = u_x[i];
      out->v_x[i] = v_x[i];
      out->u_y[i] = u_y[i];
      out->v_y[i] = v_y[i];
      out->x[i] = p.x[i];
      out->y[i] = p.y[i];
    }
  }
  if constexpr (changes) out->count = p.count;
}

// result = base^exponent, see `power`.
template <typename T>
TVDR_INLINE void powers(int count, const T* __restrict base, double exponent, T* __restrict result) {
  const int whole = whole_exponent(exponent);
  if (whole < 0) {
    for (int i = 0; i < count; ++i) result[i] = power(base[i], exponent);
    return;
  }
  T square[kLanes];
  for (int i = 0; i < count; ++i) {
    square[i] = base[i];
    result[i] = 1;
  }
  for (int bits = whole; bits; bits >>= 1) {
    if (bits & 1)
      for (int i = 0; i < count; ++i) result[i] *= square[i];
    for (int i = 0; i < count; ++i) square[i] *= square[i];
  }
}

template <typename T>
TVDR_INLINE void shade(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye, ColorLanes<T>& out) {
  const T light[3] = {static_cast<T>(phong.light[0]), static_cast<T>(phong.light[1]), static_cast<T>(phong.light[2])};
  const T ambient = static_cast<T>(phong.ambient), diffuse = static_cast<T>(phong.diffuse),
          specular = static_cast<T>(phong.specular);
  const T camera[3] = {eye[0], eye[1], eye[2]};
  T highlight[kLanes], gloss[kLanes], red[kLanes], green[kLanes], blue[kLanes];
  for (int i = 0; i < p.count; ++i) {
    const Terms<T> s(LaneAttributes<T>{p, i}, p.u[i], p.v[i], light, camera);
    const T lit = s.lit(ambient, diffuse);
    red[i] = lit * s.at.red;
    green[i] = lit * s.at.green;
    blue[i] = lit * s.at.blue;
    highlight[i] = s.highlight;
  }
  powers(p.count, highlight, phong.shininess, gloss);
  for (int i = 0; i < p.count; ++i) {
    const T shine = highlight[i] > 0 ? specular * gloss[i] : T(0);
    out.rgb[0][i] = red[i] + shine;
    out.rgb[1][i] = green[i] + shine;
    out.rgb[2][i] = blue[i] + shine;
    out.highlight[i] = highlight[i];
  }
}

template <typename T>
TVDR_INLINE void color_jacobian(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye,
                                const ColorLanes<T>& shaded, JacobianLanes<T>& out) {
  const T light[3] = {static_cast<T>(phong.light[0]), static_cast<T>(phong.light[1]), static_cast<T>(phong.light[2])};
  const T ambient = static_cast<T>(phong.ambient), diffuse = static_cast<T>(phong.diffuse),
          gloss = static_cast<T>(phong.specular * phong.shininess);
  const T camera[3] = {eye[0], eye[1], eye[2]};
  // Local arrays, to which nothing else can point: the loop would not be vectorised otherwise.
  T highlight[kLanes], sharp[kLanes], u_x[kLanes], u_y[kLanes], v_x[kLanes], v_y[kLanes];
  T color_x[3][kLanes], color_y[3][kLanes], point[3][kLanes], color_eye[3][kLanes];
  for (int i = 0; i < p.count; ++i) {
    highlight[i] = shaded.highlight[i];
    u_x[i] = out.u_x[i];
    u_y[i] = out.u_y[i];
    v_x[i] = out.v_x[i];
    v_y[i] = out.v_y[i];
  }
  powers(p.count, highlight, phong.shininess - 1, sharp);
  for (int i = 0; i < p.count; ++i) {
    const LaneAttributes<T> attribute{p, i};
    const Terms<T> s(attribute, p.u[i], p.v[i], light, camera);
    const T lit = s.lit(ambient, diffuse), shine = s.highlight > 0 ? gloss * sharp[i] : T(0);
    s.moved(attribute, u_x[i], v_x[i], lit, diffuse, shine, color_x[0][i], color_x[1][i], color_x[2][i]);
    s.moved(attribute, u_y[i], v_y[i], lit, diffuse, shine, color_y[0][i], color_y[1][i], color_y[2][i]);
    s.eye_change(shine, color_eye[0][i], color_eye[1][i], color_eye[2][i]);
    point[0][i] = s.at.px;
    point[1][i] = s.at.py;
    point[2][i] = s.at.pz;
  }
  for (int j = 0; j < 3; ++j) {
    for (int i = 0; i < p.count; ++i) {
      out.color_x[j][i] = color_x[j][i];
      out.color_y[j][i] = color_y[j][i];
      out.color_eye[j][i] = color_eye[j][i];
      out.point[j][i] = point[j][i];
    }
  }
}

template <typename T>
TVDR_INLINE PixelChange<T> change_of(const JacobianLanes<T>& j, int i) {
  return {j.color_x[0][i], j.color_x[1][i],   j.color_x[2][i],   j.color_y[0][i],  j.color_y[1][i], j.color_y[2][i],
          j.u_x[i],        j.u_y[i],          j.v_x[i],          j.v_y[i],         j.point[0][i],   j.point[1][i],
          j.point[2][i],   j.color_eye[0][i], j.color_eye[1][i], j.color_eye[2][i]};
}

// The gradients of q's two numbers and of the eye, as far as they flow through colours, then through the camera.
template <typename T>
TVDR_INLINE void gradient(const JacobianLanes<T>& jacobian, const Image& image, const Window<T>& grad_out,
                          const Window<T>& grad_rast, CameraGradient& sums) {
  constexpr int kWidth = CameraGradient::kWidth;
  const int count = jacobian.count, full = (count + kWidth - 1) / kWidth * kWidth;
  const T width = static_cast<T>(image.width), height = static_cast<T>(image.height);
  T rgb[3][kLanes], uv[2][kLanes], cx[kLanes], cy[kLanes], part[CameraGradient::kSums][kLanes];
  for (int i = 0; i < count; ++i) {
    const int64_t of_rgb = grad_out.at(jacobian.x[i], jacobian.y[i]),
                  of_uv = grad_rast.at(jacobian.x[i], jacobian.y[i]);
    for (int j = 0; j < 3; ++j) rgb[j][i] = grad_out.data ? grad_out.data[of_rgb + j] : T(0);
    for (int j = 0; j < 2; ++j) uv[j][i] = grad_rast.data ? grad_rast.data[of_uv + j] : T(0);
  }
  for (int i = 0; i < count; ++i) {
    cx[i] = static_cast<T>(2 * jacobian.x[i] + 1) - width;
    cy[i] = static_cast<T>(2 * jacobian.y[i] + 1) - height;
  }
  for (int i = 0; i < count; ++i)
    change_of(jacobian, i)
        .gradient(rgb[0][i], rgb[1][i], rgb[2][i], uv[0][i], uv[1][i], cx[i], cy[i], width, height,
                  [&](int which, T value) TVDR_INLINE_LAMBDA { part[which][i] = value; });
  for (int which = 0; which < CameraGradient::kSums; ++which) {
    for (int i = count; i < full; ++i) part[which][i] = 0;
    for (int i = 0; i < full; i += kWidth)
      for (int lane = 0; lane < kWidth; ++lane) sums.sum[which][lane] += static_cast<double>(part[which][i + lane]);
  }
}

template <typename T>
TVDR_INLINE void tangent(const JacobianLanes<T>& j, const Image& image, const T* to_clip_tangent, const T* eye_tangent,
                         T* out_tangent, T* rast_tangent) {
  const double width = static_cast<double>(image.width), height = static_cast<double>(image.height);
  double m[16];
  for (int i = 0; i < 16; ++i) m[i] = static_cast<double>(to_clip_tangent[i]);
  for (int i = 0; i < j.count; ++i) {
    const int64_t at = 4 * (j.y[i] * image.width + j.x[i]);
    change_of(j, i).tangent(m, eye_tangent, image.center_x(j.x[i]), image.center_y(j.y[i]), width, height,
                            out_tangent + at, rast_tangent + at);
  }
}

#define TVDR_CLONE(T)                                                                                              \
  TVDR_CLONES void attributes_clone(PixelLanes<T>& p, const T* records) { attributes(p, records); }                \
  TVDR_CLONES void barycentrics_clone(PixelLanes<T>& p, double width, double height, const T* to_clip) {           \
    barycentrics<false, T>(p, width, height, to_clip, nullptr);                                                    \
  }                                                                                                                \
  TVDR_CLONES void barycentrics_and_changes_clone(PixelLanes<T>& p, double width, double height, const T* to_clip, \
                                                  JacobianLanes<T>* jacobian) {                                    \
    barycentrics<true>(p, width, height, to_clip, jacobian);                                                       \
  }                                                                                                                \
  TVDR_CLONES void shade_clone(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye,                 \
                               ColorLanes<T>& out) {                                                               \
    shade(p, phong, eye, out);                                                                                     \
  }                                                                                                                \
  TVDR_CLONES void color_jacobian_clone(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye,        \
                                        const ColorLanes<T>& shaded, JacobianLanes<T>& jacobian) {                 \
    color_jacobian(p, phong, eye, shaded, jacobian);                                                               \
  }                                                                                                                \
  TVDR_CLONES void gradient_clone(const JacobianLanes<T>& jacobian, const Image& image, const Window<T>& grad_out, \
                                  const Window<T>& grad_rast, CameraGradient& sums) {                              \
    gradient(jacobian, image, grad_out, grad_rast, sums);                                                          \
  }                                                                                                                \
  TVDR_CLONES void tangent_clone(const JacobianLanes<T>& jacobian, const Image& image, const T* to_clip_tangent,   \
                                 const T* eye_tangent, T* out_tangent, T* rast_tangent) {                          \
    tangent(jacobian, image, to_clip_tangent, eye_tangent, out_tangent, rast_tangent);                             \
  }
TVDR_CLONE(float)
TVDR_CLONE(double)

}  // namespace

template <typename T>
void load_attributes(PixelLanes<T>& p, const T* records) {
  attributes_clone(p, records);
}

template <typename T>
void find_barycentrics(PixelLanes<T>& p, const Image& image, const T* to_clip, JacobianLanes<T>* jacobian) {
  const double width = static_cast<double>(image.width), height = static_cast<double>(image.height);
  if (jacobian) {
    barycentrics_and_changes_clone(p, width, height, to_clip, jacobian);
  } else {
    barycentrics_clone(p, width, height, to_clip);
  }
}

template <typename T>
void shade_lanes(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye, ColorLanes<T>& out) {
  shade_clone(p, phong, eye, out);
}

template <typename T>
void find_color_jacobian(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye,
                         const ColorLanes<T>& shaded, JacobianLanes<T>& jacobian) {
  color_jacobian_clone(p, phong, eye, shaded, jacobian);
}

template <typename T>
void add_gradient(const JacobianLanes<T>& jacobian, const Image& image, const Window<T>& grad_out,
                  const Window<T>& grad_rast, CameraGradient& sums) {
  gradient_clone(jacobian, image, grad_out, grad_rast, sums);
}

template <typename T>
void add_tangent(const JacobianLanes<T>& jacobian, const Image& image, const T* to_clip_tangent, const T* eye_tangent,
                 T* out_tangent, T* rast_tangent) {
  tangent_clone(jacobian, image, to_clip_tangent, eye_tangent, out_tangent, rast_tangent);
}

#define TVDR_INSTANTIATE(T)                                                                                       \
  template void load_attributes(PixelLanes<T>&, const T*);                                                        \
  template void find_barycentrics(PixelLanes<T>&, const Image&, const T*, JacobianLanes<T>*);                     \
  template void shade_lanes(const PixelLanes<T>&, const PhongParameters&, const T*, ColorLanes<T>&);              \
  template void find_color_jacobian(const PixelLanes<T>&, const PhongParameters&, const T*, const ColorLanes<T>&, \
                                    JacobianLanes<T>&);                                                           \
  template void add_gradient(const JacobianLanes<T>&, const Image&, const Window<T>&, const Window<T>&,           \
                             CameraGradient&);                                                                    \
  template void add_tangent(const JacobianLanes<T>&, const Image&, const T*, const T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
