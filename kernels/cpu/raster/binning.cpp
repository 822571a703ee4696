#include "raster/binning.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>

#include "core/clones.hpp"
#include "core/four.hpp"
#include "raster/facing.hpp"

namespace tvdr {
namespace {

constexpr int64_t kManyTiles = 16;

// Conservative bounds, and whether a centre in them may be covered. A full block always: one length, no remainder.
TVDR_CLONES void bound(TriangleBlock& t, float width, float height, float error) {
  for (int i = 0; i < kTriangleBlock; ++i) {
    const int32_t inside = bound_projected(t.x[0][i], t.y[0][i], t.x[1][i], t.y[1][i], t.x[2][i], t.y[2][i], width,
                                           height, error, t.x0[i], t.x1[i], t.y0[i], t.y1[i]);
    t.kept[i] = inside & !(t.outside[i] | t.unprojected[i]);
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
void Chunk::add(const RasterizeInputs<T>& in, int64_t b, const ScreenVertex* screen, int64_t first, int64_t last,
                int8_t* facing, [[maybe_unused]] const T* peel, [[maybe_unused]] Nearest<T>* visible) {
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
}

// A triangle with a vertex behind the camera, or far off the screen.
template <typename T>
void Chunk::add_unprojected(const RasterizeInputs<T>& in, int64_t b, int32_t id) {
  const T* pos = in.positions(b);
  const int32_t* index = in.tri + 3 * static_cast<int64_t>(id);
  const T* const corner[3] = {pos + 4 * static_cast<int64_t>(index[0]), pos + 4 * static_cast<int64_t>(index[1]),
                              pos + 4 * static_cast<int64_t>(index[2])};
  const PixelBounds bounds = bound_unprojected(corner, in.image);
  if (bounds.empty()) return;
  triangles_.push_back({id, static_cast<int16_t>(bounds.x0), static_cast<int16_t>(bounds.x1),
                        static_cast<int16_t>(bounds.y0), static_cast<int16_t>(bounds.y1)});
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

template void Chunk::add(const RasterizeInputs<float>&, int64_t, const ScreenVertex*, int64_t, int64_t, int8_t*,
                         const float*, Nearest<float>*);
template void Chunk::add(const RasterizeInputs<double>&, int64_t, const ScreenVertex*, int64_t, int64_t, int8_t*,
                         const double*, Nearest<double>*);

}  // namespace tvdr
