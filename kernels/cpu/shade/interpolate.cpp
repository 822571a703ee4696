#include "shade/interpolate.hpp"

#include <algorithm>

#include "core/scatter.hpp"
#include "core/thread_pool.hpp"

namespace tvdr {
namespace {

// The three vertices' attributes and the barycentrics of one covered pixel.
template <typename T>
struct Corners {
  const T* a[3];
  T weight[3];

  Corners(const InterpolateInputs<T>& in, int64_t b, int64_t pixel, int64_t id) {
    const T* r = in.rast + 4 * pixel;
    weight[0] = r[0];
    weight[1] = r[1];
    weight[2] = T(1) - r[0] - r[1];
    for (int k = 0; k < 3; ++k)
      a[k] = in.attr + b * in.attr_stride + static_cast<int64_t>(in.tri[3 * id + k]) * in.channels;
  }
};

template <typename T, typename F>
void for_each_pixel(const InterpolateInputs<T>& in, F&& body) {
  parallel_for(in.threads, in.image.batch * in.image.height, [&](int64_t row) {
    for (int64_t px = 0; px < in.image.width; ++px) {
      const int64_t pixel = row * in.image.width + px;
      body(row / in.image.height, pixel, static_cast<int64_t>(in.rast[4 * pixel + 3]) - 1);
    }
  });
}

}  // namespace

template <typename T>
void interpolate_forward(const InterpolateInputs<T>& in, T* out, T* out_da) {
  const auto pairs = static_cast<int64_t>(in.diff_attrs->size());
  for_each_pixel(in, [&](int64_t b, int64_t pixel, int64_t id) {
    T* o = out + pixel * in.channels;
    T* da = out_da ? out_da + pixel * 2 * pairs : nullptr;
    if (id < 0) {
      std::fill_n(o, in.channels, T(0));
      if (da) std::fill_n(da, 2 * pairs, T(0));
      return;
    }
    const Corners<T> c(in, b, pixel, id);
    for (int64_t i = 0; i < in.channels; ++i)
      o[i] = c.weight[0] * c.a[0][i] + c.weight[1] * c.a[1][i] + c.weight[2] * c.a[2][i];
    if (!da) return;
    const T* db = in.rast_db + 4 * pixel;
    for (int64_t j = 0; j < pairs; ++j) {
      const int32_t i = (*in.diff_attrs)[j];
      const T along_u = c.a[0][i] - c.a[2][i], along_v = c.a[1][i] - c.a[2][i];
      da[2 * j] = db[0] * along_u + db[2] * along_v;
      da[2 * j + 1] = db[1] * along_u + db[3] * along_v;
    }
  });
}

template <typename T>
void interpolate_backward(const InterpolateInputs<T>& in, const T* grad_out, const T* grad_da, T* attr_grad,
                          T* rast_grad, T* rast_db_grad) {
  const auto pairs = static_cast<int64_t>(in.diff_attrs->size());
  if (rast_grad || rast_db_grad) {
    for_each_pixel(in, [&](int64_t b, int64_t pixel, int64_t id) {
      T* gr = rast_grad ? rast_grad + 4 * pixel : nullptr;
      T* gdb = rast_db_grad ? rast_db_grad + 4 * pixel : nullptr;
      if (gr) std::fill_n(gr, 4, T(0));
      if (gdb) std::fill_n(gdb, 4, T(0));
      if (id < 0) return;
      const Corners<T> c(in, b, pixel, id);
      if (gr) {
        const T* g = grad_out + pixel * in.channels;
        for (int64_t i = 0; i < in.channels; ++i) {
          gr[0] += g[i] * (c.a[0][i] - c.a[2][i]);
          gr[1] += g[i] * (c.a[1][i] - c.a[2][i]);
        }
      }
      if (gdb && grad_da) {
        const T* g = grad_da + pixel * 2 * pairs;
        for (int64_t j = 0; j < pairs; ++j) {
          const int32_t i = (*in.diff_attrs)[j];
          const T along_u = c.a[0][i] - c.a[2][i], along_v = c.a[1][i] - c.a[2][i];
          gdb[0] += g[2 * j] * along_u;
          gdb[1] += g[2 * j + 1] * along_u;
          gdb[2] += g[2 * j] * along_v;
          gdb[3] += g[2 * j + 1] * along_v;
        }
      }
    });
  }
  if (!attr_grad) return;
  for_each_corner_by_vertex(in.threads, in.image, in.attr_stride == 0, in.rast, in.tri, in.vertices,
                            [&](int64_t pixel, int k, int32_t vertex, int64_t b) {
                              const T* r = in.rast + 4 * pixel;
                              const T weight = k < 2 ? r[k] : T(1) - r[0] - r[1];
                              const T* g = grad_out + pixel * in.channels;
                              T* out = attr_grad + b * in.attr_stride + static_cast<int64_t>(vertex) * in.channels;
                              for (int64_t i = 0; i < in.channels; ++i) out[i] += weight * g[i];
                              if (!grad_da) return;
                              const T* db = in.rast_db + 4 * pixel;
                              const T dx = k < 2 ? db[2 * k] : -db[0] - db[2],
                                      dy = k < 2 ? db[2 * k + 1] : -db[1] - db[3];
                              const T* ga = grad_da + pixel * 2 * pairs;
                              for (int64_t j = 0; j < pairs; ++j)
                                out[(*in.diff_attrs)[j]] += dx * ga[2 * j] + dy * ga[2 * j + 1];
                            });
}

#define TVDR_INSTANTIATE(T)                                               \
  template void interpolate_forward(const InterpolateInputs<T>&, T*, T*); \
  template void interpolate_backward(const InterpolateInputs<T>&, const T*, const T*, T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
