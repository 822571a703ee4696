// interpolate and its gradients as the threads of a GPU find them. Gradients of vertices are added up as in
// vertex_sums.hpp.
#pragma once

#include "device/vertex_sums.hpp"
#include "portable/geometry.hpp"

namespace tvdr {

// One call of interpolate, forward or backward: the arguments, and memory to work in.
struct InterpolateJob {
  Image image;
  const float* attr;    // [batch or 1, vertices, channels]
  int64_t attr_stride;  // numbers from one image's vertices to the next image's; 0 if all share them
  int64_t vertices;
  int64_t channels;
  const int32_t* tri;
  int64_t triangles;
  const float* rast;          // [batch, height, width, 4]
  const float* rast_db;       // the same, or null without derivatives
  const int32_t* diff_attrs;  // [pairs], the channels to differentiate, or null: all, in order
  int64_t pairs;
  float* out;             // [batch, height, width, channels]
  float* out_da;          // [batch, height, width, 2 pairs]
  const float* grad_out;  // as out
  const float* grad_da;   // as out_da, or null
  float* rast_grad;       // as rast, or null
  float* db_grad;         // the same
  int64_t* owner;         // [batch, height, width, 3]: the vertex of each pixel's corners, see kNobody; later sorted
  const int64_t* place;   // [batch, height, width, 3]: where each stood before
  float* attr_grad;       // as attr, zeros

  // The triangle that a pixel shows, or -1.
  int64_t triangle(int64_t pixel) const {
    const float id = rast[4 * pixel + 3];
    return id >= 1 && id <= static_cast<float>(triangles) ? static_cast<int64_t>(id) - 1 : -1;
  }
  int64_t channel(int64_t pair) const { return diff_attrs ? diff_attrs[pair] : pair; }
};

// The three vertices' attributes at one covered pixel.
struct CornersOfPixel {
  const float* a[3];

  CornersOfPixel(const InterpolateJob& job, int64_t b, int64_t id) {
    for (int k = 0; k < 3; ++k)
      a[k] = job.attr + b * job.attr_stride + static_cast<int64_t>(job.tri[3 * id + k]) * job.channels;
  }
  float along_u(int64_t i) const { return a[0][i] - a[2][i]; }
  float along_v(int64_t i) const { return a[1][i] - a[2][i]; }
};

inline void interpolate_pixels(const InterpolateJob& job, const Thread& thread) {
  for (int64_t i = thread.index(); i < job.image.batch * job.image.pixels(); i += thread.count()) {
    const int64_t id = job.triangle(i);
    float *out = job.out + i * job.channels, *da = job.out_da + i * 2 * job.pairs;
    if (id < 0) {
      for (int64_t c = 0; c < job.channels; ++c) out[c] = 0;
      for (int64_t j = 0; j < 2 * job.pairs; ++j) da[j] = 0;
      continue;
    }
    const CornersOfPixel corners(job, i / job.image.pixels(), id);
    const float u = job.rast[4 * i], v = job.rast[4 * i + 1], w = 1.0f - u - v;
    for (int64_t c = 0; c < job.channels; ++c) out[c] = u * corners.a[0][c] + v * corners.a[1][c] + w * corners.a[2][c];
    const float* db = job.rast_db + 4 * i;
    for (int64_t j = 0; j < job.pairs; ++j) {
      const float along_u = corners.along_u(job.channel(j)), along_v = corners.along_v(job.channel(j));
      da[2 * j] = db[0] * along_u + db[2] * along_v;
      da[2 * j + 1] = db[1] * along_u + db[3] * along_v;
    }
  }
}

// The gradients of `rast` and `rast_db`.
inline void interpolate_grad_pixels(const InterpolateJob& job, const Thread& thread) {
  for (int64_t i = thread.index(); i < job.image.batch * job.image.pixels(); i += thread.count()) {
    const int64_t id = job.triangle(i);
    float of_rast[4] = {0, 0, 0, 0}, of_db[4] = {0, 0, 0, 0};
    if (id >= 0) {
      const CornersOfPixel corners(job, i / job.image.pixels(), id);
      const float* g = job.grad_out + i * job.channels;
      for (int64_t c = 0; c < job.channels; ++c) {
        of_rast[0] += g[c] * corners.along_u(c);
        of_rast[1] += g[c] * corners.along_v(c);
      }
      for (int64_t j = 0; job.grad_da && j < job.pairs; ++j) {
        const float* ga = job.grad_da + (i * job.pairs + j) * 2;
        const float along_u = corners.along_u(job.channel(j)), along_v = corners.along_v(job.channel(j));
        of_db[0] += ga[0] * along_u;
        of_db[1] += ga[1] * along_u;
        of_db[2] += ga[0] * along_v;
        of_db[3] += ga[1] * along_v;
      }
    }
    for (int k = 0; job.rast_grad && k < 4; ++k) job.rast_grad[4 * i + k] = of_rast[k];
    for (int k = 0; job.db_grad && k < 4; ++k) job.db_grad[4 * i + k] = of_db[k];
  }
}

// The vertices to which the pixels' corners belong, before they are sorted.
inline void interpolate_owners(const InterpolateJob& job, const Thread& thread) {
  for (int64_t i = thread.index(); i < job.image.batch * job.image.pixels(); i += thread.count()) {
    const int64_t id = job.triangle(i), first = job.attr_stride == 0 ? 0 : i / job.image.pixels() * job.vertices;
    for (int k = 0; k < 3; ++k) job.owner[3 * i + k] = id < 0 ? kNobody : first + job.tri[3 * id + k];
  }
}

// The first of a vertex's corners adds up all of them.
inline void interpolate_attr_sums(const InterpolateJob& job, const Thread& thread) {
  const int64_t count = 3 * job.image.batch * job.image.pixels();
  for (int64_t i = thread.index(); i < count; i += thread.count()) {
    const int64_t owner = job.owner[i];
    if (owner == kNobody || (i > 0 && job.owner[i - 1] == owner)) continue;
    float* out = job.attr_grad + owner * job.channels;
    for (int64_t j = i; j < count && job.owner[j] == owner; ++j) {
      const int64_t pixel = job.place[j] / 3, k = job.place[j] % 3;
      const float* r = job.rast + 4 * pixel;
      const float weight = k < 2 ? r[k] : 1.0f - r[0] - r[1];
      for (int64_t c = 0; c < job.channels; ++c) out[c] += weight * job.grad_out[pixel * job.channels + c];
      if (!job.grad_da) continue;
      const float* db = job.rast_db + 4 * pixel;
      const float dx = k < 2 ? db[2 * k] : -db[0] - db[2], dy = k < 2 ? db[2 * k + 1] : -db[1] - db[3];
      const float* ga = job.grad_da + pixel * 2 * job.pairs;
      for (int64_t p = 0; p < job.pairs; ++p) out[job.channel(p)] += dx * ga[2 * p] + dy * ga[2 * p + 1];
    }
  }
}

}  // namespace tvdr
