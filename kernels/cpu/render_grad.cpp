#include <algorithm>
#include <vector>

#include "block_pool.hpp"
#include "crossing.hpp"
#include "render.hpp"
#include "thread_pool.hpp"
#include "transform.hpp"

namespace tvdr {
namespace {

constexpr int64_t kRows = 4;  // to a task

// The walk of a crossing in image b, along the triangle that holds the edge, in clip space as the forward pass had it.
template <typename T>
struct EdgeWalk {
  T pos[12];
  int32_t index[3] = {0, 1, 2};
  AntialiasInputs<T> inputs{};
  Walk<T> walk;

  EdgeWalk(const RenderInputs<T>& in, const T* to_clip, const Crossing& c, int64_t b)
      : walk(prepare(in, to_clip, c), at(in, c, b)) {}

 private:
  const AntialiasInputs<T>& prepare(const RenderInputs<T>& in, const T* to_clip, const Crossing& c) {
    for (int k = 0; k < 3; ++k)
      transform_one(in.vertices + 4 * static_cast<int64_t>(in.tri[3 * static_cast<int64_t>(c.face) + k]), to_clip,
                    pos + 4 * k);
    inputs.image = in.image;
    inputs.pos = pos;
    inputs.tri = index;
    return inputs;
  }
  static Crossing at(const RenderInputs<T>& in, Crossing c, int64_t b) {
    c.face = 0;
    c.first -= b * in.image.pixels();
    return c;
  }
};

// The first image of each image's run: the jacobian of all of them.
template <typename T>
std::vector<int64_t> drawn_images(const RenderInputs<T>& in) {
  std::vector<int64_t> drawn(in.image.batch);
  for (const Run& run : runs_of_cameras(in))
    std::fill(drawn.begin() + run.first, drawn.begin() + run.last + 1, run.first);
  return drawn;
}

// An image's worth of memory that is used again, if it is large.
template <typename T>
class Scratch {
 public:
  explicit Scratch(int64_t count) : bytes_(sizeof(T) * count), data_(BlockPool::instance().take(bytes_)) {}
  ~Scratch() { BlockPool::instance().give(data_, bytes_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() const { return static_cast<T*>(data_); }

 private:
  size_t bytes_;
  void* data_;
};

// What moves the edge of a crossing; see antialias_backward.
template <typename T>
void add_edge(const RenderInputs<T>& in, int64_t b, const Crossing& c, const Blend& blend, const T* grad_out,
              const T* difference, CameraGradient& sums) {
  const T* g = grad_out + 4 * blend.to;
  double g_blend = 0;
  for (int j = 0; j < 4; ++j) g_blend += static_cast<double>(g[j]) * static_cast<double>(difference[j]);
  if (c.blend < 0) g_blend = -g_blend;
  const EdgeWalk<T> edge(in, in.to_clip + 16 * b, c, b);
  const Walk<T>& walk = edge.walk;
  const Vec3 g_n = g_blend * BlendDerivative(c, walk).n;
  const int corner[2] = {(c.edge + 1) % 3, (c.edge + 2) % 3};
  const Vec3 at[2] = {cross(walk.triangle.v[corner[1]], g_n), cross(g_n, walk.triangle.v[corner[0]])};
  for (int end = 0; end < 2; ++end) {
    const T* world = in.vertices + 4 * static_cast<int64_t>(in.tri[3 * static_cast<int64_t>(c.face) + corner[end]]);
    const Vec3& v = at[end];
    const double row[3] = {static_cast<double>(in.image.width) * v.x, static_cast<double>(in.image.height) * v.y,
                           v.z - walk.cx * v.x - walk.cy * v.y};
    for (int r = 0; r < 3; ++r)
      for (int j = 0; j < 4; ++j) sums.add(4 * r + j, row[r] * static_cast<double>(world[j]));
  }
}

// The gradient of some rows' colours before antialiasing, into the image `grad`, and what flows through the edges of
// their silhouettes.
template <typename T>
void unblend(const RenderInputs<T>& in, BlendedView<T> blended, int64_t b, int64_t first_row, int64_t last_row,
             const T* grad_out, T* grad, CameraGradient& sums) {
  const int64_t width = in.image.width, begin = (b * in.image.height + first_row) * width,
                end = (b * in.image.height + last_row) * width;
  grad -= 4 * b * in.image.pixels();
  std::copy(grad_out + 4 * begin, grad_out + 4 * end, grad + 4 * begin);
  // The crossings of these rows, and those from the row below.
  auto before = [](const Crossing& c, int64_t pixel) { return c.first < pixel; };
  const Crossings& crossings = blended.crossings;
  for (auto c = std::lower_bound(crossings.begin(), crossings.end(), first_row == 0 ? begin : begin - width, before);
       c != crossings.end() && c->first < end; ++c) {
    const Blend blend(*c, in.image);
    const T* g = grad_out + 4 * blend.to;
    for (int i = 0; i < 4; ++i) {
      const T part = static_cast<T>(blend.weight) * g[i];
      if (blend.to >= begin && blend.to < end) grad[4 * blend.to + i] -= part;
      if (blend.from >= begin && blend.from < end) grad[4 * blend.from + i] += part;
    }
    if (c->first >= begin)
      add_edge(in, b, *c, blend, grad_out, blended.differences + 4 * (c - crossings.begin()), sums);
  }
}

// The gradients of image b, whose Jacobian is that of image `drawn`.
template <typename T>
void image_gradient(const RenderInputs<T>& in, const Rendered<T>& rendered, int64_t b, int64_t drawn, int threads,
                    const T* grad_out, const T* grad_rast, T* to_clip_grad, T* eye_grad) {
  const Image& image = in.image;
  const int64_t blocks = (image.height + kRows - 1) / kRows, tiles = rendered.jacobian.tiles(),
                first = 4 * b * image.pixels();
  std::vector<CameraGradient> parts(blocks + tiles);
  const bool blended = grad_out && !rendered.blended.crossings.empty();
  const Scratch<T> before_blending(blended ? 4 * image.pixels() : 0);
  if (blended) {
    parallel_for(threads, blocks, [&](int64_t block) {
      unblend(in, rendered.blended, b, block * kRows, std::min((block + 1) * kRows, image.height), grad_out,
              before_blending.data(), parts[block]);
    });
  }
  const T* grad = blended ? before_blending.data() : grad_out ? grad_out + first : nullptr;
  parallel_for(threads, tiles, [&](int64_t tile) {
    CameraGradient sums;
    rendered.jacobian.for_each_in_tile(drawn, tile, [&](const JacobianLanes<T>& lanes) {
      add_gradient(lanes, image, grad, grad_rast ? grad_rast + first : nullptr, sums);
    });
    parts[blocks + tile] = sums;
  });
  double sum[CameraGradient::kSums] = {};
  for (const CameraGradient& part : parts)
    for (int i = 0; i < CameraGradient::kSums; ++i) sum[i] += part.total(i);
  std::fill_n(to_clip_grad, 16, T(0));
  for (int i = 0; i < 8; ++i) to_clip_grad[i] = static_cast<T>(sum[i]);
  for (int i = 0; i < 4; ++i) to_clip_grad[12 + i] = static_cast<T>(sum[8 + i]);  // the depth, row z, has no gradient
  for (int i = 0; i < 3; ++i) eye_grad[i] = static_cast<T>(sum[12 + i]);
}

}  // namespace

template <typename T>
void render_backward(const RenderInputs<T>& in, const Rendered<T>& rendered, const T* grad_out, const T* grad_rast,
                     T* to_clip_grad, T* eye_grad) {
  const std::vector<int64_t> drawn = drawn_images(in);
  for_each_image(in.threads, in.image.batch, [&](int64_t b, int threads) {
    image_gradient(in, rendered, b, drawn[b], threads, grad_out, grad_rast, to_clip_grad + 16 * b, eye_grad + 3 * b);
  });
}

template <typename T>
void render_jvp(const RenderInputs<T>& in, const Rendered<T>& rendered, const T* to_clip_tangent, const T* eye_tangent,
                T* out_tangent, T* rast_tangent) {
  const Image& image = in.image;
  const BlendedView<T>& blended = rendered.blended;
  const std::vector<int64_t> drawn = drawn_images(in);
  const TileGrid& grid = rendered.jacobian.grid();
  parallel_for(in.threads, image.batch * grid.count(), [&](int64_t task) {
    const int64_t b = task / grid.count(), tile = task % grid.count(), first = 4 * b * image.pixels();
    const int64_t x0 = tile % grid.columns * grid.size, y0 = tile / grid.columns * grid.size;
    const int64_t columns = std::min(grid.size, image.width - x0), last = std::min(y0 + grid.size, image.height);
    for (int64_t y = y0; y < last; ++y) {
      const int64_t at = first + 4 * (y * image.width + x0);
      std::fill_n(out_tangent + at, 4 * columns, T(0));
      std::fill_n(rast_tangent + at, 4 * columns, T(0));
    }
    rendered.jacobian.for_each_in_tile(drawn[b], tile, [&](const JacobianLanes<T>& lanes) {
      add_tangent(lanes, image, to_clip_tangent + 16 * b, eye_tangent + 3 * b, out_tangent + first,
                  rast_tangent + first);
    });
  });
  // What each crossing adds, from the colours' tangents before any blending; then the sums, in order.
  const auto count = static_cast<int64_t>(blended.crossings.size());
  std::vector<T> changes(4 * count);
  constexpr int64_t kCrossings = 256;
  parallel_for(in.threads, (count + kCrossings - 1) / kCrossings, [&](int64_t block) {
    for (int64_t i = block * kCrossings; i < std::min(count, (block + 1) * kCrossings); ++i) {
      const Crossing& c = blended.crossings[i];
      const Blend blend(c, image);
      const int64_t b = c.first / image.pixels();
      const EdgeWalk<T> edge(in, in.to_clip + 16 * b, c, b);
      T moved[12];
      for (int k = 0; k < 3; ++k)
        transform_one(in.vertices + 4 * static_cast<int64_t>(in.tri[3 * static_cast<int64_t>(c.face) + k]),
                      to_clip_tangent + 16 * b, moved + 4 * k);
      const PixelTriangle d(moved, edge.index, image, edge.walk.cx, edge.walk.cy);
      const PixelTriangle& t = edge.walk.triangle;
      const int p = (c.edge + 1) % 3, q = (c.edge + 2) % 3;
      const Vec3 dn = cross(d.v[p], t.v[q]) + cross(t.v[p], d.v[q]);
      const double d_blend = (c.blend < 0 ? -1 : 1) * dot(BlendDerivative(c, edge.walk).n, dn);
      const T *to = out_tangent + 4 * blend.to, *from = out_tangent + 4 * blend.from;
      for (int j = 0; j < 4; ++j)
        changes[4 * i + j] = static_cast<T>(d_blend * static_cast<double>(blended.differences[4 * i + j])) +
                             static_cast<T>(blend.weight) * (from[j] - to[j]);
    }
  });
  for (int64_t i = 0; i < count; ++i) {
    const Blend blend(blended.crossings[i], image);
    for (int j = 0; j < 4; ++j) out_tangent[4 * blend.to + j] += changes[4 * i + j];
  }
}

#define TVDR_INSTANTIATE(T)                                                                              \
  template void render_backward(const RenderInputs<T>&, const Rendered<T>&, const T*, const T*, T*, T*); \
  template void render_jvp(const RenderInputs<T>&, const Rendered<T>&, const T*, const T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
