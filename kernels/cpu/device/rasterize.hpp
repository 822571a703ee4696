// rasterize as the threads of a GPU do it: four kernels, one after the other, and what one thread does in each. No
// thread waits for another within a kernel. Images, depths and barycentrics are the CPU's, bit for bit: both decide
// coverage exactly, and take the lowest key at each pixel.
#pragma once

#include "device/atomics.hpp"
#include "device/thread.hpp"
#include "portable/barycentrics.hpp"
#include "portable/bounds.hpp"
#include "portable/planes.hpp"
#include "portable/visible.hpp"

namespace tvdr {

// A triangle of many pixels, in a part of the image.
struct LargePart {
  int32_t image, triangle;
  PixelBounds bounds;
};

// One call of rasterize: the arguments, and memory to work in.
struct RasterizeJob {
  Image image;
  const float* pos;    // [batch or 1, vertices, 4]
  int64_t pos_stride;  // numbers from one image's vertices to the next image's; 0 if all share them
  int64_t vertices;
  const int32_t* tri;  // [triangles, 3]
  int64_t triangles;
  const int32_t* ranges;  // [batch, 2], or null: all triangles in each image
  const float* peel;      // [batch, height, width, 4]: the rast of the layer in front, or null
  float* rast;            // [batch, height, width, 4]
  float* db;              // the same, or null

  ScreenVertex* screen;  // [batch or 1, vertices]
  int64_t* visible;      // [batch, height, width]
  LargePart* large;      // [large_room]
  int64_t large_room;
  int64_t* large_count;  // one number

