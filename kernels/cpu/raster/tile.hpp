// One tile of the image, and the triangles that are drawn into it by their planes.
#pragma once

#include <algorithm>
#include <cmath>

#include "portable/planes.hpp"
#include "raster/binning.hpp"
#include "raster/rasterize.hpp"
#include "raster/visibility.hpp"

namespace tvdr {

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
    for (int64_t py = y0; py <= y1; ++py) {
      const double cy = in_.image.center_y(py);
      int64_t x0 = left, x1 = right;
      if (x1 - x0 >= 8) clip_row(planes, cy, x0, x1);
      const Planes::Row row = planes.row(cy);
      for (int64_t px = x0; px <= x1; ++px) {
        const double cx = in_.image.center_x(px);
        double z;
        if (planes.cover(row, cx, cy, pos, index, in_.image) && planes.in_view(row, cx, z))
          write(px, py, depth_key(z, T()), triangle.id);
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
  // Narrows [x0, x1] to the pixels of a row that can be inside.
  void clip_row(const Planes& planes, double cy, int64_t& x0, int64_t& x1) const {
    for (const Vec3& e : planes.edge) {
      const double rest = e.y * cy + e.z + planes.doubt;
      if (e.x == 0) {
        if (rest < 0) x1 = x0 - 1;
        continue;
      }
      // e.x cx + rest >= 0, and cx = 2 px + 1 - width
      const double px = 0.5 * (-rest / e.x - 1 + static_cast<double>(in_.image.width));
      if (!std::isfinite(px)) continue;
      if (e.x > 0) {
        x0 = static_cast<int64_t>(std::clamp(std::floor(px), static_cast<double>(x0), static_cast<double>(x1) + 1));
      } else {
        x1 = static_cast<int64_t>(std::clamp(std::ceil(px), static_cast<double>(x0) - 1, static_cast<double>(x1)));
      }
    }
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
