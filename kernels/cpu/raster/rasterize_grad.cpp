#include <vector>

#include "core/scatter.hpp"
#include "core/thread_pool.hpp"
#include "portable/barycentrics.hpp"
#include "raster/rasterize.hpp"

namespace tvdr {

template <typename T>
void rasterize_backward(const RasterizeInputs<T>& in, const T* rast, const T* grad_rast, const T* grad_db,
                        T* pos_grad) {
  const Image& image = in.image;
  std::vector<T> pixel_grad(9 * image.batch * image.pixels());
  parallel_for(in.threads, image.batch * image.height, [&](int64_t row) {
    const int64_t b = row / image.height, py = row % image.height;
    for (int64_t px = 0; px < image.width; ++px) {
      const int64_t pixel = row * image.width + px;
      const auto id = static_cast<int64_t>(rast[4 * pixel + 3]) - 1;
      if (id < 0) continue;
      const double cx = image.center_x(px), cy = image.center_y(py);
      const PixelTriangle t(in.positions(b), in.tri + 3 * id, image, cx, cy);
      pixel_gradient(t, image, cx, cy, grad_rast + 4 * pixel, grad_db ? grad_db + 4 * pixel : nullptr,
                     pixel_grad.data() + 9 * pixel);
    }
  });
  for_each_corner_by_vertex(in.threads, image, in.pos_stride == 0, rast, in.tri, in.vertices,
                            [&](int64_t pixel, int k, int32_t vertex, int64_t b) {
                              const T* g = pixel_grad.data() + 9 * pixel + 3 * k;
                              T* out = pos_grad + b * in.pos_stride + 4 * static_cast<int64_t>(vertex);
                              out[0] += g[0];
                              out[1] += g[1];
                              out[3] += g[2];
                            });
}

template <typename T>
void rasterize_jvp(const RasterizeInputs<T>& in, const T* rast, const T* pos_tangent, T* rast_tangent, T* db_tangent) {
  const Image& image = in.image;
  parallel_for(in.threads, image.batch * image.height, [&](int64_t row) {
    const int64_t b = row / image.height, py = row % image.height;
    for (int64_t px = 0; px < image.width; ++px) {
      const int64_t pixel = row * image.width + px;
      T *out = rast_tangent + 4 * pixel, *out_db = db_tangent ? db_tangent + 4 * pixel : nullptr;
      for (int i = 0; i < 4; ++i) out[i] = T(0);
      if (out_db)
        for (int i = 0; i < 4; ++i) out_db[i] = T(0);
      const auto id = static_cast<int64_t>(rast[4 * pixel + 3]) - 1;
      if (id < 0) continue;
      const double cx = image.center_x(px), cy = image.center_y(py);
      const int32_t* index = in.tri + 3 * id;
      const PixelTriangle t(in.positions(b), index, image, cx, cy);
      pixel_tangent(t, pos_tangent + b * in.pos_stride, index, image, cx, cy, out, out_db);
    }
  });
}

#define TVDR_INSTANTIATE(T)                                                                      \
  template void rasterize_backward(const RasterizeInputs<T>&, const T*, const T*, const T*, T*); \
  template void rasterize_jvp(const RasterizeInputs<T>&, const T*, const T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
