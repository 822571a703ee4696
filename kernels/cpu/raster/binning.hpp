// Which triangles may touch which tile of the image: transform, cull, bound, bin.
#pragma once

#include <cstdint>
#include <vector>

#include "raster/fragments.hpp"
#include "raster/rasterize.hpp"
#include "raster/screen.hpp"
#include "raster/visibility.hpp"

namespace tvdr {

// A triangle that may cover a pixel centre, with the inclusive pixel bounds outside of which it cannot.
struct BoundedTriangle {
  int32_t id;
  int16_t x0, x1, y0, y1;
};

constexpr int kTilePixels = 64 * 64;  // at most

struct TileGrid {
  int shift;
  int64_t size, columns, rows;  // size: 2^shift

  explicit TileGrid(const Image& image)
      : shift(image.pixels() <= 512 * 512 ? 5 : 6),
        size(int64_t{1} << shift),
        columns((image.width + size - 1) / size),
        rows((image.height + size - 1) / size) {}
  int64_t count() const { return columns * rows; }
};

// The triangles of a run of consecutive ids that may be seen: small ones leave their fragments at once, others are
// sorted into tiles. One in many tiles stands in `large` instead, so that memory stays bounded whatever the triangles'
// sizes.
class Chunk {
 public:
  // Forgets all, and keeps the memory.
  void clear() {
    triangles_.clear();
    large_.clear();
  }
  // Fragments are offered to `visible`, image b's pixels; in float32 only. Fills facing[first] to facing[last - 1],
  // too, see facing.hpp, if that is not null: 0 where a triangle is out of sight, as none of its edges is in
  // sight. `add` does it for one run of several, and `sort` follows the last.
  template <typename T>
  void build(const RasterizeInputs<T>& in, int64_t b, const ScreenVertex* screen, int64_t first, int64_t last,
             const TileGrid& grid, int8_t* facing, const T* peel, Nearest<T>* visible) {
    add(in, b, screen, first, last, facing, peel, visible);
    sort(grid);
  }
  template <typename T>
  void add(const RasterizeInputs<T>& in, int64_t b, const ScreenVertex* screen, int64_t first, int64_t last,
           int8_t* facing, const T* peel, Nearest<T>* visible);
  void sort(const TileGrid& grid) {
    if (!triangles_.empty()) sort_into_tiles(grid);
  }

  template <typename F>
  void for_each_in_tile(int64_t tile, F&& visit) const {
    if (triangles_.empty()) return;
    for (int32_t i = offsets_[tile]; i < offsets_[tile + 1]; ++i) visit(triangles_[items_[i]]);
    for (int32_t i : large_) visit(triangles_[i]);
  }

 private:
  template <typename T>
  void add_unprojected(const RasterizeInputs<T>& in, int64_t b, int32_t id);
  void sort_into_tiles(const TileGrid& grid);

  std::vector<BoundedTriangle> triangles_;
  std::vector<int32_t> offsets_;
  std::vector<int32_t> items_;
  std::vector<int32_t> large_;
  std::vector<int32_t> next_;
};

}  // namespace tvdr
