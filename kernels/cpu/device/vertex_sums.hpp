// Gradients of vertices from their parts, as the threads of a GPU add them up: sorted by vertex, and for each vertex in
// the parts' order, so that every run gives the same bits. The sort comes before and must keep the order of equals.
#pragma once

#include "device/thread.hpp"

namespace tvdr {

// The vertex of a part that there is not: comes after all vertices.
constexpr int64_t kNobody = 0x7fffffffffffffff;

struct VertexSumsJob {
  int64_t count;         // of parts
  const int64_t* owner;  // [count], sorted: the vertex, counted through the batch
  const int64_t* place;  // [count], where each part stood before
  const float* parts;    // [count, 3], in the order before: for x, y and w
  float* total;          // [batch or 1, vertices, 4], zeros
};

// The first of a vertex's parts adds up all of them.
inline void vertex_sums(const VertexSumsJob& job, const Thread& thread) {
  for (int64_t i = thread.index(); i < job.count; i += thread.count()) {
    const int64_t owner = job.owner[i];
    if (owner == kNobody || (i > 0 && job.owner[i - 1] == owner)) continue;
    float* out = job.total + 4 * owner;
    for (int64_t j = i; j < job.count && job.owner[j] == owner; ++j) {
      const float* part = job.parts + 3 * job.place[j];
      out[0] += part[0];
      out[1] += part[1];
      out[3] += part[2];
    }
  }
}

}  // namespace tvdr
