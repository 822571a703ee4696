// The gradients of render as the threads of a GPU find them: of each pixel, then summed in the CPU's order, in eight
// lanes for each tile of the image, and over the tiles. No sum uses atomics.
#pragma once

#include "device/render.hpp"

namespace tvdr {

// Of a clip matrix's rows x, y and w, and of the eye; see CameraGradient.
constexpr int64_t kCameraSums = 15, kSumLanes = 8;

// One backward pass of render: the arguments, and what the first two kernels write.
struct RenderGradJob {
  Image image;
  int64_t tile;                       // pixels along the sides of a tile, see TileGrid
  const float* rast;                  // [batch, height, width, 4]
  const Crossing* crossings;          // [batch, height, width, 2], or null: there was no antialiasing
  const float* changes;               // see RenderJob
  const BlendChange<float>* blended;  // the same
  const float* grad_out;              // [batch, height, width, 4], or null
  const float* grad_rast;             // the same, of u and v alone
  float* parts;                       // [batch, kCameraSums, height, width]: what each covered pixel gives
  double* sums;                       // [batch, tiles, kCameraSums, kSumLanes]
  float* to_clip_grad;                // [batch, 4, 4]
  float* eye_grad;                    // [batch, 3]

  int64_t columns() const { return (image.width + tile - 1) / tile; }
  int64_t tiles() const { return columns() * ((image.height + tile - 1) / tile); }
  bool covered(int64_t pixel) const { return rast[4 * pixel + 3] != 0; }
};

// First kernel: what each covered pixel gives.
inline void render_grad_pixels(const RenderGradJob& job, const Thread& thread) {
  const Image& image = job.image;
  const float width = static_cast<float>(image.width), height = static_cast<float>(image.height);
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    if (!job.covered(i)) continue;
    const int64_t b = i / image.pixels(), in_image = i % image.pixels();
    const int64_t py = in_image / image.width, px = in_image % image.width;
    float g[3] = {0, 0, 0};
    if (job.grad_out) {
      const float* own = job.grad_out + 4 * i;
      for (int c = 0; c < 3; ++c) g[c] = own[c];
      const Around around(image, i, px, py);
      for (const int64_t place : around.at) {
        if (!job.crossings || place < 0 || job.crossings[place].face < 0) continue;
        const Blend blend(job.crossings[place], image);
        const float weight = static_cast<float>(blend.weight);
        for (int c = 0; c < 3; ++c) {
          const float part = weight * job.grad_out[4 * blend.to + c];
          g[c] = blend.to == i ? g[c] - part : g[c] + part;
        }
      }
    }
    const float u = job.grad_rast ? job.grad_rast[4 * i] : 0, v = job.grad_rast ? job.grad_rast[4 * i + 1] : 0;
    const float cx = static_cast<float>(2 * px + 1) - width, cy = static_cast<float>(2 * py + 1) - height;
    kept_change(job.changes, image, b, in_image)
        .gradient(g[0], g[1], g[2], u, v, cx, cy, width, height, [&](int which, float value) {
          job.parts[(b * kCameraSums + which) * image.pixels() + in_image] = value;
        });
  }
}

// Second kernel: a thread adds up one lane of one number of one tile: what its crossings give, in the first lane, and
// of the covered pixels, row by row, every eighth.
inline void render_grad_tiles(const RenderGradJob& job, const Thread& thread) {
  const Image& image = job.image;
  const int64_t items = image.batch * job.tiles() * kCameraSums * kSumLanes;
  for (int64_t item = thread.index(); item < items; item += thread.count()) {
    const int64_t lane = item % kSumLanes, which = item / kSumLanes % kCameraSums,
                  tile = item / (kSumLanes * kCameraSums) % job.tiles(),
                  b = item / (kSumLanes * kCameraSums * job.tiles());
    const int64_t x0 = tile % job.columns() * job.tile, y0 = tile / job.columns() * job.tile;
    const int64_t x1 = lesser(x0 + job.tile, image.width), y1 = lesser(y0 + job.tile, image.height);
    const int64_t first = b * image.pixels();
    double sum = 0;
    if (lane == 0 && which < 12 && job.crossings && job.grad_out) {
      for (int64_t y = y0; y < y1; ++y) {
        for (int64_t place = 2 * (first + y * image.width + x0); place < 2 * (first + y * image.width + x1); ++place) {
          if (job.crossings[place].face < 0) continue;
          const Blend blend(job.crossings[place], image);
          const BlendChange<float>& change = job.blended[place];
          double along = 0;
          for (int j = 0; j < 4; ++j)
            along += static_cast<double>(job.grad_out[4 * blend.to + j]) * static_cast<double>(change.difference[j]);
          sum += along * static_cast<double>(change.matrix[which]);
        }
      }
    }
    const float* parts = job.parts + (b * kCameraSums + which) * image.pixels();
    int64_t seen = 0;
    for (int64_t y = y0; y < y1; ++y)
      for (int64_t at = y * image.width + x0; at < y * image.width + x1; ++at)
        if (job.covered(first + at) && seen++ % kSumLanes == lane) sum += static_cast<double>(parts[at]);
    job.sums[item] = sum;
  }
}

// Third kernel: the sums over lanes and tiles.
inline void render_grad_totals(const RenderGradJob& job, const Thread& thread) {
  for (int64_t item = thread.index(); item < job.image.batch * kCameraSums; item += thread.count()) {
    const int64_t b = item / kCameraSums, which = item % kCameraSums;
    double total = 0;
    for (int64_t tile = 0; tile < job.tiles(); ++tile) {
      const double* lanes = job.sums + ((b * job.tiles() + tile) * kCameraSums + which) * kSumLanes;
      double part = 0;
      for (int64_t lane = 0; lane < kSumLanes; ++lane) part += lanes[lane];
      total += part;
    }
    float *matrix = job.to_clip_grad + 16 * b, *eye = job.eye_grad + 3 * b;
    if (which < 8) matrix[which] = static_cast<float>(total);
    if (which < 4) matrix[8 + which] = 0;  // the depth, row z, has no gradient
    if (which >= 8 && which < 12) matrix[4 + which] = static_cast<float>(total);
    if (which >= 12) eye[which - 12] = static_cast<float>(total);
  }
}

}  // namespace tvdr
