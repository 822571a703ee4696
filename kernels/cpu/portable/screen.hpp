// A vertex on the screen, in float: enough to decide almost all that there is to decide about most triangles.
#pragma once

#include "portable/geometry.hpp"

namespace tvdr {

// Which clip planes a vertex lies beyond; a triangle with all its vertices beyond one is not in view.
enum Outside : int32_t { kLeft = 1, kRight = 2, kBelow = 4, kAbove = 8, kNear = 16, kFar = 32, kAnyPlane = 63 };
// Behind the camera, far off the screen, or not a number: its position on the screen says nothing.
constexpr int32_t kUnprojected = 64;

// A vertex's screen position in pixels, row 0 at y = -1.
struct alignas(16) ScreenVertex {
  float x, y;
  int32_t flags;
};

// Projected vertices lie within this many image sizes of the image's centre, and float's rounding of them, and of their
// differences to a pixel's centre, within `screen_error`: of the 2^-24 that each rounding errs by relative to a number,
// fewer than fifteen pile up on numbers of up to 2.5 sizes ...
constexpr float kScreenGuard = 2;
// ... or, in pixels,
inline float screen_error(const Image& image) {
  return static_cast<float>(image.width > image.height ? image.width : image.height) * 0x1p-20f;
}

// What projecting takes of an image.
template <typename T>
struct Viewport {
  T half_width, half_height, guard;

  explicit TVDR_INLINE Viewport(const Image& image)
      : half_width(T(0.5) * static_cast<T>(image.width)),
        half_height(T(0.5) * static_cast<T>(image.height)),
        guard(T(kScreenGuard) * static_cast<T>(image.width > image.height ? image.width : image.height)) {}
};

// pos: x, y, z, w in clip space.
template <typename T>
TVDR_INLINE void project(const T* pos, const Viewport<T>& view, ScreenVertex& out) {
  const T infinite = static_cast<T>(infinity());
  const T x = pos[0], y = pos[1], z = pos[2], w = pos[3];
  const T dx = x / w * view.half_width, dy = y / w * view.half_height;
  const T distance_x = dx < 0 ? -dx : dx, distance_y = dy < 0 ? -dy : dy, size_z = z < 0 ? -z : z;
  out.x = static_cast<float>(dx + view.half_width);
  out.y = static_cast<float>(dy + view.half_height);
  const int32_t projected =
      (w > 0) & (w < infinite) & (distance_x <= view.guard) & (distance_y <= view.guard) & (size_z < infinite);
  out.flags = (x < -w ? kLeft : 0) | (x > w ? kRight : 0) | (y < -w ? kBelow : 0) | (y > w ? kAbove : 0) |
              (z < -w ? kNear : 0) | (z > w ? kFar : 0) | (projected ? 0 : kUnprojected);
}

}  // namespace tvdr
