// shade: interpolation and Phong shading in one pass, with derivatives for a moving camera.
#pragma once

#include <cstdint>

#include "portable/geometry.hpp"
#include "portable/light.hpp"

namespace tvdr {

template <typename T>
struct ShadeInputs {
  Image image;
  const T* attributes;  // [vertices, 9]: position, normal, colour; world frame
  const T* rast;        // [B, H, W, 4]
  const int32_t* tri;
  const T* eye;  // [B, 3], the cameras' positions
  PhongParameters phong;
  int threads;
};

// out is [B, H, W, 4]: RGB and coverage, wholly written.
template <typename T>
void shade_forward(const ShadeInputs<T>& in, T* out);

// rast_grad, [B, H, W, 4], and eye_grad, [B, 3], are wholly written.
template <typename T>
void shade_backward(const ShadeInputs<T>& in, const T* grad_out, T* rast_grad, T* eye_grad);

// Forward mode; either tangent may be null (zero).
template <typename T>
void shade_jvp(const ShadeInputs<T>& in, const T* rast_tangent, const T* eye_tangent, T* out_tangent);

}  // namespace tvdr
