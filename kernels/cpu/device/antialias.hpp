// antialias as the threads of a GPU do it: two kernels, one after the other, and what one thread does in each. The
// crossings and the image are the CPU's, bit for bit: every pixel adds up what its pairs give it in the CPU's order.
#pragma once

#include "device/thread.hpp"
#include "portable/blend.hpp"

namespace tvdr {

// One call of antialias: the arguments, and memory to work in.
struct AntialiasJob {
  Image image;
  int64_t channels;
  const float* pos;    // [batch or 1, vertices, 4]
  int64_t pos_stride;  // numbers from one image's vertices to the next image's; 0 if all share them
  const int32_t* tri;  // [triangles, 3]
  int64_t triangles;
  const int32_t* edge_rings;  // [triangles, 3]
  int32_t walk;               // how many triangles a walk may cross
  const float* rast;          // [batch, height, width, 4]
  const float* color;         // [batch, height, width, channels]
  float* out;                 // the same
  Crossing* crossings;        // [batch, height, width, 2]: to the right of each pixel, and above it; a face of -1: none

  // What the pixels show. An id that names no triangle is background: to refuse it would mean waiting for the GPU.
  int32_t triangle(int64_t pixel) const {
    const float id = rast[4 * pixel + 3];
    return id >= 1 && id <= static_cast<float>(triangles) ? static_cast<int32_t>(id) - 1 : -1;
  }
  float depth(int64_t pixel) const { return rast[4 * pixel + 2]; }
};

// First kernel: the crossings.
inline void antialias_find(const AntialiasJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), py = i % image.pixels() / image.width, px = i % image.width;
    const Surface<float> surface{image, job.pos + b * job.pos_stride, job.tri, job.edge_rings};
    for (int upwards = 0; upwards < 2; ++upwards) {
      Crossing& found = job.crossings[2 * i + upwards];
      const bool inside = upwards ? py + 1 < image.height : px + 1 < image.width;
      Pair pair;
      if (!inside || !pair.look(job, image, i, upwards != 0) || !find_between(surface, pair, job.walk, found))
        found.face = -1;
    }
  }
}

// Second kernel: the blended image.
inline void antialias_blend(const AntialiasJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t py = i % image.pixels() / image.width, px = i % image.width;
    float* out = job.out + i * job.channels;
    const float* own = job.color + i * job.channels;
    for (int64_t c = 0; c < job.channels; ++c) out[c] = own[c];
    // Of the pixels' order: those that come to this one from below and from the left, and its own two.
    const int64_t at[4] = {py > 0 ? 2 * (i - image.width) + 1 : -1, px > 0 ? 2 * (i - 1) : -1, 2 * i, 2 * i + 1};
    for (const int64_t place : at) {
      if (place < 0 || job.crossings[place].face < 0) continue;
      const Blend blend(job.crossings[place], image);
      if (blend.to != i) continue;
      const float* from = job.color + blend.from * job.channels;
      for (int64_t c = 0; c < job.channels; ++c) out[c] += static_cast<float>(blend.weight) * (from[c] - own[c]);
    }
  }
}

}  // namespace tvdr
