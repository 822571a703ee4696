// The walk over a surface from one pixel's centre to the next, to the silhouette between them.
#pragma once

#include "portable/geometry.hpp"

namespace tvdr {

// How far beyond the two centres a crossing may lie, in pixels.
constexpr float kSlack = 1.0f / 16;

// What a walk sees of one image's surface. edge_rings: which half-edges lie over the same edge, see
// antialias/topology.hpp. Another type will do that has the members that walks use: image, tri, edge_rings, vertex().
template <typename T>
struct Surface {
  Image image;
  const T* pos;
  const int32_t* tri;
  const int32_t* edge_rings;

  // A vertex's numbers in memory.
  const T* record(int32_t index) const { return pos + 4 * static_cast<int64_t>(index); }
  Vec3 vertex(int32_t index) const { return scaled_vertex(record(index), image); }
};

// Two adjacent pixels between which a silhouette edge of the holder's surface passes. The blend is 1/2 - t, with t the
// distance in pixels from the holder's centre to the edge.
struct Crossing {
  int64_t first;  // the pixel; the other one is to its right or above it. Counts through the batch
  int8_t vertical;
  int8_t holder;   // 0: the first pixel is the holder; 1: the other
  int8_t edge;     // opposite this corner of the face
  int8_t clamped;  // t lay in the slack outside [0, 1]: the blend is constant there
  int32_t face;    // whose edge it is: the holder's triangle, or one that the walk came to
  double blend;
};
static_assert(sizeof(Crossing) == 24);

inline bool same_sign(double a, double b) { return (a > 0 && b > 0) || (a < 0 && b < 0); }

// The plane through the eye and the two centres cuts the surface in a chain of segments, one in each triangle; the walk
// follows it. In the plane's frame a vertex has a coordinate along the walk and one across it, both homogeneous.
template <typename OfSurface>
class Chain {
 public:
  Chain(const OfSurface& surface, int64_t holder, bool vertical, double direction)
      : surface_(surface),
        cx_(surface.image.center_x(holder % surface.image.width)),
        cy_(surface.image.center_y(holder / surface.image.width % surface.image.height)),
        vertical_(vertical),
        direction_(direction) {}

  // Starts at the holder's centre. False where the plane leaves the triangle through no edge in sight.
  bool start(int32_t face) {
    face_ = face;
    Vertex v[3];
    for (int k = 0; k < 3; ++k) v[k] = vertex(surface_.tri[3 * face + k]);
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
    for (int32_t other = surface_.edge_rings[h]; other >= 0 && other != h; other = surface_.edge_rings[other])
      if (!same_sign(dot(n, vertex(surface_.tri[other]).position), own)) return other;
    return -1;
  }

  // Goes on into the triangle of `half_edge`, which shares the edge that the chain left through.
  void enter(int32_t half_edge) {
    face_ = half_edge / 3;
    const Vertex far = vertex(surface_.tri[half_edge]);
    const bool replaces_p = positive(far) == positive(p_);
    const Vertex out = replaces_p ? p_ : q_;
    int k = 0;
    while (k < 2 && surface_.tri[3 * face_ + k] != out.index) ++k;
    const Vertex p = replaces_p ? far : p_, q = replaces_p ? q_ : far;
    set(k, p, q, out, crossing(p, q));
  }

  // Whether the edge runs mostly across the walk. One at exactly 45 degrees counts for horizontal walks alone.
  bool mostly_across() const {
    const Vec3 n = cross(p_.position, q_.position);
    return vertical_ ? absolute(n.y) > absolute(n.x) : absolute(n.x) >= absolute(n.y);
  }

  int32_t face() const { return face_; }
  int edge() const { return edge_; }
  double t() const { return t_; }  // in pixels from the holder's centre

 private:
  struct Vertex {
    Vec3 position;  // seen from the holder's centre
    int32_t index;
  };

  Vertex vertex(int32_t index) const { return {seen_from(surface_.vertex(index), cx_, cy_), index}; }
  double across(const Vertex& v) const { return vertical_ ? v.position.x : v.position.y; }
  double along(const Vertex& v) const { return direction_ * (vertical_ ? v.position.y : v.position.x); }
  bool positive(const Vertex& v) const { return across(v) >= 0; }

  // Where the plane cuts the edge; infinity where that point is behind the camera.
  double crossing(const Vertex& p, const Vertex& q) const {
    const double w = p.position.z * across(q) - q.position.z * across(p);
    if (!(w * (across(q) - across(p)) > 0)) return infinity();
    return 0.5 * (along(p) * across(q) - along(q) * across(p)) / w;  // a pixel is two units
  }
  void set(int edge, const Vertex& p, const Vertex& q, const Vertex& opposite, double t) {
    edge_ = edge;
    p_ = p;
    q_ = q;
    opposite_ = opposite;
    t_ = t;
  }

  const OfSurface& surface_;
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

// Whether a walk over at most so many triangles ends at a silhouette between the two; and that.
template <typename OfSurface>
bool find_between(const OfSurface& surface, const Pair& pair, int walk, Crossing& found) {
  const int64_t second = pair.first + (pair.vertical ? surface.image.width : 1);
  Chain<OfSurface> chain(surface, pair.holder ? second : pair.first, pair.vertical, pair.holder ? -1 : 1);
  if (!chain.start(pair.face)) return false;
  for (int crossed = 1;; ++crossed) {
    const double t = chain.t();
    if (!(t >= -kSlack && t <= 1 + kSlack)) return false;
    const int32_t next = chain.beyond();
    if (next < 0) {
      if (!chain.mostly_across()) return false;
      found = {pair.first,
               pair.vertical,
               pair.holder,
               static_cast<int8_t>(chain.edge()),
               t < 0 || t > 1,
               chain.face(),
               0.5 - clamped(t, 0.0, 1.0)};
      return true;
    }
    if (crossed == walk || next / 3 == pair.other) return false;
    chain.enter(next);
  }
}

}  // namespace tvdr
