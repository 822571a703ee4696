#include "binning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tvdr {
namespace {

constexpr int64_t kManyTiles = 16;

// Conservative bounds on the screen, in pixels (row 0 at y = -1).
struct Bounds {
  double x0 = std::numeric_limits<double>::infinity(), x1 = -x0, y0 = x0, y1 = -x0;

  void add(double x, double y) {
    x0 = std::min(x0, x);
    x1 = std::max(x1, x);
    y0 = std::min(y0, y);
    y1 = std::max(y1, y);
  }
};

struct ClipVertex {
  double x, y, z, w;
  double near_distance() const { return z + w; }
};

ClipVertex lerp(const ClipVertex& p, const ClipVertex& q, double t) {
  return {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y), p.z + t * (q.z - p.z), p.w + t * (q.w - p.w)};
}

// Bounds of the part in front of the near plane, for a triangle with vertices behind the camera. The whole screen where
// that part comes too close to w = 0 to be projected; nothing where there is no such part.
template <typename T>
Bounds bounds_in_front(const T* const (&corner)[3], const Image& image) {
  ClipVertex polygon[3];
  double largest_w = 0;
  for (int k = 0; k < 3; ++k) {
    polygon[k] = {corner[k][0], corner[k][1], corner[k][2], corner[k][3]};
    largest_w = std::max(largest_w, std::abs(polygon[k].w));
  }
  Bounds bounds;
  bool unbounded = false;
  auto add = [&](const ClipVertex& v) {
    if (v.w > 1e-9 * largest_w) {
      bounds.add((v.x / v.w * 0.5 + 0.5) * image.width, (v.y / v.w * 0.5 + 0.5) * image.height);
    } else {
      unbounded = true;
    }
  };
  for (int k = 0; k < 3; ++k) {
    const ClipVertex &p = polygon[k], &q = polygon[(k + 1) % 3];
    const double dp = p.near_distance(), dq = q.near_distance();
    if (dp >= 0) add(p);
    if ((dp >= 0) != (dq >= 0)) add(lerp(p, q, dp / (dp - dq)));
  }
  if (unbounded) {
    bounds.add(0, 0);
    bounds.add(image.width, image.height);
  }
  return bounds;
}

constexpr uint32_t kLeft = 1, kRight = 2, kBelow = 4, kAbove = 8, kNear = 16, kFar = 32;

template <typename T>
uint32_t outside_of_view(const T* v) {
  const T x = v[0], y = v[1], z = v[2], w = v[3];
  return (x < -w ? kLeft : 0) | (x > w ? kRight : 0) | (y < -w ? kBelow : 0) | (y > w ? kAbove : 0) |
         (z < -w ? kNear : 0) | (z > w ? kFar : 0);
}

// ceil and floor, clamped to the image; without SSE4.1 the library's are calls.
int first_not_below(double x) {
  if (!(x > 0)) return 0;
  const int whole = static_cast<int>(std::min(x, 1e6));
  return whole + (whole < x);
}
int last_not_above(double x, int last) {
  return x >= 0 ? static_cast<int>(std::min(x, static_cast<double>(last))) : -1;
}

template <typename T>
bool finite(const T* v) {
  return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]) && std::isfinite(v[3]);
}

}  // namespace

template <typename T>
void Chunk::build(const RasterizeInputs<T>& in, int64_t b, int64_t first, int64_t last, const TileGrid& grid) {
  const T* pos = in.positions(b);
  // Projection in T errs by a few units in the last place of numbers up to the image's size; anything beyond is off
  // screen.
  const double margin = std::max(in.image.width, in.image.height) * 0x1p-18;
  const T half_width = T(0.5) * static_cast<T>(in.image.width), half_height = T(0.5) * static_cast<T>(in.image.height);
  const int last_x = static_cast<int>(in.image.width - 1), last_y = static_cast<int>(in.image.height - 1);
  for (int64_t id = first; id < last; ++id) {
    const int32_t* index = in.tri + 3 * id;
    const T* const corner[3] = {pos + 4 * static_cast<int64_t>(index[0]), pos + 4 * static_cast<int64_t>(index[1]),
                                pos + 4 * static_cast<int64_t>(index[2])};
    if (outside_of_view(corner[0]) & outside_of_view(corner[1]) & outside_of_view(corner[2])) continue;
    Bounds bounds;
    if (corner[0][3] > 0 && corner[1][3] > 0 && corner[2][3] > 0) {
      for (const T* v : corner) {
        bounds.add(v[0] / v[3] * half_width + half_width, v[1] / v[3] * half_height + half_height);
      }
    } else {
      bounds = bounds_in_front(corner, in.image);
    }
    // Pixel centres are at half-integers. A bound that is not a number leaves nothing of the triangle.
    const int x0 = first_not_below(bounds.x0 - 0.5 - margin), x1 = last_not_above(bounds.x1 - 0.5 + margin, last_x);
    const int y0 = first_not_below(bounds.y0 - 0.5 - margin), y1 = last_not_above(bounds.y1 - 0.5 + margin, last_y);
    if (x0 > x1 || y0 > y1) continue;
    if (!finite(corner[0]) || !finite(corner[1]) || !finite(corner[2])) continue;
    triangles_.push_back({static_cast<int32_t>(id), static_cast<int16_t>(x0), static_cast<int16_t>(x1),
                          static_cast<int16_t>(y0), static_cast<int16_t>(y1)});
  }
  if (!triangles_.empty()) sort_into_tiles(grid);
}

void Chunk::sort_into_tiles(const TileGrid& grid) {
  offsets_.assign(grid.count() + 1, 0);
  auto for_each_tile = [&](const BoundedTriangle& t, auto&& visit) {
    for (int64_t row = t.y0 / grid.size; row <= t.y1 / grid.size; ++row)
      for (int64_t column = t.x0 / grid.size; column <= t.x1 / grid.size; ++column) visit(row * grid.columns + column);
  };
  auto tiles_of = [&](const BoundedTriangle& t) {
    return (t.x1 / grid.size - t.x0 / grid.size + 1) * (t.y1 / grid.size - t.y0 / grid.size + 1);
  };
  for (size_t i = 0; i < triangles_.size(); ++i) {
    if (tiles_of(triangles_[i]) > kManyTiles) {
      large_.push_back(static_cast<int32_t>(i));
    } else {
      for_each_tile(triangles_[i], [&](int64_t tile) { ++offsets_[tile + 1]; });
    }
  }
  for (int64_t tile = 0; tile < grid.count(); ++tile) offsets_[tile + 1] += offsets_[tile];
  items_.resize(offsets_.back());
  std::vector<int32_t> next(offsets_.begin(), offsets_.end() - 1);
  for (size_t i = 0; i < triangles_.size(); ++i) {
    if (tiles_of(triangles_[i]) > kManyTiles) continue;
    for_each_tile(triangles_[i], [&](int64_t tile) { items_[next[tile]++] = static_cast<int32_t>(i); });
  }
}

template void Chunk::build(const RasterizeInputs<float>&, int64_t, int64_t, int64_t, const TileGrid&);
template void Chunk::build(const RasterizeInputs<double>&, int64_t, int64_t, int64_t, const TileGrid&);

}  // namespace tvdr
