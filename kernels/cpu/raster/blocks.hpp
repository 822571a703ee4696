// A large scene's triangles in blocks, as they lie along a curve that fills space: where each block is, and which
// vertices it needs. Made once, for any number of cameras.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/thread_pool.hpp"

namespace tvdr {

constexpr int64_t kBlockTriangles = 256;

// An axis-aligned box; low > high where it is empty.
template <typename T>
struct Box {
  T low[3], high[3];
};

template <typename T>
class Blocks {
 public:
  // vertices: [V, 4] with w = 1, best numbered as the triangles first use them. edge_tri: the triangles with other
  // vertices in the same places, which their edges are made of, see render.hpp.
  Blocks(const T* vertices, const int32_t* tri, const int32_t* edge_tri, int64_t triangles);

  int64_t count() const { return static_cast<int64_t>(boxes_.size()); }
  Slice triangles(int64_t block) const {
    const int64_t first = block * kBlockTriangles, last = first + kBlockTriangles;
    return {first, last < triangles_ ? last : triangles_};
  }
  // The block's own vertices. Each vertex is one block's own, but for those that no triangle uses.
  Slice vertices(int64_t block) const { return {first_vertex_[block], first_vertex_[block + 1]}; }
  // The blocks whose own vertices are all those of this block's triangles; itself may be among them.
  std::span<const int32_t> owners(int64_t block) const {
    return {owners_.data() + first_owner_[block], owners_.data() + first_owner_[block + 1]};
  }
  // Around those of its triangles' vertices that are finite: a triangle with one that is not is never drawn.
  const Box<T>& box(int64_t block) const { return boxes_[block]; }

 private:
  int64_t triangles_;
  std::vector<Box<T>> boxes_;
  std::vector<int32_t> first_vertex_, owners_;
  std::vector<int64_t> first_owner_;
};

}  // namespace tvdr
