// One crossing: the walk that finds it, what it blends, and how that depends on its edge.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "antialias/antialias.hpp"
#include "antialias/silhouettes.hpp"

namespace tvdr {

inline bool same_sign(double a, double b) { return (a > 0 && b > 0) || (a < 0 && b < 0); }

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

// Two adjacent pixels that show different triangles.
struct Pair {
  int64_t first;
  int32_t face, other;  // the holder's triangle, and the other pixel's or -1
  int8_t vertical, holder;

  // False where they show the same one. `shown` has the triangle, -1 where there is none, and the depth at each pixel.
  template <typename Shown>
  bool look(const Shown& shown, const Image& image, int64_t pixel, bool upwards) {
    const int64_t second = pixel + (upwards ? image.width : 1);
    const int32_t p = shown.triangle(pixel), q = shown.triangle(second);
    if (p == q) return false;
    first = pixel;
    vertical = upwards;
    holder = p < 0 ? 1 : q < 0 ? 0 : shown.depth(second) < shown.depth(pixel) ? 1 : 0;
    face = holder ? q : p;
    other = holder ? p : q;
    return true;
  }
};

template <typename T>
void find_between(const AntialiasInputs<T>& in, int64_t b, const Pair& pair, std::vector<Crossing>& crossings) {
  const int64_t second = pair.first + (pair.vertical ? in.image.width : 1);
  Chain<T> chain(in, b, pair.holder ? second : pair.first, pair.vertical, pair.holder ? -1 : 1);
  if (!chain.start(pair.face)) return;
  for (int crossed = 1;; ++crossed) {
    const double t = chain.t();
    if (!(t >= -kSlack && t <= 1 + kSlack)) return;
    const int32_t next = chain.beyond();
    if (next < 0) {
      if (!chain.mostly_across()) return;
      crossings.push_back({pair.first, pair.vertical, pair.holder, static_cast<int8_t>(chain.edge()), t < 0 || t > 1,
                           chain.face(), 0.5 - std::clamp(t, 0.0, 1.0)});
      return;
    }
    if (crossed == in.walk || next / 3 == pair.other) return;
    chain.enter(next);
  }
}

// The crossings of one row of pixels, between those that `marks` names; `row` counts through the batch. A walk is a
// chain of reads of which each waits for the one before: what the walks of a row begin with is fetched for all of them
// first.
template <typename T, typename Shown>
void find_in_row(const AntialiasInputs<T>& in, const Shown& shown, int64_t b, int64_t row, const uint8_t* marks,
                 std::vector<Pair>& pairs, std::vector<Crossing>& crossings) {
  pairs.clear();
  auto look = [&](int64_t px, bool upwards) {
    Pair pair;
    if (!pair.look(shown, in.image, row * in.image.width + px, upwards)) return;
    pairs.push_back(pair);
    __builtin_prefetch(in.tri + 3 * static_cast<int64_t>(pair.face));
    __builtin_prefetch(in.edge_rings + 3 * static_cast<int64_t>(pair.face));
  };
  for (int64_t px = 0; px < in.image.width; ++px) {
    // Most pixels have no mark: eight at once.
    uint64_t eight = 1;
    if (px + 8 <= in.image.width) std::memcpy(&eight, marks + px, 8);
    if (eight == 0) {
      px += 7;
      continue;
    }
    if (marks[px] & kToTheRight) look(px, false);
    if (marks[px] & kUpwards) look(px, true);
  }
  const T* pos = in.positions(b);
  for (const Pair& pair : pairs)
    for (int k = 0; k < 3; ++k)
      __builtin_prefetch(pos + 4 * static_cast<int64_t>(in.tri[3 * static_cast<int64_t>(pair.face) + k]));
  for (const Pair& pair : pairs) find_between(in, b, pair, crossings);
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

}  // namespace tvdr
