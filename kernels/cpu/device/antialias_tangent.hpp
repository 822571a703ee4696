// Forward mode of antialias as the threads of a GPU find it: each pixel adds up its changes in the CPU's order.
#pragma once

#include "device/thread.hpp"
#include "portable/blend.hpp"

namespace tvdr {

struct AntialiasTangentJob {
  Image image;
  int64_t channels;
  const float* pos;  // [batch or 1, vertices, 4]
  int64_t pos_stride;
  const int32_t* tri;
  const float* color;          // [batch, height, width, channels]
  const Crossing* crossings;   // [batch, height, width, 2], see AntialiasJob
  const float* color_tangent;  // as color, or null
  const float* pos_tangent;    // as pos, or null
  float* out;                  // as color
};

inline void antialias_tangent(const AntialiasTangentJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), py = i % image.pixels() / image.width, px = i % image.width;
    float* out = job.out + i * job.channels;
    const float* own = job.color + i * job.channels;
    const float* change = job.color_tangent ? job.color_tangent + i * job.channels : nullptr;
    for (int64_t c = 0; c < job.channels; ++c) out[c] = change ? change[c] : 0;
    const Surface<float> surface{image, job.pos + b * job.pos_stride, job.tri, nullptr};
    const int64_t at[4] = {py > 0 ? 2 * (i - image.width) + 1 : -1, px > 0 ? 2 * (i - 1) : -1, 2 * i, 2 * i + 1};
    for (const int64_t place : at) {
      if (place < 0 || job.crossings[place].face < 0) continue;
      const Crossing& crossing = job.crossings[place];
      const Blend blend(crossing, image);
      if (blend.to != i) continue;
      const double d_blend =
          job.pos_tangent ? blend_tangent(surface, crossing, job.pos_tangent + b * job.pos_stride) : 0;
      const float* from = job.color + blend.from * job.channels;
      for (int64_t c = 0; c < job.channels; ++c) {
        out[c] += static_cast<float>(d_blend * (from[c] - own[c]));
        if (change)
          out[c] += static_cast<float>(blend.weight) * (job.color_tangent[blend.from * job.channels + c] - change[c]);
      }
    }
  }
}

}  // namespace tvdr
