// What losses make of an image's numbers, and their gradients.
#pragma once

#include "portable/geometry.hpp"

namespace tvdr {

// What a camera that records [0, 1] makes of a value.
template <bool clip, typename T>
TVDR_INLINE T recorded(T value) {
  if constexpr (!clip) return value;
  const T positive = value < T(0) ? T(0) : value;  // in two steps, which compilers vectorize
  return positive > T(1) ? T(1) : positive;
}

// The sum of squared differences of a row's colours, in three lanes. target: three numbers a pixel.
template <bool clip, typename T>
TVDR_INLINE double row_error(const T* __restrict rgba, const T* __restrict target, int64_t width) {
  double r = 0, g = 0, b = 0;
  for (int64_t p = 0; p < width; ++p) {
    const double dr = static_cast<double>(recorded<clip>(rgba[4 * p]) - target[3 * p]);
    const double dg = static_cast<double>(recorded<clip>(rgba[4 * p + 1]) - target[3 * p + 1]);
    const double db = static_cast<double>(recorded<clip>(rgba[4 * p + 2]) - target[3 * p + 2]);
    r += dr * dr;
    g += dg * dg;
    b += db * db;
  }
  return r + g + b;
}

// The gradient of a colour value, which is zero where it was clipped.
template <bool clip, typename T>
TVDR_INLINE T error_slope(T value, T target, T factor) {
  const T slope = factor * (value - target);
  return !clip || (value >= T(0) && value <= T(1)) ? slope : T(0);
}

template <typename T>
TVDR_INLINE T error_factor(T grad_out, const Image& image) {
  return static_cast<T>(2 * static_cast<double>(grad_out) / (3 * static_cast<double>(image.pixels())));
}

// Mean and (unbiased) standard deviation of the colour values, and the mean of the fourth channel, from their sums.
template <typename T>
TVDR_INLINE void statistics_of(double sum, double squares, double alpha, const Image& image, T* out) {
  const double pixels = static_cast<double>(image.pixels()), count = 3 * pixels;
  const double mean = sum / count, variance = greater(0.0, (squares - sum * mean) / (count - 1));
  out[0] = static_cast<T>(mean);
  out[1] = static_cast<T>(root(variance));
  out[2] = static_cast<T>(alpha / pixels);
}

// The gradient of an image is slope times its values, of the colours alone, plus an offset for these and for the fourth
// channel.
template <typename T>
struct StatisticsSlopes {
  T slope, offset, alpha;

  TVDR_INLINE StatisticsSlopes(const T* statistics, T of_mean, T of_deviation, T of_alpha, const Image& image) {
    const double pixels = static_cast<double>(image.pixels()), count = 3 * pixels;
    const double mean = static_cast<double>(statistics[0]), deviation = static_cast<double>(statistics[1]);
    const double steep = deviation > 0 ? static_cast<double>(of_deviation) / (deviation * (count - 1)) : 0;
    slope = static_cast<T>(steep);
    offset = static_cast<T>(static_cast<double>(of_mean) / count - steep * mean);
    alpha = static_cast<T>(static_cast<double>(of_alpha) / pixels);
  }
};

// TVDRNet's heuristic, |mean - 1/2| - 0.1 deviation - 0.5 coverage, and its gradient with respect to these three.
template <typename T>
TVDR_INLINE T heuristic_of(const T* statistics) {
  const T off = statistics[0] - T(0.5);
  return (off < 0 ? -off : off) - T(0.1) * statistics[1] - T(0.5) * statistics[2];
}
template <typename T>
TVDR_INLINE void heuristic_slopes(const T* statistics, T grad_out, T* out) {
  const T off = statistics[0] - T(0.5);
  out[0] = off > 0 ? grad_out : off < 0 ? -grad_out : T(0);
  out[1] = T(-0.1) * grad_out;
  out[2] = T(-0.5) * grad_out;
}

}  // namespace tvdr
