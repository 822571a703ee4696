#include "antialias/silhouettes.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace tvdr {
namespace {

class Marker {
 public:
  Marker(const Image& image, uint8_t* marks)
      : width_(static_cast<int>(image.width)),
        height_(static_cast<int>(image.height)),
        error_(screen_error(image)),
        marks_(marks) {}

  // Both ends are projected, or as exact as projected ones. A walk only ends at edges that run mostly across it.
  void mark(float x0, float y0, float x1, float y1, bool both_ways) {
    const float across = std::abs(y1 - y0) - std::abs(x1 - x0);
    if (both_ways || across >= -4 * error_)
      along(x0, y0, x1, y1, width_, height_, [&](int px, int py) { set(px, py, kToTheRight); });
    if (both_ways || across <= 4 * error_)
      along(y0, x0, y1, x1, height_, width_, [&](int py, int px) { set(px, py, kUpwards); });
  }

  void mark_all() {
    for (int py = 0; py < height_; ++py)
      for (int px = 0; px < width_; ++px) {
        if (px + 1 < width_) set(px, py, kToTheRight);
        if (py + 1 < height_) set(px, py, kUpwards);
      }
  }

 private:
  // Of numbers from -1 on; without SSE4.1 the library's are calls.
  static int floor(float x) { return static_cast<int>(x + 1) - 1; }
  static int ceiling(float x) {
    const int whole = static_cast<int>(x);
    return whole + (static_cast<float>(whole) < x);
  }

  // Visits the pairs (p, row) to (p + 1, row) whose line between centres the segment may cross. It falls by at least
  // about 45 degrees, so that errors in its ends move the crossing by no more than some ten times as much.
  template <typename F>
  void along(float x0, float y0, float x1, float y1, int width, int height, F&& visit) const {
    const float low_y = std::min(y0, y1) - 2 * error_, high_y = std::max(y0, y1) + 2 * error_;
    const int first = ceiling(std::clamp(low_y - 0.5f, 0.0f, static_cast<float>(height)));
    const int last = floor(std::clamp(high_y - 0.5f, -1.0f, static_cast<float>(height - 1)));
    if (first > last) return;
    const float dx = x1 - x0, dy = y1 - y0;
    const bool steep = std::abs(dy) > 16 * error_ && std::abs(dy) > 0.5f * std::abs(dx);
    const float slope = steep ? dx / dy : 0, reach = kSlack + (steep ? 16 * error_ : 2 * error_);
    for (int row = first; row <= last; ++row) {
      const float at = static_cast<float>(row) + 0.5f;
      const float low_x = steep ? x0 + (at - y0) * slope : std::min(x0, x1), high_x = steep ? low_x : std::max(x0, x1);
      const float limit = static_cast<float>(width - 1);
      const int from = ceiling(std::clamp(low_x - 1.5f - reach, 0.0f, limit));
      const int to = floor(std::clamp(high_x - 0.5f + reach, -1.0f, limit - 1));
      for (int p = from; p <= to; ++p) visit(p, row);
    }
  }

  void set(int px, int py, uint8_t bit) {
    std::atomic_ref<uint8_t> mark(marks_[static_cast<int64_t>(py) * width_ + px]);
    if (!(mark.load(std::memory_order_relaxed) & bit)) mark.fetch_or(bit, std::memory_order_relaxed);
  }

  int width_, height_;
  float error_;
  uint8_t* marks_;
};

// An edge with an end behind the camera or far off the screen: what of it is in view, or close to it.
template <typename T>
void mark_unprojected(const SilhouetteInputs<T>& in, const T* p, const T* q, Marker& marker) {
  for (const T* v : {p, q})
    for (int i = 0; i < 4; ++i)
      if (!std::isfinite(v[i])) return marker.mark_all();
  if (p[3] <= 0 && q[3] <= 0) return;
  const double a[3] = {static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[3])};
  const double b[3] = {static_cast<double>(q[0]), static_cast<double>(q[1]), static_cast<double>(q[3])};
  double from = 0, to = 1;
  constexpr double margin = 1.25;
  for (int axis = 0; axis < 2; ++axis) {
    for (double side : {-1.0, 1.0}) {
      const double da = margin * a[2] + side * a[axis], db = margin * b[2] + side * b[axis];
      if (da < 0 && db < 0) return;
      if (da < 0) from = std::max(from, da / (da - db));
      if (db < 0) to = std::min(to, da / (da - db));
    }
  }
  if (from > to) return;
  float x[2], y[2];
  int end = 0;
  for (double t : {from, to}) {
    const double w = a[2] + t * (b[2] - a[2]);
    // Next to the eye, where the ends of the visible part are lost to rounding.
    if (!(w > 0x1p-24 * (std::abs(a[2]) + std::abs(b[2])))) return marker.mark_all();
    x[end] = static_cast<float>(((a[0] + t * (b[0] - a[0])) / w * 0.5 + 0.5) * static_cast<double>(in.image.width));
    y[end++] = static_cast<float>(((a[1] + t * (b[1] - a[1])) / w * 0.5 + 0.5) * static_cast<double>(in.image.height));
  }
  for (int i = 0; i < 2; ++i)
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) return marker.mark_all();
  marker.mark(x[0], y[0], x[1], y[1], true);
}

