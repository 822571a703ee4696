// Triangles a block at a time, in arrays that the compiler vectorises over.
#pragma once

#include <cstdint>

namespace tvdr {

constexpr int kTriangleBlock = 64;

// Triangles with told vertices: their corners on the screen, and inclusive bounds on the pixels whose centres each may
// cover, if `kept`.
struct TriangleBlock {
  int32_t id[kTriangleBlock];
  float x[3][kTriangleBlock], y[3][kTriangleBlock];
  int32_t x0[kTriangleBlock], x1[kTriangleBlock], y0[kTriangleBlock], y1[kTriangleBlock], kept[kTriangleBlock];
};

}  // namespace tvdr
