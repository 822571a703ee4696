#include "antialias.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "silhouettes.hpp"
#include "thread_pool.hpp"

namespace tvdr {
namespace {

constexpr double kSlack = 1.0 / 16;

// The vertices of a large batch are not all held on the screen at once.
constexpr int64_t kVerticesInFlight = 1 << 22;
constexpr int64_t kBlock = 4096;  // vertices or triangles to a task

bool same_sign(double a, double b) { return (a > 0 && b > 0) || (a < 0 && b < 0); }

// The walk from the holder's centre to the other one, and a triangle seen from that centre.
template <typename T>
struct Walk {
  double cx, cy, dx, dy;
  const int32_t* index;
  PixelTriangle triangle;

  Walk(const AntialiasInputs<T>& in, const Crossing& c)
      : Walk(in, c, c.first + c.holder * (c.vertical ? in.image.width : 1), c.holder ? -1 : 1) {}

  // How edge function k changes over the whole walk: one pixel, two units.
  double slope(int k) const { return 2 * (triangle.n[k].x * dx + triangle.n[k].y * dy); }

 private:
  Walk(const AntialiasInputs<T>& in, const Crossing& c, int64_t holder, double direction)
      : cx(in.image.center_x(holder % in.image.width)),
        cy(in.image.center_y(holder / in.image.width % in.image.height)),
        dx(c.vertical ? 0 : direction),
        dy(c.vertical ? direction : 0),
        index(in.tri + 3 * static_cast<int64_t>(c.face)),
        triangle(in.positions(c.first / in.image.pixels()), index, in.image, cx, cy) {}
};

// The plane through the eye and the two centres cuts the surface in a chain of segments, one in each triangle; the walk
// follows it. In the plane's frame a vertex has a coordinate along the walk and one across it, both homogeneous.
template <typename T>
class Chain {
 public:
  Chain(const AntialiasInputs<T>& in, int64_t b, int64_t holder, bool vertical, double direction)
      : in_(in),
        pos_(in.positions(b)),
        cx_(in.image.center_x(holder % in.image.width)),
        cy_(in.image.center_y(holder / in.image.width % in.image.height)),
        vertical_(vertical),
        direction_(direction) {}

  // Starts at the holder's centre. False where the plane leaves the triangle through no edge in sight.
  bool start(int32_t face) {
    face_ = face;
    Vertex v[3];
    for (int k = 0; k < 3; ++k) v[k] = vertex(in_.tri[3 * face + k]);
    bool found = false;
    for (int k = 0; k < 3; ++k) {
      const Vertex &p = v[(k + 1) % 3], &q = v[(k + 2) % 3];
      if (positive(p) == positive(q)) continue;
      const double t = crossing(p, q);
      if (found && t <= t_) continue;
      found = true;
      set(k, p, q, v[k], t);
    }
    return found;
  }

  // The half-edge over which the surface goes on beyond the edge that the chain leaves through; -1 at a silhouette.
  int32_t beyond() const {
    const Vec3 n = cross(p_.position, q_.position);
    const double own = dot(n, opposite_.position);
    const int32_t h = 3 * face_ + edge_;
    for (int32_t other = in_.edge_rings[h]; other >= 0 && other != h; other = in_.edge_rings[other])
      if (!same_sign(dot(n, vertex(in_.tri[other]).position), own)) return other;
    return -1;
  }

  // Goes on into the triangle of `half_edge`, which shares the edge that the chain left through.
  void enter(int32_t half_edge) {
    face_ = half_edge / 3;
    const Vertex far = vertex(in_.tri[half_edge]);
    const bool replaces_p = positive(far) == positive(p_);
    const Vertex out = replaces_p ? p_ : q_;
    int k = 0;
    while (k < 2 && in_.tri[3 * face_ + k] != out.index) ++k;
    const Vertex p = replaces_p ? far : p_, q = replaces_p ? q_ : far;
    set(k, p, q, out, crossing(p, q));
  }

  // Whether the edge runs mostly across the walk. One at exactly 45 degrees counts for horizontal walks alone.
  bool mostly_across() const {
    const Vec3 n = cross(p_.position, q_.position);
    return vertical_ ? std::abs(n.y) > std::abs(n.x) : std::abs(n.x) >= std::abs(n.y);
  }

