#include "optim/statistics.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/clones.hpp"
#include "core/thread_pool.hpp"
#include "portable/losses.hpp"

namespace tvdr {
namespace {

// Sums of one row in a fixed number of lanes, so that their order is the same on every machine.
constexpr int kPixels = 4;
struct RowSums {
  double value[kPixels * 4] = {}, square[kPixels * 4] = {};
};

template <typename T>
TVDR_INLINE void add(const T* __restrict rgba, int64_t width, double* __restrict value, double* __restrict square) {
  const int64_t whole = width / kPixels * kPixels;
  for (int64_t i = 0; i < 4 * whole; i += 4 * kPixels) {
    for (int lane = 0; lane < 4 * kPixels; ++lane) {
      const auto x = static_cast<double>(rgba[i + lane]);
      value[lane] += x;
      square[lane] += x * x;
    }
  }
  for (int64_t i = 4 * whole; i < 4 * width; ++i) {
    const auto x = static_cast<double>(rgba[i]);
    value[i - 4 * whole] += x;
    square[i - 4 * whole] += x * x;
  }
}

// grad = slope rgba + offset, channel by channel.
template <typename T>
TVDR_INLINE void affine(const T* __restrict rgba, int64_t pixels, const T* slope, const T* offset, T* __restrict grad) {
  T s[4], o[4];
  for (int c = 0; c < 4; ++c) {
    s[c] = slope[c];
    o[c] = offset[c];
  }
  for (int64_t p = 0; p < pixels; ++p)
    for (int c = 0; c < 4; ++c) grad[4 * p + c] = s[c] * rgba[4 * p + c] + o[c];
}

template <bool Clip, typename T>
TVDR_INLINE void error_gradient(const T* __restrict rgba, const T* __restrict target, int64_t width, T factor,
                                T* __restrict grad) {
  for (int64_t p = 0; p < width; ++p) {
    for (int c = 0; c < 3; ++c) grad[4 * p + c] = error_slope<Clip>(rgba[4 * p + c], target[3 * p + c], factor);
    grad[4 * p + 3] = 0;
  }
}

#define TVDR_CLONE(T)                                                                                               \
  TVDR_CLONES void add_clone(const T* rgba, int64_t width, double* value, double* square) {                         \
    add(rgba, width, value, square);                                                                                \
  }                                                                                                                 \
  TVDR_CLONES void affine_clone(const T* rgba, int64_t pixels, const T* slope, const T* offset, T* grad) {          \
    affine(rgba, pixels, slope, offset, grad);                                                                      \
  }                                                                                                                 \
  TVDR_CLONES double error_clone(const T* rgba, const T* target, int64_t width) {                                   \
    return row_error<false>(rgba, target, width);                                                                   \
  }                                                                                                                 \
  TVDR_CLONES double clipped_error_clone(const T* rgba, const T* target, int64_t width) {                           \
    return row_error<true>(rgba, target, width);                                                                    \
  }                                                                                                                 \
  TVDR_CLONES void error_gradient_clone(const T* rgba, const T* target, int64_t width, T factor, T* grad) {         \
    error_gradient<false>(rgba, target, width, factor, grad);                                                       \
  }                                                                                                                 \
  TVDR_CLONES void clipped_error_gradient_clone(const T* rgba, const T* target, int64_t width, T factor, T* grad) { \
    error_gradient<true>(rgba, target, width, factor, grad);                                                        \
  }
TVDR_CLONE(float)
TVDR_CLONE(double)

// Rows to a task, so that a task is worth handing out.
constexpr int64_t kRows = 16;

template <typename F>
void for_each_row(int threads, const Image& image, F&& body) {
  const int64_t rows = image.batch * image.height;
  parallel_for(threads, (rows + kRows - 1) / kRows, [&](int64_t task) {
    for (int64_t row = task * kRows; row < std::min(rows, (task + 1) * kRows); ++row) body(row);
  });
}

}  // namespace

template <typename T>
void statistics_forward(const Images<T>& in, T (*out)[3]) {
  const Image& image = in.size;
  std::vector<RowSums> rows(image.batch * image.height);
  for_each_row(in.threads, image, [&](int64_t row) {
    add_clone(in.rgba + 4 * row * image.width, image.width, rows[row].value, rows[row].square);
  });
  for (int64_t b = 0; b < image.batch; ++b) {
    double sum = 0, squares = 0, alpha = 0;
    for (int64_t row = b * image.height; row < (b + 1) * image.height; ++row) {
      for (int lane = 0; lane < 4 * kPixels; ++lane) {
        if (lane % 4 == 3) {
          alpha += rows[row].value[lane];
        } else {
          sum += rows[row].value[lane];
          squares += rows[row].square[lane];
        }
      }
    }
    statistics_of(sum, squares, alpha, image, out[b]);
  }
}

template <typename T>
void statistics_backward(const Images<T>& in, const T (*statistics)[3], const T (*grad_out)[3], T* grad) {
  const Image& image = in.size;
  for_each_row(in.threads, image, [&](int64_t row) {
    const int64_t b = row / image.height, first = 4 * row * image.width;
    const StatisticsSlopes<T> of(statistics[b], grad_out[b][0], grad_out[b][1], grad_out[b][2], image);
    const T slopes[4] = {of.slope, of.slope, of.slope, T(0)};
    const T offsets[4] = {of.offset, of.offset, of.offset, of.alpha};
    affine_clone(in.rgba + first, image.width, slopes, offsets, grad + first);
  });
}

template <typename T>
void view_heuristic_forward(const Images<T>& in, T (*statistics)[3], T* loss) {
  statistics_forward(in, statistics);
  for (int64_t b = 0; b < in.size.batch; ++b) loss[b] = heuristic_of(statistics[b]);
}

template <typename T>
void view_heuristic_backward(const Images<T>& in, const T (*statistics)[3], const T* grad_out, T* grad) {
  const std::unique_ptr<T[][3]> slopes(new T[in.size.batch][3]);
  for (int64_t b = 0; b < in.size.batch; ++b) heuristic_slopes(statistics[b], grad_out[b], slopes[b]);
  statistics_backward(in, statistics, slopes.get(), grad);
}

template <typename T>
void squared_error_forward(const Images<T>& in, const T* target, bool clip, T* out) {
  const Image& image = in.size;
  std::vector<double> rows(image.batch * image.height);
  for_each_row(in.threads, image, [&](int64_t row) {
    const T *rgba = in.rgba + 4 * row * image.width, *wanted = target + 3 * (row % image.height) * image.width;
    rows[row] = clip ? clipped_error_clone(rgba, wanted, image.width) : error_clone(rgba, wanted, image.width);
  });
  for (int64_t b = 0; b < image.batch; ++b) {
    double sum = 0;
    for (int64_t row = b * image.height; row < (b + 1) * image.height; ++row) sum += rows[row];
    out[b] = static_cast<T>(sum / (3 * static_cast<double>(image.pixels())));
  }
}

template <typename T>
void squared_error_backward(const Images<T>& in, const T* target, bool clip, const T* grad_out, T* grad) {
  const Image& image = in.size;
  for_each_row(in.threads, image, [&](int64_t row) {
    const T *rgba = in.rgba + 4 * row * image.width, *wanted = target + 3 * (row % image.height) * image.width;
    const T factor = error_factor(grad_out[row / image.height], image);
    T* out = grad + 4 * row * image.width;
    if (clip) {
      clipped_error_gradient_clone(rgba, wanted, image.width, factor, out);
    } else {
      error_gradient_clone(rgba, wanted, image.width, factor, out);
    }
  });
}

#define TVDR_INSTANTIATE(T)                                                              \
  template void statistics_forward(const Images<T>&, T(*)[3]);                           \
  template void statistics_backward(const Images<T>&, const T(*)[3], const T(*)[3], T*); \
  template void view_heuristic_forward(const Images<T>&, T(*)[3], T*);                   \
  template void view_heuristic_backward(const Images<T>&, const T(*)[3], const T*, T*);  \
  template void squared_error_forward(const Images<T>&, const T*, bool, T*);             \
  template void squared_error_backward(const Images<T>&, const T*, bool, const T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
