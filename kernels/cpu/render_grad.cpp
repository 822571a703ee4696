#include <algorithm>
#include <vector>

#include "crossing.hpp"
#include "phong_lanes.hpp"
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

// One task: some rows of one image.
template <typename T>
class RowsBackward {
 public:
  RowsBackward(const RenderInputs<T>& in, const T* rast, BlendedView<T> blended, const T* grad_out, const T* grad_rast,
               CameraGradient& sums)
      : in_(in), rast_(rast), blended_(blended), grad_out_(grad_out), grad_rast_(grad_rast), sums_(sums) {}

  void row(int64_t row) {
    b_ = row / in_.image.height;
    const int64_t begin = row * in_.image.width, end = begin + in_.image.width;
    if (grad_out_) {
      // The gradient of the colours before antialiasing: the crossings of this row, and those from the row below.
      grad_.assign(grad_out_ + 4 * begin, grad_out_ + 4 * end);
      const int64_t from = row % in_.image.height == 0 ? begin : begin - in_.image.width;
      auto before = [](const Crossing& c, int64_t pixel) { return c.first < pixel; };
      const auto first = std::lower_bound(blended_.crossings.begin(), blended_.crossings.end(), from, before);
      for (auto c = first; c != blended_.crossings.end() && c->first < end; ++c) {
        const Blend blend(*c, in_.image);
        const T* g = grad_out_ + 4 * blend.to;
        for (int i = 0; i < 4; ++i) {
          const T part = static_cast<T>(blend.weight) * g[i];
          if (blend.to >= begin && blend.to < end) grad_[4 * (blend.to - begin) + i] -= part;
          if (blend.from >= begin && blend.from < end) grad_[4 * (blend.from - begin) + i] += part;
        }
        if (c->first >= begin) edge(*c, blend, blended_.differences + 4 * (c - blended_.crossings.begin()));
      }
    } else {
      grad_.assign(4 * in_.image.width, T(0));
    }
    const double cy = in_.image.center_y(row % in_.image.height);
    for (int64_t px = 0; px < in_.image.width; ++px) {
      const int64_t pixel = begin + px;
      const T* r = rast_ + 4 * pixel;
      const auto id = static_cast<int64_t>(r[3]) - 1;
      if (id < 0) continue;
      const int i = lanes_.count;
      lanes_.add(pixel, in_.image.center_x(px), cy, in_.tri + 3 * id, in_.records);
      lanes_.u[i] = r[0];
      lanes_.v[i] = r[1];
      for (int j = 0; j < 3; ++j) g_rgb_[j][i] = grad_[4 * px + j];
      if (grad_rast_) {
        g_uv_[0][i] = grad_rast_[4 * pixel];
        g_uv_[1][i] = grad_rast_[4 * pixel + 1];
      }
      if (lanes_.count == kLanes) flush();
    }
  }

  void flush() {
    shade_lanes_backward(lanes_, in_.image, in_.to_clip + 16 * b_, in_.phong, in_.eye + 3 * b_, g_rgb_,
                         grad_rast_ ? g_uv_ : nullptr, sums_);
    lanes_.count = 0;
  }

 private:
  // What moves the edge of a crossing; see antialias_backward.
  void edge(const Crossing& c, const Blend& blend, const T* difference) {
    const T* g = grad_out_ + 4 * blend.to;
    double g_blend = 0;
    for (int j = 0; j < 4; ++j) g_blend += static_cast<double>(g[j]) * static_cast<double>(difference[j]);
    if (c.blend < 0) g_blend = -g_blend;
    const EdgeWalk<T> edge(in_, in_.to_clip + 16 * b_, c, b_);
    const Walk<T>& walk = edge.walk;
    const Vec3 g_n = g_blend * BlendDerivative(c, walk).n;
    const int corner[2] = {(c.edge + 1) % 3, (c.edge + 2) % 3};
    const Vec3 at[2] = {cross(walk.triangle.v[corner[1]], g_n), cross(g_n, walk.triangle.v[corner[0]])};
    for (int end = 0; end < 2; ++end) {
      const T* world = in_.vertices + 4 * static_cast<int64_t>(in_.tri[3 * static_cast<int64_t>(c.face) + corner[end]]);
      const Vec3& v = at[end];
      const double row[3] = {static_cast<double>(in_.image.width) * v.x, static_cast<double>(in_.image.height) * v.y,
                             v.z - walk.cx * v.x - walk.cy * v.y};
      for (int r = 0; r < 3; ++r)
        for (int j = 0; j < 4; ++j) sums_.add(4 * r + j, row[r] * static_cast<double>(world[j]));
    }
  }

