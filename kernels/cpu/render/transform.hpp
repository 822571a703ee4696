// Vertices times a matrix.
#pragma once

#include <cstdint>

#include "portable/walk.hpp"

namespace tvdr {

// out = m v of one homogeneous column vector; m is [4, 4]. The sums go from x to w.
template <typename T>
TVDR_INLINE void transform_one(const T* v, const T* m, T* out) {
  const T x = v[0], y = v[1], z = v[2], w = v[3];
  for (int r = 0; r < 4; ++r) out[r] = m[4 * r] * x + m[4 * r + 1] * y + m[4 * r + 2] * z + m[4 * r + 3] * w;
}

// The same of `count` of them.
void transform(const float* v, int64_t count, const float* m, float* out);
void transform(const double* v, int64_t count, const double* m, double* out);

// A surface to walk on, see portable/walk.hpp, whose vertices, [V, 4] in the world, are moved when they are looked at.
template <typename T>
struct MovedSurface {
  Image image;
  const T* vertices;
  const T* to_clip;
  const int32_t* tri;
  const int32_t* edge_rings;

  const T* record(int32_t index) const { return vertices + 4 * static_cast<int64_t>(index); }
  Vec3 vertex(int32_t index) const {
    T moved[4];
    transform_one(record(index), to_clip, moved);
    return scaled_vertex(moved, image);
  }
};

}  // namespace tvdr
