// A large scene in blocks, of which a camera sees a few.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "antialias/block_edges.hpp"
#include "raster/blocks.hpp"

namespace tvdr {

template <typename T>
class BlockedScene {
 public:
  // As in RenderInputs; edge_rings of no triangles where there is no antialiasing.
  BlockedScene(const T* vertices, const int32_t* tri, const int32_t* edge_tri, int64_t triangles,
               const int32_t* edge_rings, bool antialiased)
      : blocks(vertices, tri, edge_tri, triangles), edges(edge_tri, antialiased ? triangles : 0, edge_rings) {}

  const Blocks<T> blocks;
  const BlockEdges edges;

  // The blocks that the batch's image of this number showed when it was last rendered: a guess of what it shows now,
  // which decides what is drawn first and nothing else.
  std::vector<int32_t> shown_last(int64_t image) const {
    const std::lock_guard lock(mutex_);
    return image < static_cast<int64_t>(shown_.size()) ? shown_[image] : std::vector<int32_t>();
  }
  void remember_shown(int64_t image, std::vector<int32_t> blocks) {
    if (image >= kRemembered) return;
    const std::lock_guard lock(mutex_);
    if (image >= static_cast<int64_t>(shown_.size())) shown_.resize(image + 1);
    shown_[image] = std::move(blocks);
  }

  // Of the image that was rendered last.
  std::atomic<int64_t> drawn{0};

 private:
  static constexpr int64_t kRemembered = 256;  // images

  mutable std::mutex mutex_;
  std::vector<std::vector<int32_t>> shown_;
};

}  // namespace tvdr
