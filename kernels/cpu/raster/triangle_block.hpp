// Triangles a block at a time, in arrays that the compiler vectorises over.
#pragma once

#include <cstdint>

namespace tvdr {

constexpr int kTriangleBlock = 64;

// Consecutive triangles: their corners on the screen, the planes that all of a triangle lies beyond, whether it has a
// vertex that is not projected, and, if it is `kept`, inclusive bounds on the pixels whose centres it may cover.
struct TriangleBlock {
  int32_t first;
  float x[3][kTriangleBlock], y[3][kTriangleBlock];
  int32_t outside[kTriangleBlock], unprojected[kTriangleBlock];
  int32_t x0[kTriangleBlock], x1[kTriangleBlock], y0[kTriangleBlock], y1[kTriangleBlock], kept[kTriangleBlock];
};

}  // namespace tvdr
