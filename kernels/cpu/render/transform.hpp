// Vertices times a matrix.
#pragma once

#include <cstdint>

namespace tvdr {

// out = m v for `count` homogeneous column vectors; m is [4, 4]. The sums go from x to w.
void transform(const float* v, int64_t count, const float* m, float* out);
void transform(const double* v, int64_t count, const double* m, double* out);

}  // namespace tvdr