  const RenderInputs<T>& in_;
  const T* rast_;
  BlendedView<T> blended_;
  const T *grad_out_, *grad_rast_;
  CameraGradient& sums_;
  int64_t b_ = 0;
  std::vector<T> grad_;
  PixelLanes<T> lanes_;
  T g_rgb_[3][kLanes], g_uv_[2][kLanes];
};

}  // namespace

template <typename T>
void render_backward(const RenderInputs<T>& in, const T* rast, BlendedView<T> blended, const T* grad_out,
                     const T* grad_rast, T* to_clip_grad, T* eye_grad) {
  const int64_t blocks = (in.image.height + kRows - 1) / kRows;
  std::vector<CameraGradient> parts(in.image.batch * blocks);
  parallel_for(in.threads, in.image.batch * blocks, [&](int64_t task) {
    const int64_t b = task / blocks, first = task % blocks * kRows;
    RowsBackward<T> backward(in, rast, blended, grad_out, grad_rast, parts[task]);
    for (int64_t y = first; y < std::min(first + kRows, in.image.height); ++y) backward.row(b * in.image.height + y);
    backward.flush();
  });
  for (int64_t b = 0; b < in.image.batch; ++b) {
    double sum[CameraGradient::kSums] = {};
    for (int64_t block = 0; block < blocks; ++block)
      for (int i = 0; i < CameraGradient::kSums; ++i) sum[i] += parts[b * blocks + block].total(i);
    T* matrix = to_clip_grad + 16 * b;
    std::fill_n(matrix, 16, T(0));
    for (int i = 0; i < 8; ++i) matrix[i] = static_cast<T>(sum[i]);
    for (int i = 0; i < 4; ++i) matrix[12 + i] = static_cast<T>(sum[8 + i]);  // the depth, row z, has no gradient
    for (int i = 0; i < 3; ++i) eye_grad[3 * b + i] = static_cast<T>(sum[12 + i]);
  }
}

template <typename T>
void render_jvp(const RenderInputs<T>& in, const T* rast, BlendedView<T> blended, const T* to_clip_tangent,
                const T* eye_tangent, T* out_tangent, T* rast_tangent) {
  const Image& image = in.image;
  const int64_t blocks = (image.height + kRows - 1) / kRows;
  parallel_for(in.threads, image.batch * blocks, [&](int64_t task) {
    const int64_t b = task / blocks, first_row = task % blocks * kRows;
    const int64_t first = (b * image.height + first_row) * image.width;
    const int64_t last = (b * image.height + std::min(first_row + kRows, image.height)) * image.width;
    std::fill(out_tangent + 4 * first, out_tangent + 4 * last, T(0));
    std::fill(rast_tangent + 4 * first, rast_tangent + 4 * last, T(0));
    PixelLanes<T> lanes;
    TangentLanes<T> tangents;
    auto flush = [&] {
      shade_lanes_jvp(lanes, image, in.to_clip + 16 * b, to_clip_tangent + 16 * b, in.phong, in.eye + 3 * b,
                      eye_tangent + 3 * b, tangents);
      for (int i = 0; i < lanes.count; ++i) {
        for (int j = 0; j < 3; ++j) out_tangent[4 * lanes.pixel[i] + j] = tangents.rgb[j][i];
        rast_tangent[4 * lanes.pixel[i]] = tangents.u[i];
        rast_tangent[4 * lanes.pixel[i] + 1] = tangents.v[i];
      }
      lanes.count = 0;
    };
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const T* r = rast + 4 * pixel;
      const auto id = static_cast<int64_t>(r[3]) - 1;
      if (id < 0) continue;
      const int i = lanes.count;
      lanes.add(pixel, image.center_x(pixel % image.width), image.center_y(pixel / image.width % image.height),
                in.tri + 3 * id, in.records);
      lanes.u[i] = r[0];
      lanes.v[i] = r[1];
      if (lanes.count == kLanes) flush();
    }
    flush();
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

#define TVDR_INSTANTIATE(T)                                                                                    \
  template void render_backward(const RenderInputs<T>&, const T*, BlendedView<T>, const T*, const T*, T*, T*); \
  template void render_jvp(const RenderInputs<T>&, const T*, BlendedView<T>, const T*, const T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
