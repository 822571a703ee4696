#include "shade/phong_lanes.hpp"

#include "core/clones.hpp"
#include "core/four.hpp"

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

// A pixel's triangle as `PixelTriangle` has it: the corners in clip space, rounded to T, seen from the pixel; and the z
// of the edge functions' triple products.
template <typename T>
struct Corners {
  double ax, ay, aw, bx, by, bw, gx, gy, gw, n0, n1, n2, sum, scale;

  TVDR_INLINE Corners(const PixelLanes<T>& p, int i, const T* m, double width, double height) {
    const double cx = static_cast<double>(2 * p.x[i] + 1) - width, cy = static_cast<double>(2 * p.y[i] + 1) - height;
    auto seen = [&](int k, double& x, double& y, double& w) __attribute__((always_inline)) {
      const T px = p.attribute[k][i], py = p.attribute[k + 1][i], pz = p.attribute[k + 2][i];
      const T clip_x = m[0] * px + m[1] * py + m[2] * pz + m[3], clip_y = m[4] * px + m[5] * py + m[6] * pz + m[7];
      w = static_cast<double>(m[12] * px + m[13] * py + m[14] * pz + m[15]);
      x = width * static_cast<double>(clip_x) - cx * w;
      y = height * static_cast<double>(clip_y) - cy * w;
    };
    seen(0, ax, ay, aw);
    seen(9, bx, by, bw);
    seen(18, gx, gy, gw);
    n0 = bx * gy - by * gx;
    n1 = gx * ay - gy * ax;
    n2 = ax * by - ay * bx;
    sum = n0 + n1 + n2;
    scale = sum != 0 ? 1 / sum : 0;
  }
};

