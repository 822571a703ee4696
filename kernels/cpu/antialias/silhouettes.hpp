// Between which pixels a silhouette may pass: all but a few pairs need no walk.
//
// A walk can only end at an edge whose faces lie to one side of it, which does not depend on the pixel; and only where
// that edge crosses the line between the two centres. Both are found in float with bounds on its errors, for the edges
// instead of the pixels. What is in doubt may be a silhouette.
#pragma once

#include <cstdint>

#include "antialias/block_edges.hpp"
#include "antialias/topology.hpp"
#include "portable/geometry.hpp"
#include "portable/walk.hpp"
#include "raster/screen.hpp"

namespace tvdr {

// For each pixel, whether a walk to its right neighbour (1) and to the one above it (2) is needed.
enum WalkDirections : uint8_t { kToTheRight = 1, kUpwards = 2 };

template <typename T>
struct SilhouetteInputs {
  Image image;
  const T* pos;  // one image's vertices
  const ScreenVertex* screen;
  const int32_t* tri;
  const Edge* edges;
};

// Marks what the silhouettes among the edges make necessary; may run on several threads for one image.
template <typename T>
void mark_silhouettes(const SilhouetteInputs<T>& in, const int8_t* facing, int64_t first_edge, int64_t last_edge,
                      uint8_t* marks);

// The same for the edges of one block of triangles that is drawn; `drawn` says which of all blocks are. A walk may go
// on into one that is not, and end there: where it leaves those that are drawn, it is marked, too. in.edges is not
// read.
template <typename T>
void mark_block_silhouettes(const SilhouetteInputs<T>& in, const BlockEdges& edges, int64_t block, const uint8_t* drawn,
                            const int8_t* facing, uint8_t* marks);

}  // namespace tvdr