template <typename T>
void mark_edge(const SilhouetteInputs<T>& in, const Edge& edge, bool both_ways, Marker& marker) {
  const ScreenVertex &p = in.screen[edge.from], &q = in.screen[edge.to];
  if (p.flags & q.flags & (kLeft | kRight | kBelow | kAbove)) return;
  if ((p.flags | q.flags) & kUnprojected) {
    mark_unprojected(in, in.pos + 4 * static_cast<int64_t>(edge.from), in.pos + 4 * static_cast<int64_t>(edge.to),
                     marker);
  } else {
    marker.mark(p.x, p.y, q.x, q.y, both_ways);
  }
}

// Whether the edge's faces may lie to one side of it.
TVDR_INLINE bool may_be_silhouette(const Edge& edge, const int8_t* facing) {
  const int32_t same = edge.same_direction() ? -1 : 0, first = edge.first_face(),
                other = edge.other < 0 ? first : edge.other;
  const int32_t turned = facing[first] * facing[other];  // 0 where one is in doubt
  return (edge.other < 0) | (((turned ^ same) - same) <= 0);
}

template <typename T>
void mark_run(const SilhouetteInputs<T>& in, const Edge* run, int64_t length, const int8_t* facing, Marker& marker) {
  // Few edges are silhouettes: these are listed first, without a branch.
  constexpr int64_t kListed = 512;
  int32_t listed[kListed];
  for (int64_t start = 0; start < length; start += kListed) {
    const Edge* edges = run + start;
    const auto size = static_cast<int32_t>(std::min(kListed, length - start));
    int count = 0;
    for (int32_t i = 0; i < size; ++i) {
      listed[count] = i;
      count += may_be_silhouette(edges[i], facing);
    }
    for (int j = 0; j < count; ++j) mark_edge(in, edges[listed[j]], false, marker);
  }
}

}  // namespace

template <typename T>
void mark_silhouettes(const SilhouetteInputs<T>& in, const int8_t* facing, int64_t first_edge, int64_t last_edge,
                      uint8_t* marks) {
  Marker marker(in.image, marks);
  mark_run(in, in.edges + first_edge, last_edge - first_edge, facing, marker);
}

template <typename T>
void mark_block_silhouettes(const SilhouetteInputs<T>& in, const BlockEdges& edges, int64_t block, const uint8_t* drawn,
                            const int8_t* facing, uint8_t* marks) {
  Marker marker(in.image, marks);
  const Slice inner = edges.inner(block), shared = edges.shared(block);
  mark_run(in, edges.edges() + inner.first, inner.last - inner.first, facing, marker);
  for (int64_t i = shared.first; i < shared.last; ++i) {
    const Edge& edge = edges.edges()[i];
    const int64_t beyond = edge.other < 0 ? -1 : edge.other / kBlockTriangles;
    // Across an edge that is no silhouette a walk may go on either way.
    if (beyond < 0 || !drawn[beyond]) {
      mark_edge(in, edge, true, marker);
    } else if (block < beyond && may_be_silhouette(edge, facing)) {  // of two blocks that are drawn one sees to it
      mark_edge(in, edge, false, marker);
    }
  }
}

#define TVDR_INSTANTIATE(T)                                                                                    \
  template void mark_silhouettes(const SilhouetteInputs<T>&, const int8_t*, int64_t, int64_t, uint8_t*);       \
  template void mark_block_silhouettes(const SilhouetteInputs<T>&, const BlockEdges&, int64_t, const uint8_t*, \
                                       const int8_t*, uint8_t*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
