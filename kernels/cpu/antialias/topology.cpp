#include "antialias/topology.hpp"

#include <algorithm>
#include <vector>

namespace tvdr {

void build_edge_rings(const int32_t* tri, int64_t triangles, int64_t vertices, int32_t* next) {
  auto ends = [&](int64_t h) {
    const int32_t* t = tri + h / 3 * 3;
    return std::minmax(t[(h + 1) % 3], t[(h + 2) % 3]);
  };
  // A counting sort by the smaller vertex keeps this linear; the half-edges at one vertex are few.
  std::vector<int64_t> offset(vertices + 1, 0);
  for (int64_t h = 0; h < 3 * triangles; ++h) ++offset[ends(h).first + 1];
  for (int64_t v = 0; v < vertices; ++v) offset[v + 1] += offset[v];
  struct HalfEdge {
    int32_t other;
    int32_t h;
  };
  std::vector<HalfEdge> sorted(3 * triangles);
  std::vector<int64_t> cursor(offset.begin(), offset.end() - 1);
  for (int64_t h = 0; h < 3 * triangles; ++h) {
    const auto [low, high] = ends(h);
    sorted[cursor[low]++] = {high, static_cast<int32_t>(h)};
  }
  for (int64_t v = 0; v < vertices; ++v) {
    const auto first = sorted.begin() + offset[v], last = sorted.begin() + offset[v + 1];
    std::sort(first, last, [](HalfEdge a, HalfEdge b) { return a.other != b.other ? a.other < b.other : a.h < b.h; });
    for (auto group = first; group != last;) {
      const auto end = std::find_if(group, last, [&](HalfEdge e) { return e.other != group->other; });
      for (auto e = group; e != end; ++e) next[e->h] = end - group == 1 ? -1 : (e + 1 == end ? group : e + 1)->h;
      group = end;
    }
  }
}

Edge edge_at(const int32_t* tri, const int32_t* edge_rings, int64_t h) {
  const auto face = static_cast<int32_t>(h / 3);
  const int64_t k = h % 3, corners = h - k;
  const int32_t next = edge_rings[h];
  Edge edge{tri[corners + (k + 1) % 3], tri[corners + (k + 2) % 3], face, -1};
  if (next >= 0 && edge_rings[next] == h) {
    edge.other = next / 3;
    if (tri[3 * static_cast<int64_t>(edge.other) + (next % 3 + 1) % 3] != edge.to) edge.face = -1 - face;
  }
  return edge;
}

std::vector<Edge> find_edges(const int32_t* tri, int64_t triangles, const int32_t* edge_rings) {
  std::vector<Edge> edges;
  edges.reserve(3 * triangles / 2);
  for (int64_t h = 0; h < 3 * triangles; ++h) {
    const int32_t next = edge_rings[h];
    if (next >= 0 && next < h) continue;
    edges.push_back(edge_at(tri, edge_rings, h));
  }
  return edges;
}

}  // namespace tvdr
