#include "antialias/antialias.hpp"

#include <algorithm>
#include <memory>

#include "antialias/crossing.hpp"
#include "antialias/silhouettes.hpp"
#include "core/thread_pool.hpp"
#include "raster/facing.hpp"

namespace tvdr {
namespace {

// The vertices of a large batch are not all held on the screen at once.
constexpr int64_t kVerticesInFlight = 1 << 22;
constexpr int64_t kBlock = 4096;  // vertices or triangles to a task

// What the pixels show, by `rasterize`.
template <typename T>
struct Rasterized {
  const T* rast;

  int32_t triangle(int64_t pixel) const { return static_cast<int32_t>(rast[4 * pixel + 3]) - 1; }
  T depth(int64_t pixel) const { return rast[4 * pixel + 2]; }
};

// Crossings stand in the order of their pixels, so one image's are one run.
template <typename F>
void for_each_image(int threads, const Image& image, Crossings crossings, F&& body) {
  parallel_for(threads, image.batch, [&](int64_t b) {
    auto before = [](const Crossing& c, int64_t pixel) { return c.first < pixel; };
    const auto begin = std::lower_bound(crossings.begin(), crossings.end(), b * image.pixels(), before);
    const auto end = std::lower_bound(begin, crossings.end(), (b + 1) * image.pixels(), before);
    for (auto c = begin; c != end; ++c) body(b, *c);
  });
}

}  // namespace

template <typename T>
std::vector<Crossing> find_crossings(const AntialiasInputs<T>& in, const T* rast) {
  const Image& image = in.image;
  std::vector<std::vector<Crossing>> by_row(image.batch * image.height);
  const int64_t shared = in.pos_stride == 0 ? 1 : image.batch;  // sets of vertices
  const int64_t group =
      std::clamp<int64_t>(kVerticesInFlight / std::max<int64_t>(in.vertices, 1), 1, std::max<int64_t>(shared, 1));
  const std::unique_ptr<ScreenVertex[]> screen(new ScreenVertex[group * in.vertices]);
  const std::unique_ptr<int8_t[]> facing(new int8_t[group * in.triangles]);
  const int64_t vertex_blocks = (in.vertices + kBlock - 1) / kBlock, blocks = (in.triangles + kBlock - 1) / kBlock,
                edge_blocks = (in.edge_count + kBlock - 1) / kBlock;
  for (int64_t start = 0; start < shared; start += group) {
    const int64_t sets = std::min(group, shared - start);
    auto inputs = [&](int64_t set) {
      return SilhouetteInputs<T>{image, in.positions(start + set), screen.get() + set * in.vertices, in.tri, in.edges};
    };
    parallel_for(in.threads, sets * vertex_blocks, [&](int64_t task) {
      const int64_t set = task / vertex_blocks, first = task % vertex_blocks * kBlock;
      project_to_screen(in.positions(start + set), first, std::min(first + kBlock, in.vertices), image,
                        screen.get() + set * in.vertices);
    });
    parallel_for(in.threads, sets * blocks, [&](int64_t task) {
      const int64_t set = task / blocks, first = task % blocks * kBlock;
      find_facing(image, in.positions(start + set), screen.get() + set * in.vertices, in.tri, first,
                  std::min(first + kBlock, in.triangles), facing.get() + set * in.triangles);
    });
    std::vector<uint8_t> marks(sets * image.pixels());
    parallel_for(in.threads, sets * edge_blocks, [&](int64_t task) {
      const int64_t set = task / edge_blocks, first = task % edge_blocks * kBlock;
      mark_silhouettes(inputs(set), facing.get() + set * in.triangles, first, std::min(first + kBlock, in.edge_count),
                       marks.data() + set * image.pixels());
    });
    const int64_t first_row = in.pos_stride == 0 ? 0 : start * image.height;
    const int64_t rows = (in.pos_stride == 0 ? image.batch : sets) * image.height;
    parallel_for(in.threads, rows, [&](int64_t r) {
      const int64_t row = first_row + r, b = row / image.height;
      const uint8_t* row_marks = marks.data() + (in.pos_stride == 0 ? row % image.height : r) * image.width;
      thread_local std::vector<Pair> pairs;
      find_in_row(in.surface(b), in.walk, Rasterized<T>{rast}, row, row_marks, pairs, by_row[row]);
    });
  }
  std::vector<Crossing> all;
  size_t total = 0;
  for (const auto& r : by_row) total += r.size();
  all.reserve(total);
  for (const auto& r : by_row) all.insert(all.end(), r.begin(), r.end());
  return all;
}

template <typename T>
void antialias_forward(const AntialiasInputs<T>& in, Crossings crossings, const T* color, T* out) {
  std::copy_n(color, in.image.batch * in.image.pixels() * in.channels, out);
  for_each_image(in.threads, in.image, crossings, [&](int64_t, const Crossing& c) {
    const Blend blend(c, in.image);
    const T *to = color + blend.to * in.channels, *from = color + blend.from * in.channels;
    T* o = out + blend.to * in.channels;
    for (int64_t i = 0; i < in.channels; ++i) o[i] += static_cast<T>(blend.weight) * (from[i] - to[i]);
  });
}

template <typename T>
void antialias_backward(const AntialiasInputs<T>& in, Crossings crossings, const T* color, const T* grad_out,
                        double pos_gradient_boost, T* color_grad, T* pos_grad) {
  if (color_grad) {
    std::copy_n(grad_out, in.image.batch * in.image.pixels() * in.channels, color_grad);
    for_each_image(in.threads, in.image, crossings, [&](int64_t, const Crossing& c) {
      const Blend blend(c, in.image);
      const T* g = grad_out + blend.to * in.channels;
      T *to = color_grad + blend.to * in.channels, *from = color_grad + blend.from * in.channels;
      for (int64_t i = 0; i < in.channels; ++i) {
        const T part = static_cast<T>(blend.weight) * g[i];
        to[i] -= part;
        from[i] += part;
      }
    });
  }
  if (!pos_grad) return;
  // The derivatives in parallel, their sums over shared vertices in order: the same for any number of threads.
  struct EdgeGradient {
    Vec3 ends[2];
  };
  std::vector<EdgeGradient> gradients(crossings.size());
  constexpr int64_t kCrossings = 256;
  const auto count = static_cast<int64_t>(crossings.size());
  parallel_for(in.threads, (count + kCrossings - 1) / kCrossings, [&](int64_t block) {
    for (int64_t i = block * kCrossings; i < std::min(count, (block + 1) * kCrossings); ++i) {
      const Crossing& c = crossings[i];
      const Blend blend(c, in.image);
      const T *g = grad_out + blend.to * in.channels, *to = color + blend.to * in.channels,
              *from = color + blend.from * in.channels;
      const double gradient = pos_gradient_boost * blend_gradient(c, g, to, from, in.channels);
      edge_gradients(in.surface(c.first / in.image.pixels()), c, gradient, gradients[i].ends);
    }
  });
  auto add = [&](int64_t b, const Crossing& c) {
    const int32_t* index = in.tri + 3 * static_cast<int64_t>(c.face);
    for (int end = 0; end < 2; ++end) {
      const Vec3& v = gradients[&c - crossings.data()].ends[end];
      T* out = pos_grad + b * in.pos_stride + 4 * static_cast<int64_t>(index[(c.edge + 1 + end) % 3]);
      out[0] += static_cast<T>(v.x);
      out[1] += static_cast<T>(v.y);
      out[3] += static_cast<T>(v.z);
    }
  };
  for_each_image(in.pos_stride == 0 ? 1 : in.threads, in.image, crossings, add);
}

template <typename T>
void antialias_jvp(const AntialiasInputs<T>& in, Crossings crossings, const T* color, const T* color_tangent,
                   const T* pos_tangent, T* out_tangent) {
  const int64_t size = in.image.batch * in.image.pixels() * in.channels;
  if (color_tangent) {
    std::copy_n(color_tangent, size, out_tangent);
  } else {
    std::fill_n(out_tangent, size, T(0));
  }
  for_each_image(in.threads, in.image, crossings, [&](int64_t b, const Crossing& c) {
    const Blend blend(c, in.image);
    const double d_blend = pos_tangent ? blend_tangent(in.surface(b), c, pos_tangent + b * in.pos_stride) : 0;
    const T *to = color + blend.to * in.channels, *from = color + blend.from * in.channels;
    T* o = out_tangent + blend.to * in.channels;
    for (int64_t k = 0; k < in.channels; ++k) {
      o[k] += static_cast<T>(d_blend * (from[k] - to[k]));
      if (!color_tangent) continue;
      const T *d_to = color_tangent + blend.to * in.channels, *d_from = color_tangent + blend.from * in.channels;
      o[k] += static_cast<T>(blend.weight) * (d_from[k] - d_to[k]);
    }
  });
}

#define TVDR_INSTANTIATE(T)                                                                                   \
  template std::vector<Crossing> find_crossings(const AntialiasInputs<T>&, const T*);                         \
  template void antialias_forward(const AntialiasInputs<T>&, Crossings, const T*, T*);                        \
  template void antialias_backward(const AntialiasInputs<T>&, Crossings, const T*, const T*, double, T*, T*); \
  template void antialias_jvp(const AntialiasInputs<T>&, Crossings, const T*, const T*, const T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
