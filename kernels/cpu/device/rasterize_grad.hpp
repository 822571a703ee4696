// The gradient of rasterize as the threads of a GPU find it: what each pixel gives to its triangle's corners, to be
// added up by vertex_sums.hpp.
#pragma once

#include "device/vertex_sums.hpp"
#include "portable/barycentrics.hpp"

namespace tvdr {

struct RasterizeGradJob {
  Image image;
  const float* pos;  // [batch or 1, vertices, 4]
  int64_t pos_stride;
  int64_t vertices;
  const int32_t* tri;
  int64_t triangles;
  const float* rast;       // [batch, height, width, 4]
  const float* grad_rast;  // the same; of u and v alone
  const float* grad_db;    // the same, or null
  int64_t* owner;          // [batch, height, width, 3]: the vertices, see kNobody
  float* parts;            // [batch, height, width, 3, 3]: the gradients of their x, y and w
};

inline void rasterize_grad_pixels(const RasterizeGradJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), py = i % image.pixels() / image.width, px = i % image.width;
    const float shown = job.rast[4 * i + 3];
    if (!(shown >= 1 && shown <= static_cast<float>(job.triangles))) {
      for (int k = 0; k < 3; ++k) job.owner[3 * i + k] = kNobody;
      continue;
    }
    const int32_t* index = job.tri + 3 * (static_cast<int64_t>(shown) - 1);
    const double cx = image.center_x(px), cy = image.center_y(py);
    const PixelTriangle t(job.pos + b * job.pos_stride, index, image, cx, cy);
    pixel_gradient(t, image, cx, cy, job.grad_rast + 4 * i, job.grad_db ? job.grad_db + 4 * i : nullptr,
                   job.parts + 9 * i);
    for (int k = 0; k < 3; ++k) job.owner[3 * i + k] = (job.pos_stride == 0 ? 0 : b * job.vertices) + index[k];
  }
}

}  // namespace tvdr
