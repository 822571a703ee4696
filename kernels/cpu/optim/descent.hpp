// What a step of gradient descent does beside images.
#pragma once

#include <cstdint>

namespace tvdr {

// Of gradients [K, P]: has_gradient[k], whether a camera's is finite and not zero, and non_finite[k]. Returns how many
// are not finite.
template <typename T>
int64_t gradient_masks(const T* gradient, int64_t cameras, int64_t parameters, bool* non_finite, bool* has_gradient);

// Adam (Kingma and Ba 2015). Its numbers in the n-th step, with bias = 1 - decay^n:
struct AdamStep {
  double mean_weight, square_decay;  // 1 - first decay, second decay
  double rate;                       // the learning rate over the first bias
  double root_of_bias, eps;          // of the second bias
};

// Updates n parameters, and the running means of the gradient and of its square, in place.
template <typename T>
void adam_update(const AdamStep& step, int64_t n, const T* gradient, T* parameter, T* mean, T* square, int threads);

}  // namespace tvdr
