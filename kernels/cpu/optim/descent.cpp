#include "optim/descent.hpp"

#include <algorithm>
#include <cmath>

#include "core/clones.hpp"
#include "core/thread_pool.hpp"

namespace tvdr {
namespace {

constexpr int64_t kNumbers = 1 << 15;  // to a task: what fewer threads do sooner

template <typename T>
TVDR_INLINE void adam(const AdamStep& step, int64_t n, const T* __restrict gradient, T* __restrict parameter,
                      T* __restrict mean, T* __restrict square) {
  const T weight = static_cast<T>(step.mean_weight), decay = static_cast<T>(step.square_decay);
  const T square_weight = static_cast<T>(1 - step.square_decay), rate = static_cast<T>(step.rate);
  const T root = static_cast<T>(step.root_of_bias), eps = static_cast<T>(step.eps);
  for (int64_t i = 0; i < n; ++i) {
    const T g = gradient[i];
    mean[i] += weight * (g - mean[i]);
    square[i] = decay * square[i] + square_weight * g * g;
    parameter[i] -= rate * mean[i] / (std::sqrt(square[i]) / root + eps);
  }
}

TVDR_CLONES void adam_clone(const AdamStep& step, int64_t n, const float* gradient, float* parameter, float* mean,
                            float* square) {
  adam(step, n, gradient, parameter, mean, square);
}
TVDR_CLONES void adam_clone(const AdamStep& step, int64_t n, const double* gradient, double* parameter, double* mean,
                            double* square) {
  adam(step, n, gradient, parameter, mean, square);
}

}  // namespace

template <typename T>
int64_t gradient_masks(const T* gradient, int64_t cameras, int64_t parameters, bool* non_finite, bool* has_gradient) {
  int64_t count = 0;
  for (int64_t k = 0; k < cameras; ++k) {
    bool finite = true, any = false;
    for (int64_t p = 0; p < parameters; ++p) {
      const T g = gradient[k * parameters + p];
      finite = finite && std::isfinite(g);
      any = any || g != 0;
    }
    non_finite[k] = !finite;
    has_gradient[k] = finite && any;
    count += !finite;
  }
  return count;
}

template <typename T>
void adam_update(const AdamStep& step, int64_t n, const T* gradient, T* parameter, T* mean, T* square, int threads) {
  parallel_for(threads, (n + kNumbers - 1) / kNumbers, [&](int64_t task) {
    const int64_t at = task * kNumbers, count = std::min(kNumbers, n - at);
    adam_clone(step, count, gradient + at, parameter + at, mean + at, square + at);
  });
}

#define TVDR_INSTANTIATE(T)                                                  \
  template int64_t gradient_masks(const T*, int64_t, int64_t, bool*, bool*); \
  template void adam_update(const AdamStep&, int64_t, const T*, T*, T*, T*, int);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
