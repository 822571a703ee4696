// How much a crossing blends, as a function of the camera.
#pragma once

#include <cstdint>

#include "antialias/crossing.hpp"
#include "portable/geometry.hpp"

namespace tvdr {

// How a crossing's blend changes with the clip matrix's rows x, y and w, which move the ends of its edge. vertices:
// [V, 4], world frame.
template <typename T, typename OfSurface>
void find_blend_change(const OfSurface& surface, const T* vertices, const Crossing& c, T (&change)[12]) {
  const Image& image = surface.image;
  const Walk walk(surface, c);
  const Vec3 n = (c.blend < 0 ? -1.0 : 1.0) * BlendDerivative(c, walk).n;
  const int corner[2] = {(c.edge + 1) % 3, (c.edge + 2) % 3};
  const Vec3 at[2] = {cross(walk.triangle.v[corner[1]], n), cross(n, walk.triangle.v[corner[0]])};
  double rows[2][3];
  const T* world[2];
  for (int end = 0; end < 2; ++end) {
    const Vec3& v = at[end];
    rows[end][0] = static_cast<double>(image.width) * v.x;
    rows[end][1] = static_cast<double>(image.height) * v.y;
    rows[end][2] = v.z - walk.cx * v.x - walk.cy * v.y;
    world[end] = vertices + 4 * static_cast<int64_t>(walk.index[corner[end]]);
  }
  for (int r = 0; r < 3; ++r)
    for (int j = 0; j < 4; ++j)
      change[4 * r + j] =
          static_cast<T>(rows[0][r] * static_cast<double>(world[0][j]) + rows[1][r] * static_cast<double>(world[1][j]));
}

}  // namespace tvdr
