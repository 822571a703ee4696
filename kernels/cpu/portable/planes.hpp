// A triangle's edge functions and depth as planes over the image: which pixels it covers, and z/w there.
#pragma once

#include "portable/geometry.hpp"

namespace tvdr {

// Depth as it is compared and returned. Rounded, so that coplanar surfaces tie, and the lower id wins; in float32 the
// type's own rounding does it.
inline float depth_key(double z, float) { return static_cast<float>(z); }
inline double depth_key(double z, double) {
  constexpr double shift = 0x1.8p12;  // its last place is 2^-40
  return (z + shift) - shift;
}

// The order of their four numbers.
template <typename T>
bool comes_before(const T* p, const T* q) {
  for (int i = 0; i < 4; ++i) {
    if (p[i] < q[i]) return true;
    if (q[i] < p[i]) return false;
  }
  return false;
}

// Edge functions and z/w as planes over (cx, cy), with the bound below which the sign of an edge function is in doubt.
struct Planes {
  Vec3 edge[3];
  Vec3 depth;
  double doubt;
  double nearest, farthest;
  bool crosses_camera;

  // The same along a row of pixels, without cx.
  struct Row {
    double edge[3];
    double depth;
  };

  // False where nothing is to be seen of the triangle.
  template <typename T>
  bool set_up(const T* pos, const int32_t* index, const Image& image) {
    Vec3 v[3];
    double z[3];
    const T* corner[3];
    for (int k = 0; k < 3; ++k) corner[k] = pos + 4 * static_cast<int64_t>(index[k]);
    // In an order of their own, so that the same triangle given twice has the same depth to the last bit; in float32
    // `depth_key` rounds that away.
    if constexpr (sizeof(T) == sizeof(double)) {
      auto sort = [&](int i, int j) {
        if (!comes_before(corner[j], corner[i])) return;
        const T* const other = corner[i];
        corner[i] = corner[j];
        corner[j] = other;
      };
      sort(0, 1);
      sort(1, 2);
      sort(0, 1);
    }
    for (int k = 0; k < 3; ++k) {
      const T* p = corner[k];
      v[k] = scaled_vertex(p, image);
      z[k] = p[2];
    }
    if constexpr (sizeof(T) == sizeof(double)) {
      // Products of three coordinates, as seen from any pixel, must not overflow; those of floats cannot.
      double largest = 0;
      for (const Vec3& p : v)
        largest = greatest(largest, absolute(p.x) + static_cast<double>(image.width) * absolute(p.z),
                           absolute(p.y) + static_cast<double>(image.height) * absolute(p.z));
      if (largest > 1e90 || greatest(absolute(z[0]), absolute(z[1]), absolute(z[2])) > 1e90) return false;
    }
    depth = {0, 0, 0};
    doubt = 0;
    for (int k = 0; k < 3; ++k) {
      const Vec3 p = v[(k + 1) % 3], q = v[(k + 2) % 3];
      edge[k] = cross(p, q);
      depth += z[k] * edge[k];
      const double bound = static_cast<double>(image.width) * (absolute(p.y * q.z) + absolute(p.z * q.y)) +
                           static_cast<double>(image.height) * (absolute(p.z * q.x) + absolute(p.x * q.z)) +
                           absolute(p.x * q.y) + absolute(p.y * q.x);
      doubt = greater(doubt, 0x1p-49 * bound);
    }
    const double determinant = dot(edge[0], v[0]);
    if (!is_finite(determinant)) return false;
    crosses_camera = !(v[0].z > 0 && v[1].z > 0 && v[2].z > 0);
    nearest = -1;
    farthest = 1;
    if (!crosses_camera) {
      // The plane of a sliver is ill-conditioned; its depth still lies between its vertices'.
      const double d[3] = {z[0] / v[0].z, z[1] / v[1].z, z[2] / v[2].z};
      nearest = least(d[0], d[1], d[2]);
      farthest = greatest(d[0], d[1], d[2]);
    }
    const Vec3& e = edge[0];
    if (absolute(determinant) > 0x1p-49 * (absolute(e.x * v[0].x) + absolute(e.y * v[0].y) + absolute(e.z * v[0].z))) {
      depth = (1 / determinant) * depth;
      // The orientation that all edge functions share inside is turned to +1.
      const double orientation = determinant > 0 ? 1 : -1;
      for (Vec3& n : edge) n = orientation * n;
      return true;
    }
    // Thinner than rounding can tell: every pixel is decided exactly. Seen edge-on from within, there is nothing to
    // see.
    doubt = infinity();
    depth = {0, 0, 0.5 * (nearest + farthest)};
    return !crosses_camera;
  }

  TVDR_INLINE Row row(double cy) const {
    return {{edge[0].y * cy + edge[0].z, edge[1].y * cy + edge[1].z, edge[2].y * cy + edge[2].z},
            depth.y * cy + depth.z};
  }

  // Whether the pixel at cx of a row is covered. pos, index and image: those of `set_up`.
  template <typename T>
  TVDR_INLINE bool cover(const Row& row, double cx, double cy, const T* pos, const int32_t* index,
                         const Image& image) const {
    const double lowest =
        least(edge[0].x * cx + row.edge[0], edge[1].x * cx + row.edge[1], edge[2].x * cx + row.edge[2]);
    if (lowest < -doubt) return false;
    return lowest > doubt || cover_exactly(pos, index, image, cx, cy);
  }

  // z/w there; false where the near or the far plane clips the triangle.
  TVDR_INLINE bool in_view(const Row& row, double cx, double& z) const {
    z = depth.x * cx + row.depth;
    if (!(z >= -1 && z <= 1) && (crosses_camera || nearest < -1 || farthest > 1)) return false;
    z = clamped(clamped(z, nearest, farthest), -1.0, 1.0);
    return true;
  }

 private:
  template <typename T>
  bool cover_exactly(const T* pos, const int32_t* index, const Image& image, double cx, double cy) const {
    const PixelTriangle t(pos, index, image, cx, cy);
    const int orientation = covers(t.v);
    if (orientation == 0) return false;
    // With vertices behind the camera the same signs also hold where the ray meets the triangle's plane behind it.
    return !crosses_camera || (orientation > 0) == (dot(t.n[0], t.v[0]) > 0);
  }
};

}  // namespace tvdr
