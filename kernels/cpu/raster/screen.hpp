// The vertices on the screen, in float: enough to decide almost all that there is to decide about most triangles.
#pragma once

#include <cstdint>

#include "core/geometry.hpp"

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

template <typename T>
void project_to_screen(const T* pos, int64_t first, int64_t last, const Image& image, ScreenVertex* out);

}  // namespace tvdr
