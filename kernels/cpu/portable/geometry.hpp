// Homogeneous triangles seen from a pixel: the mathematics that every op shares.
//
// Clip-space vertices are scaled to V = (W x, H y, w), and a pixel's centre to (cx, cy) = (2 px + 1 - W, 2 py + 1 - H),
// an integer: one pixel is two units. Seen from the pixel, a vertex is V' = (W x - cx w, H y - cy w, w) = (a, c, w),
// and the edge function of an edge i -> j is the triple product of the two vertices and the pixel's ray, e = a_i c_j -
// c_i a_j. Nothing is divided by w, so vertices behind the camera need no clipping (Olano and Greer, "Triangle Scan
// Conversion using 2D Homogeneous Coordinates", 1997).
#pragma once

#include "portable/numbers.hpp"

namespace tvdr {

struct Vec3 {
  double x, y, z;
};

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator*(double s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
inline Vec3& operator+=(Vec3& a, Vec3 b) { return a = a + b; }
inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }

struct Image {
  int64_t batch, height, width;
  int64_t pixels() const { return height * width; }
  double center_x(int64_t px) const { return static_cast<double>(2 * px + 1 - width); }
  double center_y(int64_t py) const { return static_cast<double>(2 * py + 1 - height); }
};

template <typename T>
Vec3 scaled_vertex(const T* pos, const Image& image) {
  return {static_cast<double>(image.width) * pos[0], static_cast<double>(image.height) * pos[1],
          static_cast<double>(pos[3])};
}

inline Vec3 seen_from(Vec3 v, double cx, double cy) { return {v.x - cx * v.z, v.y - cy * v.z, v.z}; }

// The sign of a * d - b * c, exactly. Rounding is monotonic, so unequal rounded products already decide; when they are
// equal, the rounding errors (which a fused multiply-add gives exactly) do.
inline int sign_of_difference(double a, double d, double b, double c) {
  const double p = a * d, q = b * c;
  if (p > q) return 1;
  if (p < q) return -1;
  const double ep = fused(a, d, -p), eq = fused(b, c, -q);
  return (ep > eq) - (ep < eq);
}

// The sign of the edge function of i -> j at the pixel that u and v are seen from. On the edge itself the pixel counts
// as moved by an infinitesimal (1, 1/infinity) to the right and up, the same for all triangles: so a centre on a shared
// edge, or on a shared vertex, belongs to exactly one of them. 0 only if the edge has no extent on the screen.
inline int edge_sign(Vec3 u, Vec3 v) {
  if (const int s = sign_of_difference(u.x, v.y, u.y, v.x)) return s;
  if (const int s = sign_of_difference(u.y, v.z, u.z, v.y)) return s;
  return -sign_of_difference(u.x, v.z, u.z, v.x);
}

// +1 or -1 (the triangle's orientation on the screen) where the pixel is covered, 0 where it is not.
inline int covers(const Vec3 (&v)[3]) {
  const int s = edge_sign(v[1], v[2]);
  return s != 0 && s == edge_sign(v[2], v[0]) && s == edge_sign(v[0], v[1]) ? s : 0;
}

// A triangle seen from one pixel: n[k] = (de_k/dcx, de_k/dcy, e_k) of the edge opposite vertex k, and their sum.
struct PixelTriangle {
  Vec3 v[3];
  Vec3 n[3];
  Vec3 sum;

  template <typename T>
  PixelTriangle(const T* pos, const int32_t* tri, const Image& image, double cx, double cy)
      : PixelTriangle(scaled_vertex(pos + 4 * static_cast<int64_t>(tri[0]), image),
                      scaled_vertex(pos + 4 * static_cast<int64_t>(tri[1]), image),
                      scaled_vertex(pos + 4 * static_cast<int64_t>(tri[2]), image), cx, cy) {}

  PixelTriangle(Vec3 a, Vec3 b, Vec3 c, double cx, double cy)
      : v{seen_from(a, cx, cy), seen_from(b, cx, cy), seen_from(c, cx, cy)} {
    for (int k = 0; k < 3; ++k) n[k] = cross(v[(k + 1) % 3], v[(k + 2) % 3]);
    sum = n[0] + n[1] + n[2];
  }
};

}  // namespace tvdr
