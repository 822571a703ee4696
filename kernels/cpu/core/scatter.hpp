// Sums of per-pixel contributions over the vertices of the pixels' triangles, the same bit for bit for any number of
// threads: each thread owns a range of vertices and adds up their pixels in the image's order.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/thread_pool.hpp"
#include "portable/geometry.hpp"

namespace tvdr {

// Calls add(pixel, corner, vertex, b) for every corner of every covered pixel, where `pixel` counts through the batch.
// With `shared`, all images add to the same vertices; otherwise each has its own.
template <typename T, typename F>
void for_each_corner_by_vertex(int threads, const Image& image, bool shared, const T* rast, const int32_t* tri,
                               int64_t vertices, F&& add) {
  const int64_t groups = shared ? 1 : image.batch;
  const int64_t images = image.batch / std::max<int64_t>(groups, 1);
  const int64_t owners = std::clamp<int64_t>((threads + groups - 1) / std::max<int64_t>(groups, 1), 1, 16);
  parallel_for(threads, groups * owners, [&](int64_t task) {
    const int64_t owner = task % owners, first_image = task / owners * images;
    const auto from = static_cast<int32_t>(vertices * owner / owners);
    const auto to = static_cast<int32_t>(vertices * (owner + 1) / owners);
    for (int64_t b = first_image; b < first_image + images; ++b) {
      for (int64_t pixel = b * image.pixels(); pixel < (b + 1) * image.pixels(); ++pixel) {
        const auto id = static_cast<int64_t>(rast[4 * pixel + 3]) - 1;
        if (id < 0) continue;
        for (int k = 0; k < 3; ++k) {
          const int32_t vertex = tri[3 * id + k];
          if (vertex >= from && vertex < to) add(pixel, k, vertex, b);
        }
      }
    }
  });
}

}  // namespace tvdr
