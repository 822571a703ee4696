#include <algorithm>
#include <vector>

#include "antialias/crossing.hpp"
#include "core/thread_pool.hpp"
#include "render/render.hpp"

namespace tvdr {
namespace {

// The first image of each image's run: the jacobian of all of them.
template <typename T>
std::vector<int64_t> drawn_images(const Rendered<T>& in) {
  std::vector<int64_t> drawn(in.image.batch);
  for (const Run& run : runs_of_cameras(in.image.batch, in.to_clip, in.eye))
    std::fill(drawn.begin() + run.first, drawn.begin() + run.last + 1, run.first);
  return drawn;
}

// What moves the edge of a crossing.
template <typename T>
void add_edge(const Blend& blend, const T* grad_out, const BlendChange<T>& change, CameraGradient& sums) {
  const T* g = grad_out + 4 * blend.to;
  double along = 0;
  for (int j = 0; j < 4; ++j) along += static_cast<double>(g[j]) * static_cast<double>(change.difference[j]);
  for (int j = 0; j < 12; ++j) sums.add(j, along * static_cast<double>(change.matrix[j]));
}

// One tile of one image: its pixels, and the crossings whose first pixel lies in it.
template <typename T>
class TileBackward {
 public:
  // first_of_row: where each row's crossings begin, and the last ones end.
  TileBackward(const Rendered<T>& in, int64_t b, const int64_t* first_of_row, const T* grad_out, CameraGradient& sums)
      : in_(in), b_(b), first_of_row_(first_of_row), grad_out_(grad_out), sums_(sums) {}

  void add(int64_t drawn, int64_t tile, const T* grad_rast) {
    const TileGrid& grid = in_.jacobian.grid();
    const int64_t width = in_.image.width, offset = 4 * b_ * in_.image.pixels();
    x0_ = tile % grid.columns * grid.size;
    y0_ = tile / grid.columns * grid.size;
    x1_ = std::min(x0_ + grid.size, width);
    y1_ = std::min(y0_ + grid.size, in_.image.height);
    const bool covered = in_.jacobian.has_any(drawn, tile);
    Window<T> grad;
    if (grad_out_) {
      if (covered) {
        for (int64_t y = y0_; y < y1_; ++y)
          std::copy_n(grad_out_ + offset + 4 * (y * width + x0_), 4 * (x1_ - x0_), grad_ + 4 * (y - y0_) * (x1_ - x0_));
        grad = {grad_, x0_, y0_, x1_ - x0_};
      }
      for (int64_t y = std::max<int64_t>(y0_ - 1, 0); y < y1_; ++y) add_crossings(y, covered);
    }
    if (!covered) return;
    const Window<T> uv{grad_rast ? grad_rast + offset : nullptr, 0, 0, width};
    in_.jacobian.for_each_in_tile(
        drawn, tile, [&](const JacobianLanes<T>& lanes) { add_gradient(lanes, in_.image, grad, uv, sums_); });
  }

 private:
  // The crossings of a row of this tile, or of the one below it, that start in its columns or in the one to their left.
  void add_crossings(int64_t y, bool covered) {
    const Crossing* crossings = in_.blended.crossings.data();
    const Crossing *begin = crossings + first_of_row_[y], *end = crossings + first_of_row_[y + 1];
    const int64_t row = (b_ * in_.image.height + y) * in_.image.width;
    auto before = [](const Crossing& c, int64_t pixel) { return c.first < pixel; };
    for (const Crossing* c = std::lower_bound(begin, end, row + x0_ - 1, before); c != end && c->first < row + x1_;
         ++c) {
      const Blend blend(*c, in_.image);
      // Before the blending, `to` had its own colour.
      if (covered) {
        take(blend.to, -static_cast<T>(blend.weight), blend.to);
        take(blend.from, static_cast<T>(blend.weight), blend.to);
      }
      if (y >= y0_ && c->first >= row + x0_) add_edge(blend, grad_out_, in_.blended.changes[c - crossings], sums_);
    }
  }

  // Adds a share of the gradient at another pixel, where this one lies in the tile.
  void take(int64_t pixel, T weight, int64_t other) {
    const int64_t in_image = pixel - b_ * in_.image.pixels();
    const int64_t x = in_image % in_.image.width, y = in_image / in_.image.width;
    if (x < x0_ || x >= x1_ || y < y0_ || y >= y1_) return;
    T* to = grad_ + 4 * ((y - y0_) * (x1_ - x0_) + x - x0_);
    for (int i = 0; i < 4; ++i) to[i] += weight * grad_out_[4 * other + i];
  }

