// Phong shading of one pixel of a triangle, with its derivatives by the camera: the same operations in the same order
// as `interpolate` and `shade` take, so the same bits. Everything is written out: loops over a few numbers would keep
// the loops over pixels that call this from being vectorised.
//
// `Attributes` gives what the triangle's corners hold, by a number: position, normal and colour of the first corner are
// 0 to 8, of the second 9 to 17, of the third 18 to 26.
#pragma once

#include "portable/geometry.hpp"

namespace tvdr {

// A pixel's triangle as `PixelTriangle` has it: the corners in clip space, rounded to T, seen from the pixel; and the z
// of the edge functions' triple products.
template <typename T>
struct Corners {
  double ax, ay, aw, bx, by, bw, gx, gy, gw, n0, n1, n2, sum, scale;

  // m: the clip matrix. cx, cy: the pixel's centre; width, height: the image's.
  template <typename Attributes>
  TVDR_INLINE Corners(const Attributes& attribute, double cx, double cy, const T* m, double width, double height) {
    auto seen = [&](int k, double& x, double& y, double& w) TVDR_INLINE_LAMBDA {
      const T px = attribute(k), py = attribute(k + 1), pz = attribute(k + 2);
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

  // u and v, clamped and rounded as rasterize returns them.
  TVDR_INLINE void barycentrics(T& u, T& v) const {
    const double u0 = n0 * scale, v0 = n1 * scale;
    const double u1 = u0 < 0 ? 0 : u0, u2 = 1 < u1 ? 1 : u1;
    const double most = 1 - u2, v1 = v0 < 0 ? 0 : v0, v2 = most < v1 ? most : v1;
    const T rounded = static_cast<T>(u2), left = T(1) - rounded, v_rounded = static_cast<T>(v2);
    u = rounded;
    v = left < v_rounded ? left : v_rounded;
  }

  // How u and v change. Seen from the pixel, the corners are the columns of a matrix V, the barycentrics b are
  // V^-1 (0, 0, 1) over its sum, and the camera's matrix M moves them as db = -(1 - b 1^T) V^-1 q over the depth, where
  // q = A dM X is how the point X that the pixel sees moves in the pixel's frame, to which A takes clip space. q's z
  // cancels.
  TVDR_INLINE void changes(T& u_x, T& u_y, T& v_x, T& v_y) const {
    const double u0 = n0 * scale, v0 = n1 * scale;
    const double depth = (n0 * aw + n1 * bw + n2 * gw) * scale;
    const double factor = depth != 0 ? -scale / depth : 0;
    // The rows of V^-1 are the edge functions' gradients over V's determinant, depth sum.
    const double x0 = by * gw - bw * gy, x1 = gy * aw - gw * ay, x2 = ay * bw - aw * by;
    const double y0 = bw * gx - bx * gw, y1 = gw * ax - gx * aw, y2 = aw * bx - ax * bw;
    const double x = x0 + x1 + x2, y = y0 + y1 + y2;
    u_x = static_cast<T>(factor * (x0 - u0 * x));
    v_x = static_cast<T>(factor * (x1 - v0 * x));
    u_y = static_cast<T>(factor * (y0 - u0 * y));
    v_y = static_cast<T>(factor * (y1 - v0 * y));
  }
};

// The whole number that the exponent is, or -1; compared first, as the conversion is undefined for what does not fit.
TVDR_INLINE int whole_exponent(double exponent) {
  const int whole = exponent >= 0 && exponent <= 1024 ? static_cast<int>(exponent) : -1;
  return whole == exponent ? whole : -1;
}

// base^exponent, of a base that is not negative.
template <typename T>
TVDR_INLINE T power(T base, double exponent) {
  const int whole = whole_exponent(exponent);
  if (whole < 0) return base > 0 ? static_cast<T>(raised(static_cast<double>(base), exponent)) : T(0);
  T result = 1;
  for (int bits = whole; bits; bits >>= 1) {
    if (bits & 1) result *= base;
    base *= base;
  }
  return result;
}

// A vector's direction; shorter vectors than kShortest are not normalised, as in PyTorch3D.
constexpr double kShortest = 1e-6;
template <typename T>
struct Direction {
  T x, y, z, scale;
  bool normalized;

  TVDR_INLINE Direction(T vx, T vy, T vz) {
    const T length = root(vx * vx + vy * vy + vz * vz);
    normalized = length > T(kShortest);
    scale = T(1) / (length < T(kShortest) ? T(kShortest) : length);
    x = scale * vx;
    y = scale * vy;
    z = scale * vz;
  }

  // A vector's change, from that of the vector or of its direction to the other's: the map is symmetric.
  TVDR_INLINE void through(T& gx, T& gy, T& gz) const {
    const T along = normalized ? x * gx + y * gy + z * gz : T(0);
    gx = scale * (gx - along * x);
    gy = scale * (gy - along * y);
    gz = scale * (gz - along * z);
  }
};

// The attributes at a pixel.
template <typename T>
struct Mixed {
  T px, py, pz, nx, ny, nz, red, green, blue;

  template <typename Attributes>
  TVDR_INLINE Mixed(const Attributes& attribute, T u, T v) {
    const T w0 = u, w1 = v, w2 = T(1) - u - v;
    auto mix = [&](int j)
                   TVDR_INLINE_LAMBDA { return w0 * attribute(j) + w1 * attribute(9 + j) + w2 * attribute(18 + j); };
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

// One pixel's terms of the Phong model.
template <typename T>
struct Terms {
  Mixed<T> at;
  Direction<T> normal, to_light, to_camera;
  T cosine, mx, my, mz, highlight;  // highlight: what is raised to the power of the shininess

  template <typename Attributes>
  TVDR_INLINE Terms(const Attributes& attribute, T u, T v, const T* light, const T* eye)
      : at(attribute, u, v),
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

  // What the vertex colour is multiplied by.
  TVDR_INLINE T lit(T ambient, T diffuse) const { return ambient + diffuse * (cosine < 0 ? T(0) : cosine); }

  // How the colour changes where u and v change by du and dv. shine: the specular term's derivative by the highlight.
  template <typename Attributes>
  TVDR_INLINE void moved(const Attributes& attribute, T du, T dv, T lit, T diffuse, T shine, T& d_red, T& d_green,
                         T& d_blue) const {
    auto along = [&](int j) TVDR_INLINE_LAMBDA {
      return du * (attribute(j) - attribute(18 + j)) + dv * (attribute(9 + j) - attribute(18 + j));
    };
    const T twice = 2 * cosine;
    const T dx = along(0), dy = along(1), dz = along(2);
    T nx = along(3), ny = along(4), nz = along(5), lx = -dx, ly = -dy, lz = -dz, cx = -dx, cy = -dy, cz = -dz;
    normal.through(nx, ny, nz);
    to_light.through(lx, ly, lz);
    to_camera.through(cx, cy, cz);
    const T change =
        nx * to_light.x + ny * to_light.y + nz * to_light.z + normal.x * lx + normal.y * ly + normal.z * lz;
    const T d_cosine = cosine > 0 ? change : T(0), d_twice = 2 * d_cosine, d_lit = diffuse * d_cosine;
    const T d_mx = d_twice * normal.x + twice * nx - lx, d_my = d_twice * normal.y + twice * ny - ly,
            d_mz = d_twice * normal.z + twice * nz - lz;
    const T d_shine =
        shine * (cx * mx + cy * my + cz * mz + to_camera.x * d_mx + to_camera.y * d_my + to_camera.z * d_mz);
    d_red = lit * along(6) + d_lit * at.red + d_shine;
    d_green = lit * along(7) + d_lit * at.green + d_shine;
    d_blue = lit * along(8) + d_lit * at.blue + d_shine;
  }

  // How the colours, all three alike, change with the eye.
  TVDR_INLINE void eye_change(T shine, T& ex, T& ey, T& ez) const {
    ex = shine * mx;
    ey = shine * my;
    ez = shine * mz;
    to_camera.through(ex, ey, ez);
  }
};

// How a pixel changes with the camera. A change of the clip matrix moves the point that it sees, `point` in the world
// frame, by (dx, dy, dw) in clip space, and so in the pixel's frame by q = (width dx - cx dw, height dy - cy dw):
// colours, u and v change in proportion to q's two numbers, and the colours, all three alike, with the eye's position.
template <typename T>
struct PixelChange {
  T red_x, green_x, blue_x, red_y, green_y, blue_y;  // with q's first number, with its second
  T u_x, u_y, v_x, v_y;
  T px, py, pz, ex, ey, ez;  // the point; the colours with the eye

  // The gradients of the camera: into(0) to into(11) of the clip matrix's rows x, y and w, into(12) to into(14) of the
  // eye, from those of the colour, of u and of v.
  template <typename Into>
  TVDR_INLINE void gradient(T red, T green, T blue, T u, T v, T cx, T cy, T width, T height, Into&& into) const {
    const T hx = red * red_x + green * green_x + blue * blue_x + u * u_x + v * v_x;
    const T hy = red * red_y + green * green_y + blue * blue_y + u * u_y + v * v_y;
    auto outer = [&](int first, T row) TVDR_INLINE_LAMBDA {
      into(first, row * px);
      into(first + 1, row * py);
      into(first + 2, row * pz);
      into(first + 3, row);
    };
    outer(0, width * hx);
    outer(4, height * hy);
    outer(8, -cx * hx - cy * hy);
    const T all = red + green + blue;
    into(12, all * ex);
    into(13, all * ey);
    into(14, all * ez);
  }

  // Forward mode, along tangents of the matrix m and of the eye: color has three numbers, uv two.
  TVDR_INLINE void tangent(const double* m, const T* eye, double cx, double cy, double width, double height, T* color,
                           T* uv) const {
    const double x = static_cast<double>(px), y = static_cast<double>(py), z = static_cast<double>(pz);
    const double dw = m[12] * x + m[13] * y + m[14] * z + m[15];
    const T qx = static_cast<T>(width * (m[0] * x + m[1] * y + m[2] * z + m[3]) - cx * dw);
    const T qy = static_cast<T>(height * (m[4] * x + m[5] * y + m[6] * z + m[7]) - cy * dw);
    const T all = eye[0] * ex + eye[1] * ey + eye[2] * ez;
    color[0] = qx * red_x + qy * red_y + all;
    color[1] = qx * green_x + qy * green_y + all;
    color[2] = qx * blue_x + qy * blue_y + all;
    uv[0] = qx * u_x + qy * u_y;
    uv[1] = qx * v_x + qy * v_y;
  }
};

}  // namespace tvdr
