#include "antialias/block_edges.hpp"

#include <algorithm>

namespace tvdr {

BlockEdges::BlockEdges(const int32_t* tri, int64_t triangles, const int32_t* edge_rings) {
  const int64_t blocks = (triangles + kBlockTriangles - 1) / kBlockTriangles;
  // Calls visit(half_edge, whether it is shared) for one half-edge at least of each edge of the block.
  auto for_each_edge = [&](int64_t block, auto&& visit) {
    const int64_t first = 3 * block * kBlockTriangles, last = std::min(first + 3 * kBlockTriangles, 3 * triangles);
    for (int64_t h = first; h < last; ++h) {
      const int64_t next = edge_rings[h];
      auto within = [&](int64_t half_edge) { return half_edge >= first && half_edge < last; };
      if (next >= 0 && within(next) && next < h) continue;
      bool shared = false;
      for (int64_t other = next; other >= 0 && other != h && !shared; other = edge_rings[other])
        shared = !within(other);
      visit(h, shared);
    }
  };
  first_.assign(2 * blocks + 1, 0);
  for (int64_t block = 0; block < blocks; ++block)
    for_each_edge(block, [&](int64_t, bool shared) { ++first_[2 * block + shared + 1]; });
  for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  edges_.resize(first_.back());
  for (int64_t block = 0; block < blocks; ++block) {
    int64_t to[2] = {first_[2 * block], first_[2 * block + 1]};
    for_each_edge(block, [&](int64_t h, bool shared) { edges_[to[shared]++] = edge_at(tri, edge_rings, h); });
  }
}

}  // namespace tvdr
