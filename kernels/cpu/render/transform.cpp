#include "render/transform.hpp"

#include "core/clones.hpp"

namespace tvdr {
namespace {

template <typename T>
TVDR_INLINE void all(const T* __restrict v, int64_t count, const T* __restrict m, T* __restrict out) {
  T matrix[16];
  for (int i = 0; i < 16; ++i) matrix[i] = m[i];
  for (int64_t i = 0; i < count; ++i) transform_one(v + 4 * i, matrix, out + 4 * i);
}

TVDR_CLONES void clone(const float* v, int64_t count, const float* m, float* out) { all(v, count, m, out); }
TVDR_CLONES void clone(const double* v, int64_t count, const double* m, double* out) { all(v, count, m, out); }

}  // namespace

void transform(const float* v, int64_t count, const float* m, float* out) { clone(v, count, m, out); }
void transform(const double* v, int64_t count, const double* m, double* out) { clone(v, count, m, out); }

}  // namespace tvdr
