// Between which pixels a silhouette may pass: all but a few pairs need no walk.
//
// A walk can only end at an edge whose faces lie to one side of it, which does not depend on the pixel; and only where
// that edge crosses the line between the two centres. Both are found in float with bounds on its errors, for the edges
// instead of the pixels. What is in doubt may be a silhouette.
#pragma once

#include <cstdint>

#include "geometry.hpp"
#include "screen.hpp"
#include "topology.hpp"
#include "triangle_block.hpp"

namespace tvdr {

// How far beyond the two centres a crossing may lie, in pixels.
constexpr float kSlack = 1.0f / 16;

// For each pixel, whether a walk to its right neighbour (1) and to the one above it (2) is worth while.
enum WorthWalking : uint8_t { kToTheRight = 1, kUpwards = 2 };

template <typename T>
struct SilhouetteInputs {
  Image image;
  const T* pos;  // one image's vertices
  const ScreenVertex* screen;
  const int32_t* tri;
  const Edge* edges;
};

// The orientation on the screen, +1 or -1, of triangles with told corners; 0 where it is in doubt. A full block always.
void orient(const float (&x)[3][kTriangleBlock], const float (&y)[3][kTriangleBlock], float error,
            int32_t (&facing)[kTriangleBlock]);

// The same for one with a vertex behind the camera or far off the screen; 0 if one is not a number.
template <typename T>
int8_t facing_of_untold(const Image& image, const T* pos, const int32_t* index);

// facing[face] for any.
template <typename T>
void find_facing(const SilhouetteInputs<T>& in, int64_t first_face, int64_t last_face, int8_t* facing);

// Marks what the silhouettes among the edges make worth while; may run on several threads for one image.
template <typename T>
void mark_silhouettes(const SilhouetteInputs<T>& in, const int8_t* facing, int64_t first_edge, int64_t last_edge,
                      uint8_t* worth);

}  // namespace tvdr
