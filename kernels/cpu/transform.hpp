// Vertices times a matrix.
#pragma once

#include <cstdint>

#include "clones.hpp"

namespace tvdr {

// out = m v for one homogeneous column vector; m is [4, 4]. The sums go from x to w.
template <typename T>
TVDR_INLINE void transform_one(const T* __restrict v, const T* __restrict m, T* __restrict out) {
  const T x = v[0], y = v[1], z = v[2], w = v[3];
  out[0] = m[0] * x + m[1] * y + m[2] * z + m[3] * w;
  out[1] = m[4] * x + m[5] * y + m[6] * z + m[7] * w;
  out[2] = m[8] * x + m[9] * y + m[10] * z + m[11] * w;
  out[3] = m[12] * x + m[13] * y + m[14] * z + m[15] * w;
}

// The same for `count` of them.
void transform(const float* v, int64_t count, const float* m, float* out);
void transform(const double* v, int64_t count, const double* m, double* out);

}  // namespace tvdr
