// How the images of a batch change with their cameras: a JacobianLanes for each kLanes of a tile's covered pixels, the
// tiles' in the order in which they were drawn, so that no more memory is touched than is needed.
#pragma once

#include <atomic>
#include <cstdint>

#include "raster/binning.hpp"
#include "shade/phong_lanes.hpp"

namespace tvdr {

template <typename T>
class ImageJacobian {
 public:
  // What all images may need at most.
  static int64_t bytes(const Image& image) {
    const TileGrid grid(image);
    return image.batch * grid.count() *
               static_cast<int64_t>(grid.size * grid.size / kLanes * sizeof(JacobianLanes<T>)) +
           head(image.batch * grid.count());
  }

  // memory: so many bytes at a multiple of 64, written by another of the same images before, or not yet.
  ImageJacobian(const Image& image, void* memory)
      : grid_(image),
        ranges_(static_cast<Range*>(memory)),
        lanes_(reinterpret_cast<JacobianLanes<T>*>(static_cast<char*>(memory) + head(image.batch * grid_.count()))) {}

  int64_t tiles() const { return grid_.count(); }
  const TileGrid& grid() const { return grid_; }

  // Room for a tile's pixels. To be called once for every tile of an image, by any thread.
  JacobianLanes<T>* take(int64_t b, int64_t tile, int64_t pixels) {
    const int64_t count = (pixels + kLanes - 1) / kLanes;
    const int64_t first = next_.fetch_add(count, std::memory_order_relaxed);
    ranges_[b * grid_.count() + tile] = {first, count};
    return lanes_ + first;
  }

  bool has_any(int64_t b, int64_t tile) const { return ranges_[b * grid_.count() + tile].count > 0; }

  template <typename F>
  void for_each_in_tile(int64_t b, int64_t tile, F&& visit) const {
    const Range& range = ranges_[b * grid_.count() + tile];
    for (int64_t i = range.first; i < range.first + range.count; ++i) {
      // The next ones are fetched meanwhile: as many short runs of memory, they are not foreseen by the processor.
      const char* next = reinterpret_cast<const char*>(lanes_ + i + 1);
      if (i + 1 < range.first + range.count)
        for (size_t at = 0; at < sizeof(JacobianLanes<T>); at += 64) __builtin_prefetch(next + at);
      visit(lanes_[i]);
    }
  }

 private:
  struct Range {
    int64_t first, count;
  };
  static int64_t head(int64_t tiles) { return (tiles * static_cast<int64_t>(sizeof(Range)) + 63) / 64 * 64; }

  TileGrid grid_;
  Range* ranges_;
  JacobianLanes<T>* lanes_;
  std::atomic<int64_t> next_{0};
};

}  // namespace tvdr