// With `changes`, also how u and v change. Seen from the pixel, the corners are the columns of a matrix V, the
// barycentrics b are V^-1 (0, 0, 1) over its sum, and the camera's matrix M moves them as
// db = -(1 - b 1^T) V^-1 q over the depth, where q = A dM X is how the point X that the pixel sees moves in the pixel's
// frame, to which A takes clip space. q's z cancels.
template <bool changes, typename T>
TVDR_INLINE void barycentrics(PixelLanes<T>& p, double width, double height, const T* to_clip, JacobianLanes<T>* out) {
  T m[16], u[kLanes], v[kLanes], u_x[kLanes], u_y[kLanes], v_x[kLanes], v_y[kLanes];
  for (int i = 0; i < 16; ++i) m[i] = to_clip[i];
  for (int i = 0; i < p.count; ++i) {
    const Corners<T> c(p, i, m, width, height);
    const double u0 = c.n0 * c.scale, v0 = c.n1 * c.scale;
    const double u1 = u0 < 0 ? 0 : u0, u2 = 1 < u1 ? 1 : u1;
    const double most = 1 - u2, v1 = v0 < 0 ? 0 : v0, v2 = most < v1 ? most : v1;
    const T rounded = static_cast<T>(u2), left = T(1) - rounded, v_rounded = static_cast<T>(v2);
    u[i] = rounded;
    v[i] = left < v_rounded ? left : v_rounded;
    if constexpr (changes) {
      const double depth = (c.n0 * c.aw + c.n1 * c.bw + c.n2 * c.gw) * c.scale;
      const double factor = depth != 0 ? -c.scale / depth : 0;
      // The rows of V^-1 are the edge functions' gradients over V's determinant, depth sum.
      const double x0 = c.by * c.gw - c.bw * c.gy, x1 = c.gy * c.aw - c.gw * c.ay, x2 = c.ay * c.bw - c.aw * c.by;
      const double y0 = c.bw * c.gx - c.bx * c.gw, y1 = c.gw * c.ax - c.gx * c.aw, y2 = c.aw * c.bx - c.ax * c.bw;
      const double x = x0 + x1 + x2, y = y0 + y1 + y2;
      u_x[i] = static_cast<T>(factor * (x0 - u0 * x));
      v_x[i] = static_cast<T>(factor * (x1 - v0 * x));
      u_y[i] = static_cast<T>(factor * (y0 - u0 * y));
      v_y[i] = static_cast<T>(factor * (y1 - v0 * y));
    }
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

// The whole number that the exponent is, or -1; see `power` in shade.cpp.
inline int whole_exponent(double exponent) {
  const int whole = exponent >= 0 && exponent <= 1024 ? static_cast<int>(exponent) : -1;
  return whole == exponent ? whole : -1;
}

// result = base^exponent.
template <typename T>
TVDR_INLINE void powers(int count, const T* __restrict base, double exponent, T* __restrict result) {
  const int whole = whole_exponent(exponent);
  if (whole < 0) {
    for (int i = 0; i < count; ++i)
      result[i] = base[i] > 0 ? static_cast<T>(std::pow(static_cast<double>(base[i]), exponent)) : T(0);
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

// A vector's direction; shorter vectors than kShortest are not normalised.
constexpr double kShortest = 1e-6;
template <typename T>
struct Direction {
  T x, y, z, scale;
  bool normalized;

  TVDR_INLINE Direction(T vx, T vy, T vz) {
    const T length = std::sqrt(vx * vx + vy * vy + vz * vz);
    normalized = length > T(kShortest);
    scale = T(1) / (length < T(kShortest) ? T(kShortest) : length);
    x = scale * vx;
    y = scale * vy;
    z = scale * vz;
  }
};

// The attributes at a pixel. Written out: a loop over them would keep the loop over the pixels from being vectorised.
template <typename T>
struct Mixed {
  T px, py, pz, nx, ny, nz, red, green, blue;

  TVDR_INLINE Mixed(const PixelLanes<T>& p, int i) {
    const T w0 = p.u[i], w1 = p.v[i], w2 = T(1) - p.u[i] - p.v[i];
    auto mix = [&](int j) __attribute__((always_inline)) {
      return w0 * p.attribute[j][i] + w1 * p.attribute[9 + j][i] + w2 * p.attribute[18 + j][i];
    };
    px = mix(0);
    py = mix(1);
    pz = mix(2);
    nx = mix(3);
    ny = mix(4);
    nz = mix(5);
    red = mix(6);
    green = mix(7);
    blue = mix(8);
  }
};

// One pixel's terms of the Phong model, in registers.
template <typename T>
struct Terms {
  Mixed<T> at;
  Direction<T> normal, to_light, to_camera;
  T cosine, mx, my, mz, highlight;

  TVDR_INLINE Terms(const PixelLanes<T>& p, int i, const T* light, const T* eye)
      : at(p, i),
        normal(at.nx, at.ny, at.nz),
        to_light(light[0] - at.px, light[1] - at.py, light[2] - at.pz),
        to_camera(eye[0] - at.px, eye[1] - at.py, eye[2] - at.pz) {
    cosine = normal.x * to_light.x + normal.y * to_light.y + normal.z * to_light.z;
    const T twice = 2 * cosine;
    mx = twice * normal.x - to_light.x;
    my = twice * normal.y - to_light.y;
    mz = twice * normal.z - to_light.z;
    const T reflected = to_camera.x * mx + to_camera.y * my + to_camera.z * mz;
    highlight = cosine > 0 ? (reflected < 0 ? T(0) : reflected) : T(0);
  }
};

template <typename T>
TVDR_INLINE void shade(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye, ColorLanes<T>& out) {
  const T light[3] = {static_cast<T>(phong.light[0]), static_cast<T>(phong.light[1]), static_cast<T>(phong.light[2])};
  const T ambient = static_cast<T>(phong.ambient), diffuse = static_cast<T>(phong.diffuse),
          specular = static_cast<T>(phong.specular);
  const T camera[3] = {eye[0], eye[1], eye[2]};
  T highlight[kLanes], gloss[kLanes], red[kLanes], green[kLanes], blue[kLanes];
  for (int i = 0; i < p.count; ++i) {
    const Terms<T> s(p, i, light, camera);
    const T lit = ambient + diffuse * (s.cosine < 0 ? T(0) : s.cosine);
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

// A vector's change, from that of the vector or of its direction d to the other's: the map is symmetric.
template <typename T>
TVDR_INLINE void through(const Direction<T>& d, T& gx, T& gy, T& gz) {
  const T along = d.normalized ? d.x * gx + d.y * gy + d.z * gz : T(0);
  gx = d.scale * (gx - along * d.x);
  gy = d.scale * (gy - along * d.y);
  gz = d.scale * (gz - along * d.z);
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
    const Terms<T> s(p, i, light, camera);
    const T lit = ambient + diffuse * (s.cosine < 0 ? T(0) : s.cosine), twice = 2 * s.cosine;
    const T shine = s.highlight > 0 ? gloss * sharp[i] : T(0);
    auto moved = [&](T du, T dv, T& red, T& green, T& blue) __attribute__((always_inline)) {
      auto along = [&](int j) __attribute__((always_inline)) {
        return du * (p.attribute[j][i] - p.attribute[18 + j][i]) +
               dv * (p.attribute[9 + j][i] - p.attribute[18 + j][i]);
      };
      const T dx = along(0), dy = along(1), dz = along(2);
      T nx = along(3), ny = along(4), nz = along(5), lx = -dx, ly = -dy, lz = -dz, cx = -dx, cy = -dy, cz = -dz;
      through(s.normal, nx, ny, nz);
      through(s.to_light, lx, ly, lz);
      through(s.to_camera, cx, cy, cz);
      const T change = nx * s.to_light.x + ny * s.to_light.y + nz * s.to_light.z + s.normal.x * lx + s.normal.y * ly +
                       s.normal.z * lz;
      const T d_cosine = s.cosine > 0 ? change : T(0), d_twice = 2 * d_cosine, d_lit = diffuse * d_cosine;
      const T mx = d_twice * s.normal.x + twice * nx - lx, my = d_twice * s.normal.y + twice * ny - ly,
              mz = d_twice * s.normal.z + twice * nz - lz;
      const T d_shine =
          shine * (cx * s.mx + cy * s.my + cz * s.mz + s.to_camera.x * mx + s.to_camera.y * my + s.to_camera.z * mz);
      red = lit * along(6) + d_lit * s.at.red + d_shine;
      green = lit * along(7) + d_lit * s.at.green + d_shine;
      blue = lit * along(8) + d_lit * s.at.blue + d_shine;
    };
    moved(u_x[i], v_x[i], color_x[0][i], color_x[1][i], color_x[2][i]);
    moved(u_y[i], v_y[i], color_y[0][i], color_y[1][i], color_y[2][i]);
    T ex = shine * s.mx, ey = shine * s.my, ez = shine * s.mz;
    through(s.to_camera, ex, ey, ez);
    color_eye[0][i] = ex;
    color_eye[1][i] = ey;
    color_eye[2][i] = ez;
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
  for (int i = 0; i < count; ++i) {
    const JacobianLanes<T>& j = jacobian;
    const T hx = rgb[0][i] * j.color_x[0][i] + rgb[1][i] * j.color_x[1][i] + rgb[2][i] * j.color_x[2][i] +
                 uv[0][i] * j.u_x[i] + uv[1][i] * j.v_x[i];
    const T hy = rgb[0][i] * j.color_y[0][i] + rgb[1][i] * j.color_y[1][i] + rgb[2][i] * j.color_y[2][i] +
                 uv[0][i] * j.u_y[i] + uv[1][i] * j.v_y[i];
    const T x = j.point[0][i], y = j.point[1][i], z = j.point[2][i];
    auto outer = [&](int first, T row) __attribute__((always_inline)) {
      part[first][i] = row * x;
      part[first + 1][i] = row * y;
      part[first + 2][i] = row * z;
      part[first + 3][i] = row;
    };
    outer(0, width * hx);
    outer(4, height * hy);
    outer(8, -cx[i] * hx - cy[i] * hy);
    const T all = rgb[0][i] + rgb[1][i] + rgb[2][i];
    part[12][i] = all * j.color_eye[0][i];
    part[13][i] = all * j.color_eye[1][i];
    part[14][i] = all * j.color_eye[2][i];
  }
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
    const double x = static_cast<double>(j.point[0][i]), y = static_cast<double>(j.point[1][i]),
                 z = static_cast<double>(j.point[2][i]);
    const double dw = m[12] * x + m[13] * y + m[14] * z + m[15];
    const auto qx = static_cast<T>(width * (m[0] * x + m[1] * y + m[2] * z + m[3]) - image.center_x(j.x[i]) * dw);
    const auto qy = static_cast<T>(height * (m[4] * x + m[5] * y + m[6] * z + m[7]) - image.center_y(j.y[i]) * dw);
    const T all =
        eye_tangent[0] * j.color_eye[0][i] + eye_tangent[1] * j.color_eye[1][i] + eye_tangent[2] * j.color_eye[2][i];
    for (int k = 0; k < 3; ++k) out_tangent[at + k] = qx * j.color_x[k][i] + qy * j.color_y[k][i] + all;
    rast_tangent[at] = qx * j.u_x[i] + qy * j.u_y[i];
    rast_tangent[at + 1] = qx * j.v_x[i] + qy * j.v_y[i];
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
