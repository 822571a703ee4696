// Which triangles may touch which tile of the image: transform, cull, bound, bin.
#pragma once

#include <cstdint>
#include <vector>

#include "rasterize.hpp"

namespace tvdr {

// A triangle that may cover a pixel centre, with the inclusive pixel bounds outside of which it cannot.
struct BoundedTriangle {
  int32_t id;
  int16_t x0, x1, y0, y1;
};

struct TileGrid {
  int64_t size, columns, rows;

  explicit TileGrid(const Image& image)
      : size(image.pixels() <= 512 * 512 ? 32 : 64),
        columns((image.width + size - 1) / size),
        rows((image.height + size - 1) / size) {}
  int64_t count() const { return columns * rows; }
};

// The bounded triangles of one run of consecutive ids, sorted into tiles; one in many tiles stands in `large` instead,
// so that memory stays bounded whatever the triangles' sizes.
class Chunk {
 public:
  template <typename T>
  void build(const RasterizeInputs<T>& in, int64_t b, int64_t first, int64_t last, const TileGrid& grid);

  template <typename F>
  void for_each_in_tile(int64_t tile, F&& visit) const {
    if (triangles_.empty()) return;
    for (int32_t i = offsets_[tile]; i < offsets_[tile + 1]; ++i) visit(triangles_[items_[i]]);
    for (int32_t i : large_) visit(triangles_[i]);
  }

 private:
  void sort_into_tiles(const TileGrid& grid);

  std::vector<BoundedTriangle> triangles_;
  std::vector<int32_t> offsets_;
  std::vector<int32_t> items_;
  std::vector<int32_t> large_;
};

}  // namespace tvdr
