// Which way triangles face on the screen, where that is certain.
#pragma once

#include <cstdint>

#include "portable/geometry.hpp"
#include "raster/screen.hpp"
#include "raster/triangle_block.hpp"

namespace tvdr {

// The orientation on the screen, +1 or -1, of triangles with projected corners; 0 where it is in doubt. A full block
// always.
void orient(const float (&x)[3][kTriangleBlock], const float (&y)[3][kTriangleBlock], float error,
            int32_t (&facing)[kTriangleBlock]);

// The same for one with a vertex behind the camera or far off the screen; 0 if one is not a number.
template <typename T>
int8_t facing_of_unprojected(const Image& image, const T* pos, const int32_t* index);

// facing[face] for any. pos and screen: one image's vertices.
template <typename T>
void find_facing(const Image& image, const T* pos, const ScreenVertex* screen, const int32_t* tri, int64_t first_face,
                 int64_t last_face, int8_t* facing);

}  // namespace tvdr
