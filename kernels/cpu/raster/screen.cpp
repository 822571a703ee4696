#include "raster/screen.hpp"

#include <limits>

#include "core/clones.hpp"

namespace tvdr {
namespace {

template <typename T>
TVDR_INLINE void project(const T* pos, int64_t count, const Image& image, ScreenVertex* out) {
  const T half_width = T(0.5) * static_cast<T>(image.width), half_height = T(0.5) * static_cast<T>(image.height);
  const T guard = T(kScreenGuard) * static_cast<T>(image.width > image.height ? image.width : image.height);
  constexpr T infinity = std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < count; ++i) {
    const T x = pos[4 * i], y = pos[4 * i + 1], z = pos[4 * i + 2], w = pos[4 * i + 3];
    const T dx = x / w * half_width, dy = y / w * half_height;
    const T distance_x = dx < 0 ? -dx : dx, distance_y = dy < 0 ? -dy : dy, size_z = z < 0 ? -z : z;
    out[i].x = static_cast<float>(dx + half_width);
    out[i].y = static_cast<float>(dy + half_height);
    const int32_t projected =
        (w > 0) & (w < infinity) & (distance_x <= guard) & (distance_y <= guard) & (size_z < infinity);
    out[i].flags = (x < -w ? kLeft : 0) | (x > w ? kRight : 0) | (y < -w ? kBelow : 0) | (y > w ? kAbove : 0) |
                   (z < -w ? kNear : 0) | (z > w ? kFar : 0) | (projected ? 0 : kUnprojected);
  }
}

TVDR_CLONES void project_clone(const float* pos, int64_t count, const Image& image, ScreenVertex* out) {
  project(pos, count, image, out);
}
TVDR_CLONES void project_clone(const double* pos, int64_t count, const Image& image, ScreenVertex* out) {
  project(pos, count, image, out);
}

}  // namespace

template <typename T>
void project_to_screen(const T* pos, int64_t first, int64_t last, const Image& image, ScreenVertex* out) {
  project_clone(pos + 4 * first, last - first, image, out + first);
}

template void project_to_screen(const float*, int64_t, int64_t, const Image&, ScreenVertex*);
template void project_to_screen(const double*, int64_t, int64_t, const Image&, ScreenVertex*);

}  // namespace tvdr
