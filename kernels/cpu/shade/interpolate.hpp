// interpolate: attributes of the triangles' vertices at every pixel, and their screen-space derivatives.
#pragma once

#include <cstdint>
#include <vector>

#include "portable/geometry.hpp"

namespace tvdr {

template <typename T>
struct InterpolateInputs {
  Image image;
  const T* attr;  // [batch or 1, vertices, channels]
  int64_t attr_stride;
  int64_t vertices;
  int64_t channels;
  const int32_t* tri;
  const T* rast;
  const T* rast_db;                        // null without derivatives
  const std::vector<int32_t>* diff_attrs;  // the channels to differentiate
  int threads;
};

// out is [B, H, W, channels]; out_da, [B, H, W, 2 n], may be null when there are no derivatives.
template <typename T>
void interpolate_forward(const InterpolateInputs<T>& in, T* out, T* out_da);

// attr_grad is zeroed by the caller; the other two are wholly written. Each may be null, and so may grad_da.
template <typename T>
void interpolate_backward(const InterpolateInputs<T>& in, const T* grad_out, const T* grad_da, T* attr_grad,
                          T* rast_grad, T* rast_db_grad);

}  // namespace tvdr
