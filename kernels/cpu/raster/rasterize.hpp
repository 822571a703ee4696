// rasterize: coverage, depth order, perspective-correct barycentrics, and their derivatives.
#pragma once

#include <cstdint>

#include "portable/geometry.hpp"

namespace tvdr {

// What the three functions share. pos is [batch or 1, vertices, 4]; ranges is [batch, 2] or null.
template <typename T>
struct RasterizeInputs {
  Image image;
  const T* pos;
  int64_t pos_stride;  // elements from one image's vertices to the next image's; 0 if all share them
  int64_t vertices;
  const int32_t* tri;
  int64_t triangles;
  const int32_t* ranges;
  int threads;
  const int32_t* ids =
      nullptr;  // of the triangles in another order, by which equal depths are decided; null: their own

  const T* positions(int64_t b) const { return pos + b * pos_stride; }
};

// rast and db are [B, H, W, 4], wholly written; db may be null. peel, if not null, is the rast of the layer in front.
template <typename T>
void rasterize_forward(const RasterizeInputs<T>& in, const T* peel, T* rast, T* db);

// Adds to pos_grad (zeroed by the caller, shaped like pos). grad_db may be null. Only u and v of grad_rast are read.
template <typename T>
void rasterize_backward(const RasterizeInputs<T>& in, const T* rast, const T* grad_rast, const T* grad_db, T* pos_grad);

// Forward mode: the derivative of rast and db along pos_tangent.
template <typename T>
void rasterize_jvp(const RasterizeInputs<T>& in, const T* rast, const T* pos_tangent, T* rast_tangent, T* db_tangent);

}  // namespace tvdr
