// antialias: blends the colours of adjacent pixels where a silhouette passes between their centres.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "antialias/topology.hpp"
#include "portable/geometry.hpp"
#include "portable/walk.hpp"

namespace tvdr {

template <typename T>
struct AntialiasInputs {
  Image image;
  int64_t channels;
  const T* pos;  // [batch or 1, vertices, 4]
  int64_t pos_stride;
  int64_t vertices;
  const int32_t* tri;
  int64_t triangles;
  const int32_t* edge_rings;
  const Edge* edges;
  int64_t edge_count;
  int walk;  // how many triangles the walk may cross; 1: the holder's own only
  int threads;

  const T* positions(int64_t b) const { return pos + b * pos_stride; }
  Surface<T> surface(int64_t b) const { return {image, positions(b), tri, edge_rings}; }
};

using Crossings = std::span<const Crossing>;

// rast is [B, H, W, 4].
template <typename T>
std::vector<Crossing> find_crossings(const AntialiasInputs<T>& in, const T* rast);

// out is [B, H, W, channels], wholly written.
template <typename T>
void antialias_forward(const AntialiasInputs<T>& in, Crossings crossings, const T* color, T* out);

// color_grad (wholly written) and pos_grad (zeroed by the caller, shaped like pos) may each be null.
template <typename T>
void antialias_backward(const AntialiasInputs<T>& in, Crossings crossings, const T* color, const T* grad_out,
                        double pos_gradient_boost, T* color_grad, T* pos_grad);

// Forward mode; either tangent may be null (zero).
template <typename T>
void antialias_jvp(const AntialiasInputs<T>& in, Crossings crossings, const T* color, const T* color_tangent,
                   const T* pos_tangent, T* out_tangent);

}  // namespace tvdr
