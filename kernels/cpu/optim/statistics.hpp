// What losses ask of images: one pass over [B, H, W, 4] each, instead of one for every operation of a formula.
#pragma once

#include <cstdint>

#include "portable/geometry.hpp"

namespace tvdr {

template <typename T>
struct Images {
  Image size;
  const T* rgba;  // [B, H, W, 4]
  int threads;
};

// out[b] = mean and (unbiased) standard deviation of all colour values, and the mean of the fourth channel.
template <typename T>
void statistics_forward(const Images<T>& in, T (*out)[3]);

// grad, [B, H, W, 4], is wholly written. statistics and grad_out are [B, 3].
template <typename T>
void statistics_backward(const Images<T>& in, const T (*statistics)[3], const T (*grad_out)[3], T* grad);

// TVDRNet's heuristic: loss[b] = |mean - 1/2| - 0.1 deviation - 0.5 coverage. statistics, [B, 3], is written as well.
template <typename T>
void view_heuristic_forward(const Images<T>& in, T (*statistics)[3], T* loss);

// grad, [B, H, W, 4], is wholly written. grad_out is [B].
template <typename T>
void view_heuristic_backward(const Images<T>& in, const T (*statistics)[3], const T* grad_out, T* grad);

// out[b] = mean square of the colour values, clipped to [0, 1] first if `clip`, minus the target's, [H, W, 3].
template <typename T>
void squared_error_forward(const Images<T>& in, const T* target, bool clip, T* out);

// grad, [B, H, W, 4], is wholly written. grad_out is [B].
template <typename T>
void squared_error_backward(const Images<T>& in, const T* target, bool clip, const T* grad_out, T* grad);

}  // namespace tvdr
