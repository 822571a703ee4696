#include "raster/binning.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

#include "core/clones.hpp"
#include "core/four.hpp"
#include "raster/facing.hpp"

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

// Conservative bounds, and whether a centre in them may be covered. A full block always: one length, no remainder.
TVDR_CLONES void bound(TriangleBlock& t, float width, float height, float error) {
  const float below = 0.5f + error, above = 0.5f - error, last_x = width - 1, last_y = height - 1;
  for (int i = 0; i < kTriangleBlock; ++i) {
    const float ax = t.x[0][i], bx = t.x[1][i], cx = t.x[2][i];
    const float ay = t.y[0][i], by = t.y[1][i], cy = t.y[2][i];
    float low_x = ax < bx ? ax : bx, high_x = ax < bx ? bx : ax, low_y = ay < by ? ay : by, high_y = ay < by ? by : ay;
    const float low_corner_x = low_x < cx ? low_x : cx, high_corner_x = high_x < cx ? cx : high_x;
    const float low_corner_y = low_y < cy ? low_y : cy, high_corner_y = high_y < cy ? cy : high_y;
    low_x = low_corner_x - below;
    high_x = high_corner_x - above;
    low_y = low_corner_y - below;
    high_y = high_corner_y - above;
    // Rounded up, and down, and clamped to the image; what is left of it has high < 0, what is right of it low > last.
    low_x = low_x > 0 ? (low_x < width ? low_x : width) : 0;
    low_y = low_y > 0 ? (low_y < height ? low_y : height) : 0;
    high_x = high_x > -1 ? (high_x < last_x ? high_x : last_x) : -1;
    high_y = high_y > -1 ? (high_y < last_y ? high_y : last_y) : -1;
    const int32_t whole_x = static_cast<int32_t>(low_x), whole_y = static_cast<int32_t>(low_y);
    t.x0[i] = whole_x + (static_cast<float>(whole_x) < low_x);
    t.y0[i] = whole_y + (static_cast<float>(whole_y) < low_y);
    t.x1[i] = high_x >= 0 ? static_cast<int32_t>(high_x) : -1;
    t.y1[i] = high_y >= 0 ? static_cast<int32_t>(high_y) : -1;
    // Most small triangles have one centre in their bounds, and miss it: two edge functions have opposite signs there.
    const float px = static_cast<float>(whole_x + (static_cast<float>(whole_x) < low_x)) + 0.5f,
                py = static_cast<float>(whole_y + (static_cast<float>(whole_y) < low_y)) + 0.5f;
    const float e0 = (bx - px) * (cy - py) - (by - py) * (cx - px);
    const float e1 = (cx - px) * (ay - py) - (cy - py) * (ax - px);
    const float e2 = (ax - px) * (by - py) - (ay - py) * (bx - px);
    const float low = e0 < e1 ? (e0 < e2 ? e0 : e2) : (e1 < e2 ? e1 : e2);
    const float high = e0 > e1 ? (e0 > e2 ? e0 : e2) : (e1 > e2 ? e1 : e2);
    const float wide = high_corner_x - low_corner_x, tall = high_corner_y - low_corner_y;
    const float doubt = edge_doubt((wide > tall ? wide : tall) + 2 * error, error);
    const int32_t single = (t.x0[i] == t.x1[i]) & (t.y0[i] == t.y1[i]), missed = (low < -doubt) & (high > doubt);
    t.kept[i] = (t.x0[i] <= t.x1[i]) & (t.y0[i] <= t.y1[i]) & !(single & missed) & !(t.outside[i] | t.unprojected[i]);
  }
}

// The block's corners, of `count` triangles and of the last one again.
void load(TriangleBlock& t, const ScreenVertex* screen, const int32_t* tri, int count) {
  static_assert(sizeof(ScreenVertex) == sizeof(Four<float>));
  for (int i = 0; i < kTriangleBlock; i += 4) {
    int32_t flags[3][4];
    for (int k = 0; k < 3; ++k) {
      Four<float> of[4];
      for (int j = 0; j < 4; ++j)
        of[j] = Four<float>::load(&screen[tri[3 * static_cast<int64_t>(std::min(i + j, count - 1)) + k]].x);
      transpose(of);
      of[0].store(&t.x[k][i]);
      of[1].store(&t.y[k][i]);
      std::memcpy(flags[k], &of[2], sizeof(flags[k]));
    }
    for (int j = 0; j < 4; ++j) {
      t.outside[i + j] = flags[0][j] & flags[1][j] & flags[2][j] & kAnyPlane;
      t.unprojected[i + j] = (flags[0][j] | flags[1][j] | flags[2][j]) & kUnprojected;
    }
  }
}

}  // namespace

