// One tile of the image, and the triangles that are drawn into it by their planes.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "raster/binning.hpp"
#include "raster/rasterize.hpp"
#include "raster/visibility.hpp"

namespace tvdr {

// Depth as it is compared and returned. Rounded, so that coplanar surfaces tie, and the lower id wins; in float32 the
// type's own rounding does it.
inline float depth_key(double z, float) { return static_cast<float>(z); }
inline double depth_key(double z, double) {
  constexpr double shift = 0x1.8p12;  // its last place is 2^-40
  return (z + shift) - shift;
}

// A triangle's edge functions and z/w as planes over (cx, cy), with the bound below which the sign of an edge function
// is in doubt.
struct Planes {
  Vec3 edge[3];
  Vec3 depth;
  double doubt;
  double nearest, farthest;
  bool crosses_camera;

  template <typename T>
  bool set_up(const T* pos, const int32_t* index, const Image& image) {
    Vec3 v[3];
    double z[3];
    const T* corner[3];
    for (int k = 0; k < 3; ++k) corner[k] = pos + 4 * static_cast<int64_t>(index[k]);
    // In an order of their own, so that the same triangle given twice has the same depth to the last bit; in float32
    // `depth_key` rounds that away.
    if constexpr (sizeof(T) == sizeof(double))
      std::sort(corner, corner + 3,
                [](const T* p, const T* q) { return std::lexicographical_compare(p, p + 4, q, q + 4); });
    for (int k = 0; k < 3; ++k) {
      const T* p = corner[k];
      v[k] = scaled_vertex(p, image);
      z[k] = p[2];
    }
    if constexpr (sizeof(T) == sizeof(double)) {
      // Products of three coordinates, as seen from any pixel, must not overflow; those of floats cannot.
      double largest = 0;
      for (const Vec3& p : v)
        largest = std::max(
            {largest, std::abs(p.x) + image.width * std::abs(p.z), std::abs(p.y) + image.height * std::abs(p.z)});
      if (largest > 1e90 || std::max({std::abs(z[0]), std::abs(z[1]), std::abs(z[2])}) > 1e90) return false;
    }
    depth = {0, 0, 0};
    doubt = 0;
    for (int k = 0; k < 3; ++k) {
      const Vec3 p = v[(k + 1) % 3], q = v[(k + 2) % 3];
      edge[k] = cross(p, q);
      depth += z[k] * edge[k];
      const double bound = image.width * (std::abs(p.y * q.z) + std::abs(p.z * q.y)) +
                           image.height * (std::abs(p.z * q.x) + std::abs(p.x * q.z)) + std::abs(p.x * q.y) +
                           std::abs(p.y * q.x);
      doubt = std::max(doubt, 0x1p-49 * bound);
    }
    const double determinant = dot(edge[0], v[0]);
    if (!std::isfinite(determinant)) return false;
    crosses_camera = !(v[0].z > 0 && v[1].z > 0 && v[2].z > 0);
    nearest = -1;
    farthest = 1;
    if (!crosses_camera) {
      // The plane of a sliver is ill-conditioned; its depth still lies between its vertices'.
      const double d[3] = {z[0] / v[0].z, z[1] / v[1].z, z[2] / v[2].z};
      nearest = std::min({d[0], d[1], d[2]});
      farthest = std::max({d[0], d[1], d[2]});
    }
    const Vec3& e = edge[0];
    if (std::abs(determinant) > 0x1p-49 * (std::abs(e.x * v[0].x) + std::abs(e.y * v[0].y) + std::abs(e.z * v[0].z))) {
      depth = (1 / determinant) * depth;
      // The orientation that all edge functions share inside is turned to +1.
      const double orientation = determinant > 0 ? 1 : -1;
      for (Vec3& n : edge) n = orientation * n;
      return true;
    }
    // Thinner than rounding can tell: every pixel is decided exactly. Seen edge-on from within, there is nothing to
    // see.
    doubt = std::numeric_limits<double>::infinity();
    depth = {0, 0, 0.5 * (nearest + farthest)};
    return !crosses_camera;
  }

