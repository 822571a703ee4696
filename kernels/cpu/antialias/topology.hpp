// Which triangles share an edge.
#pragma once

#include <cstdint>
#include <vector>

namespace tvdr {

// The half-edge 3 f + k of face f is its edge opposite corner k. next[h] is another half-edge over the same two
// vertices: following `next` goes around all that share the edge, in the order of their ids, and back; -1 where there
// is no other.
void build_edge_rings(const int32_t* tri, int64_t triangles, int64_t vertices, int32_t* next);

// An edge and the faces over it. `face` is turned to -1 - face where the other face runs along the edge in the same
// direction, as neighbours of one orientation do not; `other` is -1 where there is none, or more than one.
struct Edge {
  int32_t from, to, face, other;

  int32_t first_face() const { return face < 0 ? -1 - face : face; }
  bool same_direction() const { return face < 0; }
};
static_assert(sizeof(Edge) == 16);

// The edge of a half-edge, whose face comes first.
Edge edge_at(const int32_t* tri, const int32_t* edge_rings, int64_t half_edge);

// Every edge, in the order of its first half-edge; one of more than two faces perhaps more than once.
std::vector<Edge> find_edges(const int32_t* tri, int64_t triangles, const int32_t* edge_rings);

}  // namespace tvdr