  int32_t face() const { return face_; }
  int edge() const { return edge_; }
  double t() const { return t_; }  // in pixels from the holder's centre

 private:
  struct Vertex {
    Vec3 position;  // seen from the holder's centre
    int32_t index;
  };

  Vertex vertex(int32_t index) const {
    return {seen_from(scaled_vertex(pos_ + 4 * static_cast<int64_t>(index), in_.image), cx_, cy_), index};
  }
  double across(const Vertex& v) const { return vertical_ ? v.position.x : v.position.y; }
  double along(const Vertex& v) const { return direction_ * (vertical_ ? v.position.y : v.position.x); }
  bool positive(const Vertex& v) const { return across(v) >= 0; }

  // Where the plane cuts the edge; infinity where that point is behind the camera.
  double crossing(const Vertex& p, const Vertex& q) const {
    const double w = p.position.z * across(q) - q.position.z * across(p);
    if (!(w * (across(q) - across(p)) > 0)) return std::numeric_limits<double>::infinity();
    return 0.5 * (along(p) * across(q) - along(q) * across(p)) / w;  // a pixel is two units
  }
  void set(int edge, const Vertex& p, const Vertex& q, const Vertex& opposite, double t) {
    edge_ = edge;
    p_ = p;
    q_ = q;
    opposite_ = opposite;
    t_ = t;
  }

  const AntialiasInputs<T>& in_;
  const T* pos_;
  double cx_, cy_;
  bool vertical_;
  double direction_;
  int32_t face_ = -1;
  int edge_ = 0;
  Vertex p_{}, q_{}, opposite_{};
  double t_ = 0;
};

template <typename T>
void find_between(const AntialiasInputs<T>& in, int64_t b, int64_t first, bool vertical,
                  std::vector<Crossing>& crossings) {
  const int64_t second = first + (vertical ? in.image.width : 1);
  const T *p = in.rast + 4 * first, *q = in.rast + 4 * second;
  if (p[3] == q[3]) return;
  const int8_t holder = p[3] <= 0 ? 1 : q[3] <= 0 ? 0 : q[2] < p[2] ? 1 : 0;
  const int32_t to = static_cast<int32_t>((holder ? p : q)[3]) - 1;
  Chain<T> chain(in, b, holder ? second : first, vertical, holder ? -1 : 1);
  if (!chain.start(static_cast<int32_t>((holder ? q : p)[3]) - 1)) return;
  for (int crossed = 1;; ++crossed) {
    const double t = chain.t();
    if (!(t >= -kSlack && t <= 1 + kSlack)) return;
    const int32_t next = chain.beyond();
    if (next < 0) {
      if (!chain.mostly_across()) return;
      crossings.push_back({first, vertical, holder, static_cast<int8_t>(chain.edge()), t < 0 || t > 1, chain.face(),
                           0.5 - std::clamp(t, 0.0, 1.0)});
      return;
    }
    if (crossed == in.walk || next / 3 == to) return;
    chain.enter(next);
  }
}

// Where a crossing reads and writes: `to` takes |blend| of the difference to `from`.
struct Blend {
  int64_t to, from;
  double weight;

  Blend(const Crossing& c, const Image& image) : weight(std::abs(c.blend)) {
    const int64_t second = c.first + (c.vertical ? image.width : 1);
    const int64_t holder = c.holder ? second : c.first, other = c.holder ? c.first : second;
    to = c.blend >= 0 ? holder : other;
    from = c.blend >= 0 ? other : holder;
  }
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

// d(blend) = coefficient * d(n[edge] . (2 t dx, 2 t dy, 1)); 0 where the blend is clamped.
struct BlendDerivative {
  Vec3 n;  // the gradient of the blend with respect to n[edge]

