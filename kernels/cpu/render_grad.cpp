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

// One task: some rows of one image.
template <typename T>
class RowsBackward {
 public:
  RowsBackward(const RenderInputs<T>& in, const T* rast, const T* color, Crossings crossings, const T* grad_out,
               const T* grad_rast, CameraGradient& sums)
      : in_(in),
        rast_(rast),
        color_(color),
        crossings_(crossings),
        grad_out_(grad_out),
        grad_rast_(grad_rast),
        sums_(sums) {}

  void row(int64_t row) {
    b_ = row / in_.image.height;
    const int64_t begin = row * in_.image.width, end = begin + in_.image.width;
    if (grad_out_) {
      // The gradient of the colours before antialiasing: the crossings of this row, and those from the row below.
      grad_.assign(grad_out_ + 4 * begin, grad_out_ + 4 * end);
      const int64_t from = row % in_.image.height == 0 ? begin : begin - in_.image.width;
      auto before = [](const Crossing& c, int64_t pixel) { return c.first < pixel; };
      const auto first = std::lower_bound(crossings_.begin(), crossings_.end(), from, before);
      for (auto c = first; c != crossings_.end() && c->first < end; ++c) {
        const Blend blend(*c, in_.image);
        const T* g = grad_out_ + 4 * blend.to;
        for (int i = 0; i < 4; ++i) {
          const T part = static_cast<T>(blend.weight) * g[i];
          if (blend.to >= begin && blend.to < end) grad_[4 * (blend.to - begin) + i] -= part;
          if (blend.from >= begin && blend.from < end) grad_[4 * (blend.from - begin) + i] += part;
        }
        if (c->first >= begin) edge(*c, blend);
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
  // The corners of a face in clip space, as the forward pass had them.
  void load(int64_t face) {
    for (int k = 0; k < 3; ++k)
      transform_one(in_.vertices + 4 * static_cast<int64_t>(in_.tri[3 * face + k]), in_.to_clip + 16 * b_,
                    pos_ + 4 * k);
  }

  // What moves the edge of a crossing; see antialias_backward.
  void edge(const Crossing& c, const Blend& blend) {
    const T *g = grad_out_ + 4 * blend.to, *to = color_ + 4 * blend.to, *from = color_ + 4 * blend.from;
    double g_blend = 0;
    for (int j = 0; j < 4; ++j) g_blend += static_cast<double>(g[j]) * static_cast<double>(from[j] - to[j]);
    if (c.blend < 0) g_blend = -g_blend;
    load(c.face);
    Crossing local = c;
    local.face = 0;
    local.first = c.first - b_ * in_.image.pixels();
    AntialiasInputs<T> in{};
    in.image = in_.image;
    in.pos = pos_;
    in.tri = local_;
    const Walk<T> walk(in, local);
    const Vec3 g_n = g_blend * BlendDerivative(local, walk).n;
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
  const T *rast_, *color_;
  Crossings crossings_;
  const T *grad_out_, *grad_rast_;
  CameraGradient& sums_;
  int64_t b_ = 0;
  std::vector<T> grad_;
  T pos_[12];
  const int32_t local_[3] = {0, 1, 2};
  PixelLanes<T> lanes_;
  T g_rgb_[3][kLanes], g_uv_[2][kLanes];
};

}  // namespace

template <typename T>
void render_backward(const RenderInputs<T>& in, const T* rast, const T* color, Crossings crossings, const T* grad_out,
                     const T* grad_rast, T* to_clip_grad, T* eye_grad) {
  const int64_t blocks = (in.image.height + kRows - 1) / kRows;
  std::vector<CameraGradient> parts(in.image.batch * blocks);
  parallel_for(in.threads, in.image.batch * blocks, [&](int64_t task) {
    const int64_t b = task / blocks, first = task % blocks * kRows;
    RowsBackward<T> backward(in, rast, color, crossings, grad_out, grad_rast, parts[task]);
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

#define TVDR_INSTANTIATE(T) \
  template void render_backward(const RenderInputs<T>&, const T*, const T*, Crossings, const T*, const T*, T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