template <typename T>
void Chunk::build(const RasterizeInputs<T>& in, int64_t b, const ScreenVertex* screen, int64_t first, int64_t last,
                  const TileGrid& grid, int8_t* facing, [[maybe_unused]] const T* peel,
                  [[maybe_unused]] Nearest<T>* visible) {
  std::optional<Fragmenter> fragmenter;
  if constexpr (std::is_same_v<T, float>) fragmenter.emplace(in, b, peel, visible);
  const float width = static_cast<float>(in.image.width), height = static_cast<float>(in.image.height),
              error = screen_error(in.image);
  TriangleBlock block;
  int32_t oriented[kTriangleBlock], kept[kTriangleBlock];
  for (int64_t start = first; start < last; start += kTriangleBlock) {
    const int count = static_cast<int>(std::min<int64_t>(kTriangleBlock, last - start));
    block.first = static_cast<int32_t>(start);
    load(block, screen, in.tri + 3 * start, count);
    bound(block, width, height, error);
    if (facing) {
      orient(block.x, block.y, error, oriented);
      for (int i = 0; i < count; ++i)
        facing[start + i] = static_cast<int8_t>(block.outside[i] | block.unprojected[i] ? 0 : oriented[i]);
    }
    int seen = 0, unprojected = 0;
    for (int i = 0; i < count; ++i) {
      kept[seen] = i;
      seen += block.kept[i];
      unprojected |= block.unprojected[i] && !block.outside[i];
    }
    for (int i = 0; unprojected && i < count; ++i) {
      if (!block.unprojected[i] || block.outside[i]) continue;
      if (facing) facing[start + i] = facing_of_unprojected(in.image, in.positions(b), in.tri + 3 * (start + i));
      add_unprojected(in, b, block.first + i);
    }
    for (int j = 0; j < seen; ++j) {
      const int i = kept[j], x0 = block.x0[i], x1 = block.x1[i], y0 = block.y0[i], y1 = block.y1[i];
      if constexpr (std::is_same_v<T, float>) {
        if (x1 - x0 < kSmallSide && y1 - y0 < kSmallSide) {
          fragmenter->add(block, i);
          continue;
        }
      }
      triangles_.push_back({block.first + i, static_cast<int16_t>(x0), static_cast<int16_t>(x1),
                            static_cast<int16_t>(y0), static_cast<int16_t>(y1)});
    }
    if (fragmenter) fragmenter->flush(block);
  }
  if (!triangles_.empty()) sort_into_tiles(grid);
}

// A triangle with a vertex behind the camera, or far off the screen.
template <typename T>
void Chunk::add_unprojected(const RasterizeInputs<T>& in, int64_t b, int32_t id) {
  const T* pos = in.positions(b);
  // Projection in T errs by a few units in the last place of numbers up to the image's size; anything beyond is off
  // screen.
  const double margin = std::max(in.image.width, in.image.height) * 0x1p-18;
  const T half_width = T(0.5) * static_cast<T>(in.image.width), half_height = T(0.5) * static_cast<T>(in.image.height);
  const int last_x = static_cast<int>(in.image.width - 1), last_y = static_cast<int>(in.image.height - 1);
  const int32_t* index = in.tri + 3 * static_cast<int64_t>(id);
  const T* const corner[3] = {pos + 4 * static_cast<int64_t>(index[0]), pos + 4 * static_cast<int64_t>(index[1]),
                              pos + 4 * static_cast<int64_t>(index[2])};
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
  if (x0 > x1 || y0 > y1) return;
  if (!finite(corner[0]) || !finite(corner[1]) || !finite(corner[2])) return;
  triangles_.push_back(
      {id, static_cast<int16_t>(x0), static_cast<int16_t>(x1), static_cast<int16_t>(y0), static_cast<int16_t>(y1)});
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
  next_.assign(offsets_.begin(), offsets_.end() - 1);
  for (size_t i = 0; i < triangles_.size(); ++i) {
    if (tiles_of(triangles_[i]) > kManyTiles) continue;
    for_each_tile(triangles_[i], [&](int64_t tile) { items_[next_[tile]++] = static_cast<int32_t>(i); });
  }
}

template void Chunk::build(const RasterizeInputs<float>&, int64_t, const ScreenVertex*, int64_t, int64_t,
                           const TileGrid&, int8_t*, const float*, Nearest<float>*);
template void Chunk::build(const RasterizeInputs<double>&, int64_t, const ScreenVertex*, int64_t, int64_t,
                           const TileGrid&, int8_t*, const double*, Nearest<double>*);

}  // namespace tvdr