  // Narrows [x0, x1] to the pixels of a row that can be inside.
  void clip_row(double cy, const Image& image, int64_t& x0, int64_t& x1) const {
    for (const Vec3& e : edge) {
      const double rest = e.y * cy + e.z + doubt;
      if (e.x == 0) {
        if (rest < 0) x1 = x0 - 1;
        continue;
      }
      // e.x cx + rest >= 0, and cx = 2 px + 1 - width
      const double px = 0.5 * (-rest / e.x - 1 + static_cast<double>(image.width));
      if (!std::isfinite(px)) continue;
      if (e.x > 0) {
        x0 = static_cast<int64_t>(std::clamp(std::floor(px), static_cast<double>(x0), static_cast<double>(x1) + 1));
      } else {
        x1 = static_cast<int64_t>(std::clamp(std::ceil(px), static_cast<double>(x0) - 1, static_cast<double>(x1)));
      }
    }
  }
};

// Draws triangles into one tile of a visibility buffer.
template <typename T>
class Tile {
 public:
  // visible: image b's pixels.
  Tile(const RasterizeInputs<T>& in, int64_t b, const TileGrid& grid, int64_t tile, const T* peel, Nearest<T>* visible)
      : in_(in),
        b_(b),
        x0_(tile % grid.columns * grid.size),
        y0_(tile / grid.columns * grid.size),
        x1_(std::min(x0_ + grid.size, in.image.width) - 1),
        y1_(std::min(y0_ + grid.size, in.image.height) - 1),
        peel_(peel ? peel + 4 * b * in.image.pixels() : nullptr),
        visible_(visible) {}

  void draw(const BoundedTriangle& triangle) {
    const int64_t y0 = std::max<int64_t>(triangle.y0, y0_), y1 = std::min<int64_t>(triangle.y1, y1_);
    const int64_t left = std::max<int64_t>(triangle.x0, x0_), right = std::min<int64_t>(triangle.x1, x1_);
    if (left > right || y0 > y1) return;
    const int32_t* index = in_.tri + 3 * static_cast<int64_t>(triangle.id);
    const T* pos = in_.positions(b_);
    Planes planes;
    if (!planes.set_up(pos, index, in_.image)) return;
    const Vec3 &e0 = planes.edge[0], &e1 = planes.edge[1], &e2 = planes.edge[2];
    for (int64_t py = y0; py <= y1; ++py) {
      const double cy = in_.image.center_y(py);
      int64_t x0 = left, x1 = right;
      if (x1 - x0 >= 8) planes.clip_row(cy, in_.image, x0, x1);
      const double r0 = e0.y * cy + e0.z, r1 = e1.y * cy + e1.z, r2 = e2.y * cy + e2.z;
      const double rz = planes.depth.y * cy + planes.depth.z;
      for (int64_t px = x0; px <= x1; ++px) {
        const double cx = in_.image.center_x(px);
        const double least = std::min({e0.x * cx + r0, e1.x * cx + r1, e2.x * cx + r2});
        if (least < -planes.doubt) continue;
        if (!(least > planes.doubt) && !covers_exactly(pos, index, cx, cy, planes)) continue;
        const double z = planes.depth.x * cx + rz;
        // Where z/w is not in [-1, 1] the near or the far plane clips the triangle.
        if (!(z >= -1 && z <= 1) && (planes.crosses_camera || planes.nearest < -1 || planes.farthest > 1)) continue;
        write(px, py, depth_key(std::clamp(std::clamp(z, planes.nearest, planes.farthest), -1.0, 1.0), T()),
              triangle.id);
      }
    }
  }

  // The pixels of the tile, inclusive bounds.
  int64_t x0() const { return x0_; }
  int64_t x1() const { return x1_; }
  int64_t y0() const { return y0_; }
  int64_t y1() const { return y1_; }

  const Nearest<T>& at(int64_t px, int64_t py) const { return visible_[py * in_.image.width + px]; }

 private:
  bool covers_exactly(const T* pos, const int32_t* index, double cx, double cy, const Planes& planes) const {
    const PixelTriangle t(pos, index, in_.image, cx, cy);
    const int orientation = covers(t.v);
    if (orientation == 0) return false;
    // With vertices behind the camera the same signs also hold where the ray meets the triangle's plane behind it.
    return !planes.crosses_camera || (orientation > 0) == (dot(t.n[0], t.v[0]) > 0);
  }

  void write(int64_t px, int64_t py, T z, int32_t id) {
    const int64_t pixel = py * in_.image.width + px;
    if (peel_ && !behind(peel_ + 4 * pixel, z, id)) return;
    offer(visible_[pixel], {z, id}, in_.ids);
  }

  const RasterizeInputs<T>& in_;
  int64_t b_, x0_, y0_, x1_, y1_;
  const T* peel_;
  Nearest<T>* visible_;
};

}  // namespace tvdr
