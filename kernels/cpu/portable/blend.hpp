// What a crossing blends, and how that depends on its edge.
#pragma once

#include "portable/walk.hpp"

namespace tvdr {

// Where a crossing reads and writes: `to` takes |blend| of the difference to `from`.
struct Blend {
  int64_t to, from;
  double weight;

  Blend(const Crossing& c, const Image& image) : weight(absolute(c.blend)) {
    const int64_t second = c.first + (c.vertical ? image.width : 1);
    const int64_t holder = c.holder ? second : c.first, other = c.holder ? c.first : second;
    to = c.blend >= 0 ? holder : other;
    from = c.blend >= 0 ? other : holder;
  }
};

// The walk from the holder's centre to the other one, and a triangle seen from that centre.
struct Walk {
  double cx, cy, dx, dy;
  const int32_t* index;
  PixelTriangle triangle;

  template <typename OfSurface>
  Walk(const OfSurface& surface, const Crossing& c)
      : Walk(surface, c, c.first + c.holder * (c.vertical ? surface.image.width : 1), c.holder ? -1 : 1) {}

  // How edge function k changes over the whole walk: one pixel, two units.
  double slope(int k) const { return 2 * (triangle.n[k].x * dx + triangle.n[k].y * dy); }

 private:
  template <typename OfSurface>
  Walk(const OfSurface& surface, const Crossing& c, int64_t holder, double direction)
      : cx(surface.image.center_x(holder % surface.image.width)),
        cy(surface.image.center_y(holder / surface.image.width % surface.image.height)),
        dx(c.vertical ? 0 : direction),
        dy(c.vertical ? direction : 0),
        index(surface.tri + 3 * static_cast<int64_t>(c.face)),
        triangle(surface.vertex(index[0]), surface.vertex(index[1]), surface.vertex(index[2]), cx, cy) {}
};

// d(blend) = coefficient * d(n[edge] . (2 t dx, 2 t dy, 1)); 0 where the blend is clamped.
struct BlendDerivative {
  Vec3 n;  // the gradient of the blend with respect to n[edge]

  BlendDerivative(const Crossing& c, const Walk& walk) : n{0, 0, 0} {
    if (c.clamped) return;
    const double t = 0.5 - c.blend;
    n = (1 / walk.slope(c.edge)) * Vec3{2 * t * walk.dx, 2 * t * walk.dy, 1};
  }
};

// The gradient of a crossing's |blend|, from those of the image: `grad_out` at the pixel that it writes, `to` and
// `from` the colours.
template <typename T>
TVDR_INLINE double blend_gradient(const Crossing& c, const T* grad_out, const T* to, const T* from, int64_t channels) {
  double sum = 0;
  for (int64_t j = 0; j < channels; ++j) sum += static_cast<double>(grad_out[j]) * (from[j] - to[j]);
  return c.blend < 0 ? -sum : sum;
}

// How a crossing's |blend| changes along a tangent of the vertices, which is laid out as these are.
template <typename T>
TVDR_INLINE double blend_tangent(const Surface<T>& surface, const Crossing& c, const T* pos_tangent) {
  const Walk walk(surface, c);
  const PixelTriangle d(pos_tangent, walk.index, surface.image, walk.cx, walk.cy);
  const int i = (c.edge + 1) % 3, j = (c.edge + 2) % 3;
  const Vec3 dn = cross(d.v[i], walk.triangle.v[j]) + cross(walk.triangle.v[i], d.v[j]);
  return (c.blend < 0 ? -1 : 1) * dot(BlendDerivative(c, walk).n, dn);
}

// A crossing, as far as the camera moves it.
template <typename T>
struct BlendChange {
  T difference[4];  // of the colours that the crossing blends: from minus to
  T matrix[12];     // how much of it is taken, by the clip matrix's rows x, y and w
};

// How a crossing's |blend| changes with the clip matrix's rows x, y and w, which move the ends of its edge. vertices:
// [V, 4], world frame.
template <typename T, typename OfSurface>
TVDR_INLINE void blend_by_matrix(const OfSurface& surface, const T* vertices, const Crossing& c, T (&change)[12]) {
  const Walk walk(surface, c);
  const Vec3 n = (c.blend < 0 ? -1.0 : 1.0) * BlendDerivative(c, walk).n;
  const int corner[2] = {(c.edge + 1) % 3, (c.edge + 2) % 3};
  const Vec3 at[2] = {cross(walk.triangle.v[corner[1]], n), cross(n, walk.triangle.v[corner[0]])};
  double rows[2][3];
  const T* world[2];
  for (int end = 0; end < 2; ++end) {
    const Vec3& v = at[end];
    rows[end][0] = static_cast<double>(surface.image.width) * v.x;
    rows[end][1] = static_cast<double>(surface.image.height) * v.y;
    rows[end][2] = v.z - walk.cx * v.x - walk.cy * v.y;
    world[end] = vertices + 4 * static_cast<int64_t>(walk.index[corner[end]]);
  }
  for (int r = 0; r < 3; ++r)
    for (int j = 0; j < 4; ++j)
      change[4 * r + j] =
          static_cast<T>(rows[0][r] * static_cast<double>(world[0][j]) + rows[1][r] * static_cast<double>(world[1][j]));
}

// The gradients of x, y and w of the two ends of a crossing's edge, from that of its blend. The ends are the corners
// (edge + 1) % 3 and (edge + 2) % 3 of its face.
template <typename T>
TVDR_INLINE void edge_gradients(const Surface<T>& surface, const Crossing& c, double gradient, Vec3 (&ends)[2]) {
  const Walk walk(surface, c);
  const Vec3 g_n = gradient * BlendDerivative(c, walk).n;
  const Vec3 at[2] = {cross(walk.triangle.v[(c.edge + 2) % 3], g_n), cross(g_n, walk.triangle.v[(c.edge + 1) % 3])};
  for (int end = 0; end < 2; ++end) {
    const Vec3& v = at[end];
    ends[end] = {static_cast<double>(surface.image.width) * v.x, static_cast<double>(surface.image.height) * v.y,
                 v.z - walk.cx * v.x - walk.cy * v.y};
  }
}

}  // namespace tvdr