  template <typename T>
  BlendDerivative(const Crossing& c, const Walk<T>& walk) : n{0, 0, 0} {
    if (c.clamped) return;
    const double t = 0.5 - c.blend;
    n = (1 / walk.slope(c.edge)) * Vec3{2 * t * walk.dx, 2 * t * walk.dy, 1};
  }
};

}  // namespace

template <typename T>
std::vector<Crossing> find_crossings(const AntialiasInputs<T>& in) {
  const Image& image = in.image;
  std::vector<std::vector<Crossing>> by_row(image.batch * image.height);
  const int64_t shared = in.pos_stride == 0 ? 1 : image.batch;  // sets of vertices
  const int64_t group = std::clamp<int64_t>(kVerticesInFlight / std::max<int64_t>(in.vertices, 1), 1, shared);
  const std::unique_ptr<ScreenVertex[]> screen(new ScreenVertex[group * in.vertices]);
  const std::unique_ptr<int8_t[]> facing(new int8_t[group * in.triangles]);
  const int64_t vertex_blocks = (in.vertices + kBlock - 1) / kBlock, blocks = (in.triangles + kBlock - 1) / kBlock;
  for (int64_t start = 0; start < shared; start += group) {
    const int64_t sets = std::min(group, shared - start);
    auto inputs = [&](int64_t set) {
      return SilhouetteInputs<T>{image, in.positions(start + set), screen.get() + set * in.vertices, in.tri,
                                 in.edge_rings};
    };
    parallel_for(in.threads, sets * vertex_blocks, [&](int64_t task) {
      const int64_t set = task / vertex_blocks, first = task % vertex_blocks * kBlock;
      project_to_screen(in.positions(start + set), first, std::min(first + kBlock, in.vertices), image,
                        screen.get() + set * in.vertices);
    });
    parallel_for(in.threads, sets * blocks, [&](int64_t task) {
      const int64_t set = task / blocks, first = task % blocks * kBlock;
      find_facing(inputs(set), first, std::min(first + kBlock, in.triangles), facing.get() + set * in.triangles);
    });
    std::vector<uint8_t> worth(sets * image.pixels());
    parallel_for(in.threads, sets * blocks, [&](int64_t task) {
      const int64_t set = task / blocks, first = task % blocks * kBlock;
      mark_silhouettes(inputs(set), facing.get() + set * in.triangles, first, std::min(first + kBlock, in.triangles),
                       worth.data() + set * image.pixels());
    });
    const int64_t first_row = in.pos_stride == 0 ? 0 : start * image.height;
    const int64_t rows = (in.pos_stride == 0 ? image.batch : sets) * image.height;
    parallel_for(in.threads, rows, [&](int64_t r) {
      const int64_t row = first_row + r, b = row / image.height;
      const uint8_t* marks = worth.data() + (in.pos_stride == 0 ? row % image.height : r) * image.width;
      for (int64_t px = 0; px < image.width; ++px) {
        if (!marks[px]) continue;
        const int64_t pixel = row * image.width + px;
        if (marks[px] & kToTheRight) find_between(in, b, pixel, false, by_row[row]);
        if (marks[px] & kUpwards) find_between(in, b, pixel, true, by_row[row]);
      }
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
      double g_blend = 0;
      for (int64_t j = 0; j < in.channels; ++j) g_blend += static_cast<double>(g[j]) * (from[j] - to[j]);
      if (c.blend < 0) g_blend = -g_blend;
      const Walk<T> walk(in, c);
      const Vec3 g_n = (pos_gradient_boost * g_blend) * BlendDerivative(c, walk).n;
      const Vec3 at_i = cross(walk.triangle.v[(c.edge + 2) % 3], g_n);
      const Vec3 at_j = cross(g_n, walk.triangle.v[(c.edge + 1) % 3]);
      int end = 0;
      for (const Vec3& v : {at_i, at_j})
        gradients[i].ends[end++] = {in.image.width * v.x, in.image.height * v.y, v.z - walk.cx * v.x - walk.cy * v.y};
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
    double d_blend = 0;
    if (pos_tangent) {
      const Walk<T> walk(in, c);
      const PixelTriangle d(pos_tangent + b * in.pos_stride, walk.index, in.image, walk.cx, walk.cy);
      const int i = (c.edge + 1) % 3, j = (c.edge + 2) % 3;
      const Vec3 dn = cross(d.v[i], walk.triangle.v[j]) + cross(walk.triangle.v[i], d.v[j]);
      d_blend = (c.blend < 0 ? -1 : 1) * dot(BlendDerivative(c, walk).n, dn);
    }
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
  template std::vector<Crossing> find_crossings(const AntialiasInputs<T>&);                                   \
  template void antialias_forward(const AntialiasInputs<T>&, Crossings, const T*, T*);                        \
  template void antialias_backward(const AntialiasInputs<T>&, Crossings, const T*, const T*, double, T*, T*); \
  template void antialias_jvp(const AntialiasInputs<T>&, Crossings, const T*, const T*, const T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
