// Which triangles share an edge.
#pragma once

#include <cstdint>

namespace tvdr {

// The half-edge 3 f + k of face f is its edge opposite corner k. next[h] is another half-edge over the same two
// vertices: following `next` goes around all that share the edge, in the order of their ids, and back; -1 where there
// is no other.
void build_edge_rings(const int32_t* tri, int64_t triangles, int64_t vertices, int32_t* next);

}  // namespace tvdr