  const Rendered<T>& in_;
  int64_t b_, x0_ = 0, x1_ = 0, y0_ = 0, y1_ = 0;
  const int64_t* first_of_row_;
  const T* grad_out_;
  CameraGradient& sums_;
  T grad_[4 * kTilePixels];  // of the colours before antialiasing
};

// The gradients of image b, whose Jacobian is that of image `drawn`.
template <typename T>
void image_gradient(const Rendered<T>& in, int64_t b, int64_t drawn, int threads, const T* grad_out, const T* grad_rast,
                    T* to_clip_grad, T* eye_grad) {
  const Crossings& crossings = in.blended.crossings;
  std::vector<int64_t> first_of_row(in.image.height + 1);
  auto before = [](const Crossing& c, int64_t pixel) { return c.first < pixel; };
  auto at = std::lower_bound(crossings.begin(), crossings.end(), b * in.image.pixels(), before);
  for (int64_t y = 0; y <= in.image.height; ++y) {
    while (at != crossings.end() && at->first < (b * in.image.height + y) * in.image.width) ++at;
    first_of_row[y] = at - crossings.begin();
  }
  std::vector<CameraGradient> parts(in.jacobian.tiles());
  parallel_for(threads, in.jacobian.tiles(), [&](int64_t tile) {
    CameraGradient sums;
    TileBackward<T>(in, b, first_of_row.data(), grad_out, sums).add(drawn, tile, grad_rast);
    parts[tile] = sums;
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
void render_backward(const Rendered<T>& in, const T* grad_out, const T* grad_rast, T* to_clip_grad, T* eye_grad) {
  const std::vector<int64_t> drawn = drawn_images(in);
  for_each_image(in.threads, in.image.batch, [&](int64_t b, int threads) {
    image_gradient(in, b, drawn[b], threads, grad_out, grad_rast, to_clip_grad + 16 * b, eye_grad + 3 * b);
  });
}

template <typename T>
void render_jvp(const Rendered<T>& in, const T* to_clip_tangent, const T* eye_tangent, T* out_tangent,
                T* rast_tangent) {
  const Image& image = in.image;
  const BlendedView<T>& blended = in.blended;
  const std::vector<int64_t> drawn = drawn_images(in);
  const TileGrid& grid = in.jacobian.grid();
  parallel_for(in.threads, image.batch * grid.count(), [&](int64_t task) {
    const int64_t b = task / grid.count(), tile = task % grid.count(), first = 4 * b * image.pixels();
    const int64_t x0 = tile % grid.columns * grid.size, y0 = tile / grid.columns * grid.size;
    const int64_t columns = std::min(grid.size, image.width - x0), last = std::min(y0 + grid.size, image.height);
    for (int64_t y = y0; y < last; ++y) {
      const int64_t at = first + 4 * (y * image.width + x0);
      std::fill_n(out_tangent + at, 4 * columns, T(0));
      std::fill_n(rast_tangent + at, 4 * columns, T(0));
    }
    in.jacobian.for_each_in_tile(drawn[b], tile, [&](const JacobianLanes<T>& lanes) {
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
      const BlendChange<T>& change = blended.changes[i];
      const T* tangent = to_clip_tangent + 16 * b;
      double d_blend = 0;
      for (int r = 0; r < 3; ++r)  // x, y and w
        for (int j = 0; j < 4; ++j)
          d_blend += static_cast<double>(change.matrix[4 * r + j]) * static_cast<double>(tangent[4 * (r + r / 2) + j]);
      const T *to = out_tangent + 4 * blend.to, *from = out_tangent + 4 * blend.from;
      for (int j = 0; j < 4; ++j)
        changes[4 * i + j] = static_cast<T>(d_blend * static_cast<double>(change.difference[j])) +
                             static_cast<T>(blend.weight) * (from[j] - to[j]);
    }
  });
  for (int64_t i = 0; i < count; ++i) {
    const Blend blend(blended.crossings[i], image);
    for (int j = 0; j < 4; ++j) out_tangent[4 * blend.to + j] += changes[4 * i + j];
  }
}

#define TVDR_INSTANTIATE(T)                                                      \
  template void render_backward(const Rendered<T>&, const T*, const T*, T*, T*); \
  template void render_jvp(const Rendered<T>&, const T*, const T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
