// The losses of images as the threads of a GPU find them: sums of rows, then over the rows, in the CPU's order.
#pragma once

#include "device/thread.hpp"
#include "portable/losses.hpp"

namespace tvdr {

// Mean squared error to a target, forward and backward.
struct SquaredErrorJob {
  Image image;
  const float* rgba;      // [batch, height, width, 4]
  const float* target;    // [height, width, 3]
  int32_t clip;           // colours are clipped to [0, 1] first
  double* rows;           // [batch, height]
  float* out;             // [batch]
  const float* grad_out;  // the same
  float* grad;            // [batch, height, width, 4]
};

inline void squared_error_rows(const SquaredErrorJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t row = thread.index(); row < image.batch * image.height; row += thread.count()) {
    const float *rgba = job.rgba + 4 * row * image.width, *target = job.target + 3 * (row % image.height) * image.width;
    job.rows[row] = job.clip ? row_error<true>(rgba, target, image.width) : row_error<false>(rgba, target, image.width);
  }
}

inline void squared_error_totals(const SquaredErrorJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t b = thread.index(); b < image.batch; b += thread.count()) {
    double sum = 0;
    for (int64_t row = b * image.height; row < (b + 1) * image.height; ++row) sum += job.rows[row];
    job.out[b] = static_cast<float>(sum / (3 * static_cast<double>(image.pixels())));
  }
}

inline void squared_error_grad(const SquaredErrorJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const float factor = error_factor(job.grad_out[i / image.pixels()], image);
    const float *rgba = job.rgba + 4 * i, *target = job.target + 3 * (i % image.pixels());
    float* grad = job.grad + 4 * i;
    for (int c = 0; c < 3; ++c)
      grad[c] =
          job.clip ? error_slope<true>(rgba[c], target[c], factor) : error_slope<false>(rgba[c], target[c], factor);
    grad[3] = 0;
  }
}

constexpr int64_t kRowLanes = 16;  // of four pixels' four channels

// An image's statistics, and TVDRNet's heuristic, forward and backward.
struct StatisticsJob {
  Image image;
  const float* rgba;      // [batch, height, width, 4]
  double* rows;           // [batch, height, kRowLanes, 2]: sums of values and of their squares
  float* statistics;      // [batch, 3]
  float* loss;            // [batch], the heuristic, or null
  const float* grad_out;  // [batch, 3] of the statistics, or [batch] of the heuristic where `loss` is not null
  float* grad;            // [batch, height, width, 4]
};

inline void statistics_rows(const StatisticsJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.height * kRowLanes; i += thread.count()) {
    const float* rgba = job.rgba + 4 * (i / kRowLanes) * image.width;
    double value = 0, square = 0;
    for (int64_t at = i % kRowLanes; at < 4 * image.width; at += kRowLanes) {
      const double x = static_cast<double>(rgba[at]);
      value += x;
      square += x * x;
    }
    job.rows[2 * i] = value;
    job.rows[2 * i + 1] = square;
  }
}

inline void statistics_totals(const StatisticsJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t b = thread.index(); b < image.batch; b += thread.count()) {
    double sum = 0, squares = 0, alpha = 0;
    const double* rows = job.rows + 2 * b * image.height * kRowLanes;
    for (int64_t i = 0; i < image.height * kRowLanes; ++i) {
      if (i % 4 == 3) {
        alpha += rows[2 * i];
      } else {
        sum += rows[2 * i];
        squares += rows[2 * i + 1];
      }
    }
    statistics_of(sum, squares, alpha, image, job.statistics + 3 * b);
    if (job.loss) job.loss[b] = heuristic_of(job.statistics + 3 * b);
  }
}

inline void statistics_grad(const StatisticsJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels();
    float of[3];
    if (job.loss) {
      heuristic_slopes(job.statistics + 3 * b, job.grad_out[b], of);
    } else {
      for (int k = 0; k < 3; ++k) of[k] = job.grad_out[3 * b + k];
    }
    const StatisticsSlopes<float> slopes(job.statistics + 3 * b, of[0], of[1], of[2], image);
    const float* rgba = job.rgba + 4 * i;
    for (int c = 0; c < 3; ++c) job.grad[4 * i + c] = slopes.slope * rgba[c] + slopes.offset;
    job.grad[4 * i + 3] = 0.0f * rgba[3] + slopes.alpha;  // as the CPU, to which all channels are alike
  }
}

}  // namespace tvdr
