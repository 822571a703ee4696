// The gradients of antialias as the threads of a GPU find them: of each pixel's colour, which adds up its parts in the
// CPU's order, and what each crossing gives to the ends of its edge, to be added up by vertex_sums.hpp.
#pragma once

#include "device/vertex_sums.hpp"
#include "portable/blend.hpp"

namespace tvdr {

// One backward pass of antialias: the arguments, and what the first kernel writes.
struct AntialiasGradJob {
  Image image;
  int64_t channels;
  const float* pos;  // [batch or 1, vertices, 4]
  int64_t pos_stride;
  int64_t vertices;
  const int32_t* tri;
  const float* color;         // [batch, height, width, channels]
  const float* grad_out;      // the same
  const Crossing* crossings;  // [batch, height, width, 2], see AntialiasJob
  double boost;
  float* color_grad;  // [batch, height, width, channels]
  int64_t* owner;     // [batch, height, width, 2, 2]: the vertex that each end of a crossing's edge is; see kNobody
  float* ends;        // [batch, height, width, 2, 2, 3]: the gradients of its x, y and w
};

// A pixel's colour, and the edges of the two crossings that are its own.
inline void antialias_grad_pixels(const AntialiasGradJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), py = i % image.pixels() / image.width, px = i % image.width;
    const float* own = job.grad_out + i * job.channels;
    float* grad = job.color_grad + i * job.channels;
    for (int64_t c = 0; c < job.channels; ++c) grad[c] = own[c];
    const int64_t at[4] = {py > 0 ? 2 * (i - image.width) + 1 : -1, px > 0 ? 2 * (i - 1) : -1, 2 * i, 2 * i + 1};
    for (const int64_t place : at) {
      if (place < 0 || job.crossings[place].face < 0) continue;
      const Blend blend(job.crossings[place], image);
      const float* g = job.grad_out + blend.to * job.channels;
      for (int64_t c = 0; c < job.channels; ++c) {
        const float part = static_cast<float>(blend.weight) * g[c];
        grad[c] = blend.to == i ? grad[c] - part : grad[c] + part;
      }
    }
    const Surface<float> surface{image, job.pos + b * job.pos_stride, job.tri, nullptr};
    const int64_t first_vertex = job.pos_stride == 0 ? 0 : b * job.vertices;
    for (int64_t place = 2 * i; place < 2 * i + 2; ++place) {
      const Crossing& crossing = job.crossings[place];
      if (crossing.face < 0) {
        job.owner[2 * place] = job.owner[2 * place + 1] = kNobody;
        continue;
      }
      const Blend blend(crossing, image);
      const double gradient = job.boost * blend_gradient(crossing, job.grad_out + blend.to * job.channels,
                                                         job.color + blend.to * job.channels,
                                                         job.color + blend.from * job.channels, job.channels);
      Vec3 ends[2];
      edge_gradients(surface, crossing, gradient, ends);
      for (int end = 0; end < 2; ++end) {
        const int32_t corner = job.tri[3 * static_cast<int64_t>(crossing.face) + (crossing.edge + 1 + end) % 3];
        job.owner[2 * place + end] = first_vertex + corner;
        float* out = job.ends + 3 * (2 * place + end);
        out[0] = static_cast<float>(ends[end].x);
        out[1] = static_cast<float>(ends[end].y);
        out[2] = static_cast<float>(ends[end].z);
      }
    }
  }
}

}  // namespace tvdr
