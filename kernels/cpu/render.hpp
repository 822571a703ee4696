// render: what a camera sees of a mesh with Phong shading, in one op: vertices to clip space, rasterize, interpolate,
// shade and antialias, with derivatives for the camera's matrix and position only. No gradient of a vertex is written.
#pragma once

#include <cstdint>
#include <vector>

#include "antialias.hpp"
#include "image_jacobian.hpp"

namespace tvdr {

template <typename T>
struct RenderInputs {
  Image image;
  const T* vertices;  // [V, 4], world frame, and 1
  int64_t vertex_count;
  const T* records;  // [V, 12]: see phong_lanes.hpp
  const int32_t* tri;
  int64_t triangles;
  const int32_t* drawn;  // the triangles again, in an order in which neighbours are close in memory
  const int32_t* ids;    // where each of them stands in tri
  const int32_t* edge_rings;
  const Edge* edges;  // their faces are those of `drawn`
  int64_t edge_count;
  const T* to_clip;  // [B, 4, 4], column vectors
  const T* eye;      // [B, 3]
  PhongParameters phong;
  int walk;  // 0: no antialiasing
  int threads;
  double* seconds = nullptr;  // [kStages]: what the stages of the forward pass take is added to them
};

enum Stage { kVertices, kBinning, kTiles, kAntialias, kStages };

// out = to_clip vertices, [B, V, 4].
template <typename T>
void transform_vertices(const RenderInputs<T>& in, T* out);

// Where silhouettes were blended, and by what: for each crossing the colours that it blends, from minus to.
template <typename T>
struct Blended {
  std::vector<Crossing> crossings;
  std::vector<T> differences;  // [N, 4]
};

// The same, held by others.
template <typename T>
struct BlendedView {
  Crossings crossings;
  const T* differences;
};

// rast and out are [B, H, W, 4], wholly written. A camera that is the one before it is not rendered again. `jacobian`
// is null where no derivative will be asked for; it is written for the first of equal cameras alone.
template <typename T>
Blended<T> render_forward(const RenderInputs<T>& in, T* rast, T* out, ImageJacobian<T>* jacobian);

// What `render_forward` found.
template <typename T>
struct Rendered {
  const ImageJacobian<T>& jacobian;
  BlendedView<T> blended;
};

// to_clip_grad, [B, 4, 4], and eye_grad, [B, 3], are wholly written. grad_out and grad_rast may each be null.
template <typename T>
void render_backward(const RenderInputs<T>& in, const Rendered<T>& rendered, const T* grad_out, const T* grad_rast,
                     T* to_clip_grad, T* eye_grad);

// Forward mode: out_tangent and rast_tangent, [B, H, W, 4], are wholly written.
template <typename T>
void render_jvp(const RenderInputs<T>& in, const Rendered<T>& rendered, const T* to_clip_tangent, const T* eye_tangent,
                T* out_tangent, T* rast_tangent);

// The cameras to render, each with the images that show it: consecutive ones.
struct Run {
  int64_t first, last;
};

template <typename T>
std::vector<Run> runs_of_cameras(const RenderInputs<T>& in);

}  // namespace tvdr
