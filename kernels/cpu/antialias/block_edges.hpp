// The edges of a large scene's triangles, block by block, so that those of blocks that a camera sees nothing of need
// not be looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "antialias/topology.hpp"
#include "raster/blocks.hpp"

namespace tvdr {

class BlockEdges {
 public:
  // tri, edge_rings: those that edges are made of.
  BlockEdges(const int32_t* tri, int64_t triangles, const int32_t* edge_rings);

  const Edge* edges() const { return edges_.data(); }
  // Those over which there are triangles of this block alone ...
  Slice inner(int64_t block) const { return {first_[2 * block], first_[2 * block + 1]}; }
  // ... and those that it shares with others, which have them as well.
  Slice shared(int64_t block) const { return {first_[2 * block + 1], first_[2 * block + 2]}; }

 private:
  std::vector<Edge> edges_;
  std::vector<int64_t> first_;
};

}  // namespace tvdr
