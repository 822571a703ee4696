#include "raster/facing.hpp"

#include <algorithm>
#include <cmath>

#include "core/clones.hpp"

namespace tvdr {
namespace {

// The sign of the area, where it is larger than what errors of its coordinates make of it.
TVDR_CLONES void orient_clone(const float (&x)[3][kTriangleBlock], const float (&y)[3][kTriangleBlock], float error,
                              int32_t (&facing)[kTriangleBlock]) {
  auto absolute = [](float v) __attribute__((always_inline)) { return v < 0 ? -v : v; };
  for (int i = 0; i < kTriangleBlock; ++i) {
    const float ax = x[1][i] - x[0][i], ay = y[1][i] - y[0][i];
    const float bx = x[2][i] - x[0][i], by = y[2][i] - y[0][i];
    const float area = ax * by - ay * bx;
    const float doubt = 4 * error * (absolute(ax) + absolute(ay) + absolute(bx) + absolute(by) + 4 * error);
    facing[i] = (area > doubt) - (area < -doubt);
  }
}

}  // namespace

void orient(const float (&x)[3][kTriangleBlock], const float (&y)[3][kTriangleBlock], float error,
            int32_t (&facing)[kTriangleBlock]) {
  orient_clone(x, y, error, facing);
}

template <typename T>
int8_t facing_of_unprojected(const Image& image, const T* pos, const int32_t* index) {
  Vec3 v[3];
  for (int k = 0; k < 3; ++k) v[k] = scaled_vertex(pos + 4 * static_cast<int64_t>(index[k]), image);
  const Vec3 n = cross(v[0], v[1]);
  auto products = [](double a, double b, double c, double d) { return std::abs(a * b) + std::abs(c * d); };
  const double size = products(v[0].y, v[1].z, v[0].z, v[1].y) * std::abs(v[2].x) +
                      products(v[0].z, v[1].x, v[0].x, v[1].z) * std::abs(v[2].y) +
                      products(v[0].x, v[1].y, v[0].y, v[1].x) * std::abs(v[2].z);
  const double area = dot(n, v[2]), doubt = 0x1p-30 * size;  // far more than as seen from any pixel
  return static_cast<int8_t>((area > doubt) - (area < -doubt));
}

template <typename T>
void find_facing(const Image& image, const T* pos, const ScreenVertex* screen, const int32_t* tri, int64_t first_face,
                 int64_t last_face, int8_t* facing) {
  const float error = screen_error(image);
  float x[3][kTriangleBlock] = {}, y[3][kTriangleBlock] = {};
  int32_t oriented[kTriangleBlock], unprojected[kTriangleBlock];
  for (int64_t start = first_face; start < last_face; start += kTriangleBlock) {
    const int count = static_cast<int>(std::min<int64_t>(kTriangleBlock, last_face - start));
    for (int i = 0; i < count; ++i) {
      const int32_t* index = tri + 3 * (start + i);
      unprojected[i] = 0;
      for (int k = 0; k < 3; ++k) {
        const ScreenVertex v = screen[index[k]];
        x[k][i] = v.x;
        y[k][i] = v.y;
        unprojected[i] |= v.flags & kUnprojected;
      }
    }
    orient(x, y, error, oriented);
    for (int i = 0; i < count; ++i)
      facing[start + i] =
          unprojected[i] ? facing_of_unprojected(image, pos, tri + 3 * (start + i)) : static_cast<int8_t>(oriented[i]);
  }
}

#define TVDR_INSTANTIATE(T)                                                      \
  template int8_t facing_of_unprojected(const Image&, const T*, const int32_t*); \
  template void find_facing(const Image&, const T*, const ScreenVertex*, const int32_t*, int64_t, int64_t, int8_t*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
