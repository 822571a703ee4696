// An order of a mesh in memory in which what is close in space is close.
#pragma once

#include <cstdint>

namespace tvdr {

// faces: which triangle comes first, second, and so on along a Morton curve through their centres (Morton, "A Computer
// Oriented Geodetic Data Base", 1966); equal places keep their order. vertices: [V, 4].
template <typename T>
void order_along_curve(const T* vertices, const int32_t* tri, int64_t triangles, int32_t* faces);

// order: which vertex comes first, second, and so on, as the triangles in that order use them, and those that none uses
// last; places: where each vertex comes.
void order_by_first_use(const int32_t* tri, int64_t triangles, const int32_t* faces, int64_t vertices, int32_t* order,
                        int32_t* places);

// The triangles in that order, of the vertices in their places.
void renumber(const int32_t* tri, int64_t triangles, const int32_t* faces, const int32_t* places, int32_t* out);

// Which half-edge follows each around its edge, see antialias/topology.hpp, of the triangles in that order; -1 stays
// -1.
void reorder_rings(const int32_t* rings, int64_t triangles, const int32_t* faces, int32_t* out);

}  // namespace tvdr
