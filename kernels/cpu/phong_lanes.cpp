#include "phong_lanes.hpp"

#include "clones.hpp"

namespace tvdr {
namespace {

// A pixel's triangle as `PixelTriangle` has it: the corners in clip space, rounded to T, seen from the pixel; and the z
// of the edge functions' triple products.
template <typename T>
struct Corners {
  double ax, ay, aw, bx, by, bw, gx, gy, gw, n0, n1, n2, sum, scale;

  TVDR_INLINE Corners(const PixelLanes<T>& p, int i, const T* m, double width, double height) {
    const double cx = p.cx[i], cy = p.cy[i];
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

template <typename T>
TVDR_INLINE void barycentrics(PixelLanes<T>& p, double width, double height, const T* to_clip) {
  T m[16], u[kLanes], v[kLanes];
  for (int i = 0; i < 16; ++i) m[i] = to_clip[i];
  for (int i = 0; i < p.count; ++i) {
    const Corners<T> c(p, i, m, width, height);
    const double u0 = c.n0 * c.scale, v0 = c.n1 * c.scale;
    const double u1 = u0 < 0 ? 0 : u0, u2 = 1 < u1 ? 1 : u1;
    const double most = 1 - u2, v1 = v0 < 0 ? 0 : v0, v2 = most < v1 ? most : v1;
    const T rounded = static_cast<T>(u2), left = T(1) - rounded, v_rounded = static_cast<T>(v2);
    u[i] = rounded;
    v[i] = left < v_rounded ? left : v_rounded;
  }
  for (int i = 0; i < p.count; ++i) {
    p.u[i] = u[i];
    p.v[i] = v[i];
  }
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
  }
}

// The gradient of a vector from that of its direction d.
template <typename T>
TVDR_INLINE void through(const Direction<T>& d, T& gx, T& gy, T& gz) {
  const T along = d.normalized ? d.x * gx + d.y * gy + d.z * gz : T(0);
  gx = d.scale * (gx - along * d.x);
  gy = d.scale * (gy - along * d.y);
  gz = d.scale * (gz - along * d.z);
}

template <typename T>
TVDR_INLINE void backward(const PixelLanes<T>& p, double width, double height, const T* to_clip,
                          const PhongParameters& phong, const T* eye, const T (&g_rgb)[3][kLanes],
                          const T (*g_uv)[kLanes], CameraGradient& sums) {
  const T light[3] = {static_cast<T>(phong.light[0]), static_cast<T>(phong.light[1]), static_cast<T>(phong.light[2])};
  const T ambient = static_cast<T>(phong.ambient), diffuse = static_cast<T>(phong.diffuse),
          gloss = static_cast<T>(phong.specular * phong.shininess);
  const T camera[3] = {eye[0], eye[1], eye[2]};
  T highlight[kLanes], sharp[kLanes], g_u[kLanes], g_v[kLanes], point[3][kLanes];
  double part[CameraGradient::kSums][kLanes];
  T m[16];
  for (int i = 0; i < 16; ++i) m[i] = to_clip[i];
  for (int i = 0; i < p.count; ++i) highlight[i] = Terms<T>(p, i, light, camera).highlight;
  powers(p.count, highlight, phong.shininess - 1, sharp);
  for (int i = 0; i < p.count; ++i) {
    const Terms<T> s(p, i, light, camera);
    const T gr = g_rgb[0][i], gg = g_rgb[1][i], gb = g_rgb[2][i];
    const bool lit_by_light = s.cosine > 0, shines = s.highlight > 0;
    const T lit = ambient + diffuse * (s.cosine < 0 ? T(0) : s.cosine);
    const T g_highlight = shines ? gloss * (gr + gg + gb) * sharp[i] : T(0);
    T cx = g_highlight * s.mx, cy = g_highlight * s.my, cz = g_highlight * s.mz;
    through(s.to_camera, cx, cy, cz);
    const T mx = g_highlight * s.to_camera.x, my = g_highlight * s.to_camera.y, mz = g_highlight * s.to_camera.z;
    T g_cosine = diffuse * (gr * s.at.red + gg * s.at.green + gb * s.at.blue);
    g_cosine = lit_by_light ? g_cosine + 2 * (s.normal.x * mx + s.normal.y * my + s.normal.z * mz) : T(0);
    const T twice = 2 * s.cosine;
    T nx = twice * mx + g_cosine * s.to_light.x, ny = twice * my + g_cosine * s.to_light.y,
      nz = twice * mz + g_cosine * s.to_light.z;
    through(s.normal, nx, ny, nz);
    T lx = g_cosine * s.normal.x - mx, ly = g_cosine * s.normal.y - my, lz = g_cosine * s.normal.z - mz;
    through(s.to_light, lx, ly, lz);
    T gu = 0, gv = 0;
    auto flow = [&](int j, T g) __attribute__((always_inline)) {
      gu += g * (p.attribute[j][i] - p.attribute[18 + j][i]);
      gv += g * (p.attribute[9 + j][i] - p.attribute[18 + j][i]);
    };
    flow(0, -(lx + cx));
    flow(1, -(ly + cy));
    flow(2, -(lz + cz));
    flow(3, nx);
    flow(4, ny);
    flow(5, nz);
    flow(6, lit * gr);
    flow(7, lit * gg);
    flow(8, lit * gb);
    g_u[i] = gu;
    g_v[i] = gv;
    point[0][i] = s.at.px;
    point[1][i] = s.at.py;
    point[2][i] = s.at.pz;
    part[12][i] = static_cast<double>(cx);
    part[13][i] = static_cast<double>(cy);
    part[14][i] = static_cast<double>(cz);
  }
  if (g_uv) {
    for (int i = 0; i < p.count; ++i) {
      g_u[i] += g_uv[0][i];
      g_v[i] += g_uv[1][i];
    }
  }
  // Seen from the pixel, the corners are the columns of a matrix V, the barycentrics b are V^-1 (0, 0, 1) over its sum,
  // and the matrix M moves them as d b = -(1 - b 1^T) V^-1 A dM X, where X is the point that the pixel sees, in the
  // world and homogeneous, and A takes clip space to the pixel's frame: the gradient is one outer product with X.
  for (int i = 0; i < p.count; ++i) {
    const Corners<T> c(p, i, m, width, height);
    const double u = c.n0 * c.scale, v = c.n1 * c.scale;
    const double depth = (c.n0 * c.aw + c.n1 * c.bw + c.n2 * c.gw) * c.scale;
    const double du = static_cast<double>(g_u[i]), dv = static_cast<double>(g_v[i]);
    const double mean = du * u + dv * v;
    const double g0 = du - mean, g1 = dv - mean, g2 = -mean;
    const double factor = depth != 0 ? -c.scale / depth : 0;
    // The rows of V^-1 are the edge functions' gradients over V's determinant, depth sum; their z cancel.
    const double hx = factor * (g0 * (c.by * c.gw - c.bw * c.gy) + g1 * (c.gy * c.aw - c.gw * c.ay) +
                                g2 * (c.ay * c.bw - c.aw * c.by));
    const double hy = factor * (g0 * (c.bw * c.gx - c.bx * c.gw) + g1 * (c.gw * c.ax - c.gx * c.aw) +
                                g2 * (c.aw * c.bx - c.ax * c.bw));
    const double x = static_cast<double>(point[0][i]), y = static_cast<double>(point[1][i]),
                 z = static_cast<double>(point[2][i]);
    auto outer = [&](int first, double row) __attribute__((always_inline)) {
      part[first][i] = row * x;
      part[first + 1][i] = row * y;
      part[first + 2][i] = row * z;
      part[first + 3][i] = row;
    };
    outer(0, width * hx);
    outer(4, height * hy);
    outer(8, -p.cx[i] * hx - p.cy[i] * hy);
  }
  constexpr int kWidth = CameraGradient::kWidth;
  const int full = (p.count + kWidth - 1) / kWidth * kWidth;
  for (int which = 0; which < CameraGradient::kSums; ++which) {
    for (int i = p.count; i < full; ++i) part[which][i] = 0;
    for (int i = 0; i < full; i += kWidth)
      for (int lane = 0; lane < kWidth; ++lane) sums.sum[which][lane] += part[which][i + lane];
  }
}

template <typename T>
TVDR_INLINE void forward_mode(const PixelLanes<T>& p, double width, double height, const T* to_clip,
                              const T* to_clip_tangent, const PhongParameters& phong, const T* eye,
                              const T* eye_tangent, TangentLanes<T>& out) {
  const T light[3] = {static_cast<T>(phong.light[0]), static_cast<T>(phong.light[1]), static_cast<T>(phong.light[2])};
  const T ambient = static_cast<T>(phong.ambient), diffuse = static_cast<T>(phong.diffuse),
          gloss = static_cast<T>(phong.specular * phong.shininess);
  const T camera[3] = {eye[0], eye[1], eye[2]};
  const T ex = eye_tangent[0], ey = eye_tangent[1], ez = eye_tangent[2];
  T m[16], highlight[kLanes], sharp[kLanes], d_u[kLanes], d_v[kLanes], red[kLanes], green[kLanes], blue[kLanes];
  double d[16];
  for (int i = 0; i < 16; ++i) {
    m[i] = to_clip[i];
    d[i] = static_cast<double>(to_clip_tangent[i]);
  }
  for (int i = 0; i < p.count; ++i) highlight[i] = Terms<T>(p, i, light, camera).highlight;
  powers(p.count, highlight, phong.shininess - 1, sharp);
  for (int i = 0; i < p.count; ++i) {  // see `backward` for the formula
    const Corners<T> c(p, i, m, width, height);
    const Mixed<T> at(p, i);
    const double u = c.n0 * c.scale, v = c.n1 * c.scale;
    const double depth = (c.n0 * c.aw + c.n1 * c.bw + c.n2 * c.gw) * c.scale;
    const double factor = depth != 0 ? -c.scale / depth : 0;
    const double x = static_cast<double>(at.px), y = static_cast<double>(at.py), z = static_cast<double>(at.pz);
    const double qw = d[12] * x + d[13] * y + d[14] * z + d[15];
    const double qx = width * (d[0] * x + d[1] * y + d[2] * z + d[3]) - p.cx[i] * qw;
    const double qy = height * (d[4] * x + d[5] * y + d[6] * z + d[7]) - p.cy[i] * qw;
    const double b0 = factor * ((c.by * c.gw - c.bw * c.gy) * qx + (c.bw * c.gx - c.bx * c.gw) * qy + c.n0 * qw);
    const double b1 = factor * ((c.gy * c.aw - c.gw * c.ay) * qx + (c.gw * c.ax - c.gx * c.aw) * qy + c.n1 * qw);
    const double b2 = factor * ((c.ay * c.bw - c.aw * c.by) * qx + (c.aw * c.bx - c.ax * c.bw) * qy + c.n2 * qw);
    const double total = b0 + b1 + b2;
    d_u[i] = static_cast<T>(b0 - u * total);
    d_v[i] = static_cast<T>(b1 - v * total);
  }
  for (int i = 0; i < p.count; ++i) {
    const Terms<T> s(p, i, light, camera);
    const T du = d_u[i], dv = d_v[i];
    auto along = [&](int j) __attribute__((always_inline)) {
      return du * (p.attribute[j][i] - p.attribute[18 + j][i]) + dv * (p.attribute[9 + j][i] - p.attribute[18 + j][i]);
    };
    const T dx = along(0), dy = along(1), dz = along(2);
    T nx = along(3), ny = along(4), nz = along(5), lx = -dx, ly = -dy, lz = -dz;
    T cx = ex - dx, cy = ey - dy, cz = ez - dz;
    through(s.normal, nx, ny, nz);
    through(s.to_light, lx, ly, lz);
    through(s.to_camera, cx, cy, cz);
    const T lit = ambient + diffuse * (s.cosine < 0 ? T(0) : s.cosine);
    const T change = nx * s.to_light.x + ny * s.to_light.y + nz * s.to_light.z + s.normal.x * lx + s.normal.y * ly +
                     s.normal.z * lz;
    const T d_cosine = s.cosine > 0 ? change : T(0);
    const T twice = 2 * s.cosine, d_twice = 2 * d_cosine;
    const T mx = d_twice * s.normal.x + twice * nx - lx, my = d_twice * s.normal.y + twice * ny - ly,
            mz = d_twice * s.normal.z + twice * nz - lz;
    const T d_highlight = cx * s.mx + cy * s.my + cz * s.mz + s.to_camera.x * mx + s.to_camera.y * my +
                          s.to_camera.z * mz;
    const T shine = s.highlight > 0 ? gloss * d_highlight * sharp[i] : T(0);
    const T d_lit = diffuse * d_cosine;
    red[i] = lit * along(6) + d_lit * s.at.red + shine;
    green[i] = lit * along(7) + d_lit * s.at.green + shine;
    blue[i] = lit * along(8) + d_lit * s.at.blue + shine;
  }
  for (int i = 0; i < p.count; ++i) {
    out.u[i] = d_u[i];
    out.v[i] = d_v[i];
    out.rgb[0][i] = red[i];
    out.rgb[1][i] = green[i];
    out.rgb[2][i] = blue[i];
  }
}

#define TVDR_CLONE(T)                                                                                     \
  TVDR_CLONES void barycentrics_clone(PixelLanes<T>& p, double width, double height, const T* to_clip) {  \
    barycentrics(p, width, height, to_clip);                                                              \
  }                                                                                                       \
  TVDR_CLONES void shade_clone(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye,        \
                               ColorLanes<T>& out) {                                                      \
    shade(p, phong, eye, out);                                                                            \
  }                                                                                                       \
  TVDR_CLONES void backward_clone(const PixelLanes<T>& p, double width, double height, const T* to_clip,  \
                                  const PhongParameters& phong, const T* eye, const T(&g_rgb)[3][kLanes], \
                                  const T(*g_uv)[kLanes], CameraGradient& sums) {                         \
    backward(p, width, height, to_clip, phong, eye, g_rgb, g_uv, sums);                                              \
  }                                                                                                                  \
  TVDR_CLONES void forward_mode_clone(const PixelLanes<T>& p, double width, double height, const T* to_clip,         \
                                      const T* to_clip_tangent, const PhongParameters& phong, const T* eye,          \
                                      const T* eye_tangent, TangentLanes<T>& out) {                                  \
    forward_mode(p, width, height, to_clip, to_clip_tangent, phong, eye, eye_tangent, out);                                   \
  }
TVDR_CLONE(float)
TVDR_CLONE(double)

}  // namespace

template <typename T>
void find_barycentrics(PixelLanes<T>& p, const Image& image, const T* to_clip) {
  barycentrics_clone(p, static_cast<double>(image.width), static_cast<double>(image.height), to_clip);
}

template <typename T>
void shade_lanes(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye, ColorLanes<T>& out) {
  shade_clone(p, phong, eye, out);
}

template <typename T>
void shade_lanes_backward(const PixelLanes<T>& p, const Image& image, const T* to_clip, const PhongParameters& phong,
                          const T* eye, const T (&g_rgb)[3][kLanes], const T (*g_uv)[kLanes], CameraGradient& sums) {
  backward_clone(p, static_cast<double>(image.width), static_cast<double>(image.height), to_clip, phong, eye, g_rgb,
                 g_uv, sums);
}

template <typename T>
void shade_lanes_jvp(const PixelLanes<T>& p, const Image& image, const T* to_clip, const T* to_clip_tangent,
                     const PhongParameters& phong, const T* eye, const T* eye_tangent, TangentLanes<T>& out) {
  forward_mode_clone(p, static_cast<double>(image.width), static_cast<double>(image.height), to_clip, to_clip_tangent,
                     phong, eye, eye_tangent, out);
}

#define TVDR_INSTANTIATE(T)                                                                                          \
  template void find_barycentrics(PixelLanes<T>&, const Image&, const T*);                                           \
  template void shade_lanes(const PixelLanes<T>&, const PhongParameters&, const T*, ColorLanes<T>&);                 \
  template void shade_lanes_backward(const PixelLanes<T>&, const Image&, const T*, const PhongParameters&, const T*, \
                                     const T(&)[3][kLanes], const T(*)[kLanes], CameraGradient&);  \
  template void shade_lanes_jvp(const PixelLanes<T>&, const Image&, const T*, const T*, const PhongParameters&, const T*, \
                                const T*, TangentLanes<T>&);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
