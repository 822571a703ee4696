// Forward mode of rasterize as the threads of a GPU find it.
#pragma once

#include "device/thread.hpp"
#include "portable/barycentrics.hpp"

namespace tvdr {

struct RasterizeTangentJob {
  Image image;
  const float* pos;  // [batch or 1, vertices, 4]
  int64_t pos_stride;
  const int32_t* tri;
  int64_t triangles;
  const float* rast;         // [batch, height, width, 4]
  const float* pos_tangent;  // as pos
  float* rast_tangent;       // [batch, height, width, 4]
  float* db_tangent;         // the same, or null
};

inline void rasterize_tangent(const RasterizeTangentJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), py = i % image.pixels() / image.width, px = i % image.width;
    float *out = job.rast_tangent + 4 * i, *out_db = job.db_tangent ? job.db_tangent + 4 * i : nullptr;
    for (int k = 0; k < 4; ++k) out[k] = 0;
    for (int k = 0; out_db && k < 4; ++k) out_db[k] = 0;
    const float shown = job.rast[4 * i + 3];
    if (!(shown >= 1 && shown <= static_cast<float>(job.triangles))) continue;
    const int32_t* index = job.tri + 3 * (static_cast<int64_t>(shown) - 1);
    const double cx = image.center_x(px), cy = image.center_y(py);
    const int64_t first = b * job.pos_stride;
    const PixelTriangle t(job.pos + first, index, image, cx, cy);
    pixel_tangent(t, job.pos_tangent + first, index, image, cx, cy, out, out_db);
  }
}

}  // namespace tvdr
