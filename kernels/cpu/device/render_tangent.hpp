// Forward mode of render as the threads of a GPU find it.
#pragma once

#include "device/render.hpp"

namespace tvdr {

// One pass of forward mode: the arguments, and what the first kernel writes.
struct RenderTangentJob {
  Image image;
  const float* rast;                  // [batch, height, width, 4]
  const Crossing* crossings;          // [batch, height, width, 2], or null: there was no antialiasing
  const float* changes;               // see RenderJob
  const BlendChange<float>* blended;  // the same
  const float* to_clip_tangent;       // [batch, 4, 4]
  const float* eye_tangent;           // [batch, 3]
  float* shaded_tangent;              // [batch, height, width, 4]: of the colours before any blending
  float* out_tangent;                 // the same
  float* rast_tangent;                // the same
};

// First kernel: the change of each pixel's own colour, u and v.
inline void render_tangent_pixels(const RenderTangentJob& job, const Thread& thread) {
  const Image& image = job.image;
  const double width = static_cast<double>(image.width), height = static_cast<double>(image.height);
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    float *out = job.shaded_tangent + 4 * i, *rast = job.rast_tangent + 4 * i;
    for (int k = 0; k < 4; ++k) out[k] = rast[k] = 0;
    if (job.rast[4 * i + 3] == 0) continue;
    const int64_t b = i / image.pixels(), in_image = i % image.pixels();
    const int64_t py = in_image / image.width, px = in_image % image.width;
    double m[16];
    for (int k = 0; k < 16; ++k) m[k] = static_cast<double>(job.to_clip_tangent[16 * b + k]);
    kept_change(job.changes, image, b, in_image)
        .tangent(m, job.eye_tangent + 3 * b, image.center_x(px), image.center_y(py), width, height, out, rast);
  }
}

// Second kernel: and of what crossings blend into it.
inline void render_tangent_blend(const RenderTangentJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const float* own = job.shaded_tangent + 4 * i;
    const float* m = job.to_clip_tangent + 16 * (i / image.pixels());
    float out[4] = {own[0], own[1], own[2], own[3]};
    const Around around(image, i, i % image.width, i % image.pixels() / image.width);
    for (const int64_t place : around.at) {
      if (!job.crossings || place < 0 || job.crossings[place].face < 0) continue;
      const Blend blend(job.crossings[place], image);
      if (blend.to != i) continue;
      const BlendChange<float>& change = job.blended[place];
      double d_blend = 0;
      for (int r = 0; r < 3; ++r)  // x, y and w
        for (int j = 0; j < 4; ++j)
          d_blend += static_cast<double>(change.matrix[4 * r + j]) * static_cast<double>(m[4 * (r + r / 2) + j]);
      const float* from = job.shaded_tangent + 4 * blend.from;
      for (int j = 0; j < 4; ++j)
        out[j] += static_cast<float>(d_blend * static_cast<double>(change.difference[j])) +
                  static_cast<float>(blend.weight) * (from[j] - own[j]);
    }
    for (int j = 0; j < 4; ++j) job.out_tangent[4 * i + j] = out[j];
  }
}

}  // namespace tvdr
