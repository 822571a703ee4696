// render: what a camera sees of a mesh with Phong shading, in one op: vertices to clip space, rasterize, interpolate,
// shade and antialias, with derivatives for the camera's matrix and position only. No gradient of a vertex is written.
#pragma once

#include <cstdint>
#include <vector>

#include "antialias/antialias.hpp"
#include "portable/blend.hpp"
#include "render/image_jacobian.hpp"

namespace tvdr {

template <typename T>
class BlockedScene;

template <typename T>
struct RenderInputs {
  Image image;
  const T* vertices;  // [V, 4], world frame, and 1
  int64_t vertex_count;
  const T* records;    // [V, 12]: see phong_lanes.hpp
  const int32_t* tri;  // in an order in which neighbours are close in memory
  int64_t triangles;
  const int32_t* ids;       // what each of them is called in `rast`
  const int32_t* edge_tri;  // the same places as `tri`, with vertices shared where the surface goes on
  const int32_t* edge_rings;
  const Edge* edges;
  int64_t edge_count;
  const T* to_clip;  // [B, 4, 4], column vectors
  const T* eye;      // [B, 3]
  PhongParameters phong;
  int walk;  // 0: no antialiasing
  int threads;
  BlockedScene<T>* blocked = nullptr;  // a large scene's blocks, which have the edges, too; null: all is looked at
  double* seconds = nullptr;           // [kStages]: what the stages of the forward pass take is added to them
};

enum Stage { kVertices, kBinning, kTiles, kAntialias, kStages };

// out = to_clip vertices, [B, V, 4].
template <typename T>
void transform_vertices(const RenderInputs<T>& in, T* out);

// Where silhouettes were blended, and by what.
template <typename T>
struct Blended {
  std::vector<Crossing> crossings;
  std::vector<BlendChange<T>> changes;
};

// The same, held by others.
template <typename T>
struct BlendedView {
  Crossings crossings;
  const BlendChange<T>* changes;
};

// rast and out are [B, H, W, 4], wholly written. A camera that is the one before it is not rendered again. `jacobian`
// is null where no derivative will be asked for; it is written for the first of equal cameras alone, and without it
// nothing is returned.
template <typename T>
Blended<T> render_forward(const RenderInputs<T>& in, T* rast, T* out, ImageJacobian<T>* jacobian);

// The images of cameras, and what `render_forward` found of them.
template <typename T>
struct Rendered {
  Image image;
  const T* to_clip;
  const T* eye;
  const ImageJacobian<T>& jacobian;
  BlendedView<T> blended;
  int threads;
};

// to_clip_grad, [B, 4, 4], and eye_grad, [B, 3], are wholly written. grad_out and grad_rast may each be null.
template <typename T>
void render_backward(const Rendered<T>& in, const T* grad_out, const T* grad_rast, T* to_clip_grad, T* eye_grad);

// Forward mode: out_tangent and rast_tangent, [B, H, W, 4], are wholly written.
template <typename T>
void render_jvp(const Rendered<T>& in, const T* to_clip_tangent, const T* eye_tangent, T* out_tangent, T* rast_tangent);

// The cameras to render, each with the images that show it: consecutive ones.
struct Run {
  int64_t first, last;
};

template <typename T>
std::vector<Run> runs_of_cameras(int64_t batch, const T* to_clip, const T* eye);

}  // namespace tvdr