  int64_t shared() const { return pos_stride == 0 ? 1 : image.batch; }
  const float* positions(int64_t b) const { return pos + b * pos_stride; }
  const ScreenVertex* on_screen(int64_t b) const { return screen + (pos_stride == 0 ? 0 : b) * vertices; }
};

constexpr int32_t kOneThreads = 64;  // pixels, at most, in the bounds of a triangle that one thread draws
constexpr int32_t kPartSide = 64;    // pixels along the sides of a large triangle's part

// First kernel: nothing is visible yet, and the vertices on the screen.
inline void rasterize_prepare(const RasterizeJob& job, const Thread& thread) {
  if (thread.index() == 0) *job.large_count = 0;
  const int64_t pixels = job.image.batch * job.image.pixels(), vertices = job.shared() * job.vertices;
  for (int64_t i = thread.index(); i < pixels; i += thread.count()) job.visible[i] = nothing_key();
  const Viewport<float> view(job.image);
  for (int64_t i = thread.index(); i < vertices; i += thread.count()) project(job.pos + 4 * i, view, job.screen[i]);
}

// Draws the pixels of a triangle that are `lane`, `lane + lanes` and so on among those in the bounds, row by row.
inline void draw_pixels(const RasterizeJob& job, int64_t b, int32_t id, const PixelBounds& bounds, int64_t lane,
                        int64_t lanes) {
  const float* pos = job.positions(b);
  const int32_t* index = job.tri + 3 * static_cast<int64_t>(id);
  Planes planes;
  if (!planes.set_up(pos, index, job.image)) return;
  const int32_t width = bounds.x1 - bounds.x0 + 1, count = width * (bounds.y1 - bounds.y0 + 1);
  for (int32_t i = static_cast<int32_t>(lane); i < count; i += static_cast<int32_t>(lanes)) {
    const int64_t px = bounds.x0 + i % width, py = bounds.y0 + i / width;
    const double cx = job.image.center_x(px), cy = job.image.center_y(py);
    const Planes::Row row = planes.row(cy);
    double z;
    if (!planes.cover(row, cx, cy, pos, index, job.image) || !planes.in_view(row, cx, z)) continue;
    const float depth = depth_key(z, float());
    const int64_t pixel = (b * job.image.height + py) * job.image.width + px;
    if (job.peel && !behind(job.peel + 4 * pixel, depth, id)) continue;
    atomic_lower(job.visible + pixel, visible_key(depth, id));
  }
}

// Where a triangle of image b may be seen; empty where it cannot.
inline PixelBounds bounds_of(const RasterizeJob& job, int64_t b, int64_t id) {
  constexpr PixelBounds nothing{0, -1, 0, -1};
  const int32_t* index = job.tri + 3 * id;
  const ScreenVertex* screen = job.on_screen(b);
  const ScreenVertex &p = screen[index[0]], &q = screen[index[1]], &r = screen[index[2]];
  if (p.flags & q.flags & r.flags & kAnyPlane) return nothing;
  if ((p.flags | q.flags | r.flags) & kUnprojected) {
    const float* pos = job.positions(b);
    const float* const corner[3] = {pos + 4 * static_cast<int64_t>(index[0]), pos + 4 * static_cast<int64_t>(index[1]),
                                    pos + 4 * static_cast<int64_t>(index[2])};
    return bound_unprojected(corner, job.image);
  }
  PixelBounds bounds;
  const int32_t inside = bound_projected(p.x, p.y, q.x, q.y, r.x, r.y, static_cast<float>(job.image.width),
                                         static_cast<float>(job.image.height), screen_error(job.image), bounds.x0,
                                         bounds.x1, bounds.y0, bounds.y1);
  return inside ? bounds : nothing;
}

// Second kernel: a thread draws small triangles, and leaves parts of large ones for the third. What finds no room there
// it draws itself.
inline void rasterize_draw(const RasterizeJob& job, const Thread& thread) {
  for (int64_t i = thread.index(); i < job.image.batch * job.triangles; i += thread.count()) {
    const int64_t b = i / job.triangles, id = i % job.triangles;
    if (job.ranges && (id < job.ranges[2 * b] || id - job.ranges[2 * b] >= job.ranges[2 * b + 1])) continue;
    const PixelBounds bounds = bounds_of(job, b, id);
    if (bounds.empty()) continue;
    if ((bounds.x1 - bounds.x0 + 1) * (bounds.y1 - bounds.y0 + 1) <= kOneThreads) {
      draw_pixels(job, b, static_cast<int32_t>(id), bounds, 0, 1);
      continue;
    }
    for (int32_t top = bounds.y0; top <= bounds.y1; top += kPartSide) {
      for (int32_t left = bounds.x0; left <= bounds.x1; left += kPartSide) {
        const PixelBounds part{left, lesser(left + kPartSide - 1, bounds.x1), top,
                               lesser(top + kPartSide - 1, bounds.y1)};
        const int64_t place = atomic_increment(job.large_count);
        if (place < job.large_room) {
          job.large[place] = {static_cast<int32_t>(b), static_cast<int32_t>(id), part};
        } else {
          draw_pixels(job, b, static_cast<int32_t>(id), part, 0, 1);
        }
      }
    }
  }
}

// Third kernel: a block draws a part of a large triangle.
inline void rasterize_draw_large(const RasterizeJob& job, const Thread& thread) {
  const int64_t count = lesser(*job.large_count, job.large_room);
  for (int64_t i = thread.block; i < count; i += thread.blocks) {
    const LargePart& part = job.large[i];
    draw_pixels(job, part.image, part.triangle, part.bounds, thread.lane, thread.lanes);
  }
}

// Fourth kernel: what is visible, as the op returns it.
inline void rasterize_resolve(const RasterizeJob& job, const Thread& thread) {
  const int64_t pixels = job.image.pixels();
  for (int64_t i = thread.index(); i < job.image.batch * pixels; i += thread.count()) {
    const int64_t b = i / pixels, py = i % pixels / job.image.width, px = i % job.image.width;
    const int64_t key = job.visible[i];
    write_pixel(job.positions(b), job.tri, triangle_of_key(key), depth_of_key(key), job.image, px, py, job.rast + 4 * i,
                job.db ? job.db + 4 * i : nullptr);
  }
}

}  // namespace tvdr
