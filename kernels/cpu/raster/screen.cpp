#include "raster/screen.hpp"

#include "core/clones.hpp"

namespace tvdr {
namespace {

template <typename T>
TVDR_INLINE void project_all(const T* pos, int64_t count, const Image& image, ScreenVertex* out) {
  const Viewport<T> view(image);
  for (int64_t i = 0; i < count; ++i) project(pos + 4 * i, view, out[i]);
}

TVDR_CLONES void project_clone(const float* pos, int64_t count, const Image& image, ScreenVertex* out) {
  project_all(pos, count, image, out);
}
TVDR_CLONES void project_clone(const double* pos, int64_t count, const Image& image, ScreenVertex* out) {
  project_all(pos, count, image, out);
}

}  // namespace

template <typename T>
void project_to_screen(const T* pos, int64_t first, int64_t last, const Image& image, ScreenVertex* out) {
  project_clone(pos + 4 * first, last - first, image, out + first);
}

template void project_to_screen(const float*, int64_t, int64_t, const Image&, ScreenVertex*);
template void project_to_screen(const double*, int64_t, int64_t, const Image&, ScreenVertex*);

}  // namespace tvdr
