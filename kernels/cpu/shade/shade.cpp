#include "shade/shade.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/thread_pool.hpp"

namespace tvdr {
namespace {

constexpr double kShortest = 1e-6;  // shorter vectors are not normalised, as in PyTorch3D
constexpr int kAttributes = 9;

template <typename T>
struct V3 {
  T x, y, z;
};

template <typename T>
V3<T> operator+(V3<T> a, V3<T> b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
template <typename T>
V3<T> operator-(V3<T> a, V3<T> b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <typename T>
V3<T> operator*(T s, V3<T> a) {
  return {s * a.x, s * a.y, s * a.z};
}
template <typename T>
T dot(V3<T> a, V3<T> b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
template <typename T>
V3<T> load(const T* p) {
  return {p[0], p[1], p[2]};
}
template <typename T>
V3<T> load_rounded(const double (&p)[3]) {
  return {static_cast<T>(p[0]), static_cast<T>(p[1]), static_cast<T>(p[2])};
}

// A vector and its direction, with the derivative of the latter.
template <typename T>
struct Direction {
  V3<T> unit;
  T scale;  // 1 / length
  bool normalized;

  explicit Direction(V3<T> v) {
    const T length = std::sqrt(dot(v, v));
    normalized = length > T(kShortest);
    scale = T(1) / std::max(length, T(kShortest));
    unit = scale * v;
  }
  // The Jacobian is symmetric: the same for gradients and for tangents.
  V3<T> derivative(V3<T> d) const { return scale * (normalized ? d - dot(unit, d) * unit : d); }
};

template <typename T>
T power(T base, double exponent) {
  // Compared first: the conversion is undefined for what is not a number or does not fit.
  const int whole = exponent >= 0 && exponent <= 1024 ? static_cast<int>(exponent) : -1;
  if (whole != exponent || whole < 0) return static_cast<T>(std::pow(static_cast<double>(base), exponent));
  T result = 1;
  for (int bits = whole; bits; bits >>= 1, base *= base)
    if (bits & 1) result *= base;
  return result;
}

// One covered pixel: its attributes, and the terms of the Phong model.
template <typename T>
struct Shading {
  const T* a[3];
  V3<T> color;
  Direction<T> normal, to_light, to_camera;
  T cosine, highlight;
  V3<T> mirrored;

  Shading(const ShadeInputs<T>& in, int64_t pixel, int64_t id, const T* eye)
      : Shading(in, id, eye, weights(in, pixel)) {}

  V3<T> rgb(const PhongParameters& p) const {
    const T lit = static_cast<T>(p.ambient) + static_cast<T>(p.diffuse) * std::max(cosine, T(0));
    const T gloss = highlight > 0 ? static_cast<T>(p.specular) * power(highlight, p.shininess) : T(0);
    return lit * color + V3<T>{gloss, gloss, gloss};
  }

  // How attribute i changes along u and along v.
  T along_u(int i) const { return a[0][i] - a[2][i]; }
  T along_v(int i) const { return a[1][i] - a[2][i]; }

 private:
  static V3<T> weights(const ShadeInputs<T>& in, int64_t pixel) {
    const T* r = in.rast + 4 * pixel;
    return {r[0], r[1], T(1) - r[0] - r[1]};
  }
  static const T* corner(const ShadeInputs<T>& in, int64_t id, int k) {
    return in.attributes + kAttributes * static_cast<int64_t>(in.tri[3 * id + k]);
  }
  V3<T> mix(V3<T> w, int first) const {
    return w.x * load(a[0] + first) + w.y * load(a[1] + first) + w.z * load(a[2] + first);
  }
  Shading(const ShadeInputs<T>& in, int64_t id, const T* eye, V3<T> w)
      : a{corner(in, id, 0), corner(in, id, 1), corner(in, id, 2)},
        color(mix(w, 6)),
        normal(mix(w, 3)),
        to_light(load_rounded<T>(in.phong.light) - mix(w, 0)),
        to_camera(load(eye) - mix(w, 0)),
        cosine(dot(normal.unit, to_light.unit)),
        mirrored((2 * cosine) * normal.unit - to_light.unit) {
    highlight = cosine > 0 ? std::max(dot(to_camera.unit, mirrored), T(0)) : T(0);
  }
};

// Calls body(pixel, id, eye) for the pixels of a row; id is -1 at the background.
template <typename T, typename F>
void for_each_in_row(const ShadeInputs<T>& in, int64_t row, F&& body) {
  const T* eye = in.eye + 3 * (row / in.image.height);
  for (int64_t px = 0; px < in.image.width; ++px) {
    const int64_t pixel = row * in.image.width + px;
    body(pixel, static_cast<int64_t>(in.rast[4 * pixel + 3]) - 1, eye);
  }
}

}  // namespace

template <typename T>
void shade_forward(const ShadeInputs<T>& in, T* out) {
  const V3<T> background = load_rounded<T>(in.phong.background);
  parallel_for(in.threads, in.image.batch * in.image.height, [&](int64_t row) {
    for_each_in_row(in, row, [&](int64_t pixel, int64_t id, const T* eye) {
      const V3<T> rgb = id < 0 ? background : Shading<T>(in, pixel, id, eye).rgb(in.phong);
      T* o = out + 4 * pixel;
      o[0] = rgb.x;
      o[1] = rgb.y;
      o[2] = rgb.z;
      o[3] = id < 0 ? T(0) : T(1);
    });
  });
}

template <typename T>
void shade_backward(const ShadeInputs<T>& in, const T* grad_out, T* rast_grad, T* eye_grad) {
  const int64_t rows = in.image.batch * in.image.height;
  const auto& p = in.phong;
  std::vector<V3<double>> eye_by_row(rows, V3<double>{0, 0, 0});
  parallel_for(in.threads, rows, [&](int64_t row) {
    for_each_in_row(in, row, [&](int64_t pixel, int64_t id, const T* eye) {
      T* o = rast_grad + 4 * pixel;
      std::fill_n(o, 4, T(0));
      if (id < 0) return;
      const Shading<T> s(in, pixel, id, eye);
      const V3<T> g = load(grad_out + 4 * pixel);
      const T lit = static_cast<T>(p.ambient) + static_cast<T>(p.diffuse) * std::max(s.cosine, T(0));
      V3<T> g_normal{0, 0, 0}, g_light{0, 0, 0}, g_camera{0, 0, 0};
      if (s.cosine > 0) {
        T g_cosine = static_cast<T>(p.diffuse) * dot(g, s.color);
        if (s.highlight > 0) {
          const T g_highlight =
              static_cast<T>(p.specular * p.shininess) * (g.x + g.y + g.z) * power(s.highlight, p.shininess - 1);
          g_camera = s.to_camera.derivative(g_highlight * s.mirrored);
          const V3<T> g_mirrored = g_highlight * s.to_camera.unit;
          g_cosine += 2 * dot(s.normal.unit, g_mirrored);
          g_normal = (2 * s.cosine) * g_mirrored;
          g_light = T(-1) * g_mirrored;
        }
        g_normal = s.normal.derivative(g_normal + g_cosine * s.to_light.unit);
        g_light = s.to_light.derivative(g_light + g_cosine * s.normal.unit);
      }
      const V3<T> g_point = T(-1) * (g_light + g_camera), g_color = lit * g;
      const T g_attributes[kAttributes] = {g_point.x,  g_point.y, g_point.z, g_normal.x, g_normal.y,
                                           g_normal.z, g_color.x, g_color.y, g_color.z};
      for (int i = 0; i < kAttributes; ++i) {
        o[0] += g_attributes[i] * s.along_u(i);
        o[1] += g_attributes[i] * s.along_v(i);
      }
      V3<double>& sum = eye_by_row[row];
      sum.x += g_camera.x;
      sum.y += g_camera.y;
      sum.z += g_camera.z;
    });
  });
  for (int64_t b = 0; b < in.image.batch; ++b) {
    V3<double> sum{0, 0, 0};
    for (int64_t row = b * in.image.height; row < (b + 1) * in.image.height; ++row) sum = sum + eye_by_row[row];
    eye_grad[3 * b] = static_cast<T>(sum.x);
    eye_grad[3 * b + 1] = static_cast<T>(sum.y);
    eye_grad[3 * b + 2] = static_cast<T>(sum.z);
  }
}

template <typename T>
void shade_jvp(const ShadeInputs<T>& in, const T* rast_tangent, const T* eye_tangent, T* out_tangent) {
  const auto& p = in.phong;
  parallel_for(in.threads, in.image.batch * in.image.height, [&](int64_t row) {
    const V3<T> d_eye = eye_tangent ? load(eye_tangent + 3 * (row / in.image.height)) : V3<T>{0, 0, 0};
    for_each_in_row(in, row, [&](int64_t pixel, int64_t id, const T* eye) {
      T* o = out_tangent + 4 * pixel;
      std::fill_n(o, 4, T(0));
      if (id < 0) return;
      const Shading<T> s(in, pixel, id, eye);
      const T du = rast_tangent ? rast_tangent[4 * pixel] : T(0),
              dv = rast_tangent ? rast_tangent[4 * pixel + 1] : T(0);
      T d[kAttributes];
      for (int i = 0; i < kAttributes; ++i) d[i] = du * s.along_u(i) + dv * s.along_v(i);
      const V3<T> d_point = load(d), d_color = load(d + 6);
      T d_lit = 0, d_gloss = 0;
      const T lit = static_cast<T>(p.ambient) + static_cast<T>(p.diffuse) * std::max(s.cosine, T(0));
      if (s.cosine > 0) {
        const V3<T> d_normal = s.normal.derivative(load(d + 3));
        const V3<T> d_light = s.to_light.derivative(T(-1) * d_point);
        const T d_cosine = dot(d_normal, s.to_light.unit) + dot(s.normal.unit, d_light);
        d_lit = static_cast<T>(p.diffuse) * d_cosine;
        if (s.highlight > 0) {
          const V3<T> d_mirrored = (2 * d_cosine) * s.normal.unit + (2 * s.cosine) * d_normal - d_light;
          const T d_highlight =
              dot(s.to_camera.derivative(d_eye - d_point), s.mirrored) + dot(s.to_camera.unit, d_mirrored);
          d_gloss = static_cast<T>(p.specular * p.shininess) * d_highlight * power(s.highlight, p.shininess - 1);
        }
      }
      const V3<T> rgb = lit * d_color + d_lit * s.color;
      o[0] = rgb.x + d_gloss;
      o[1] = rgb.y + d_gloss;
      o[2] = rgb.z + d_gloss;
    });
  });
}

#define TVDR_INSTANTIATE(T)                                              \
  template void shade_forward(const ShadeInputs<T>&, T*);                \
  template void shade_backward(const ShadeInputs<T>&, const T*, T*, T*); \
  template void shade_jvp(const ShadeInputs<T>&, const T*, const T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
