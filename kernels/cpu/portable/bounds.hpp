// In which pixels a triangle may cover a centre.
#pragma once

#include "portable/screen.hpp"

namespace tvdr {

// Inclusive bounds on pixels; empty where the first is beyond the last.
struct PixelBounds {
  int32_t x0, x1, y0, y1;
  TVDR_INLINE bool empty() const { return x0 > x1 || y0 > y1; }
};

// The bound on the error of an edge function in float, seen from a pixel's centre that lies within `reach` of the
// corners along x and along y: it is the difference of two products of such distances, each wrong by no more than
// `error`.
TVDR_INLINE float edge_doubt(float reach, float error) { return 8 * error * (reach + error); }

// For a triangle whose corners (ax, ay), (bx, by), (cx, cy) on the screen are all projected. Returns whether a centre
// in the bounds may be covered.
TVDR_INLINE int32_t bound_projected(float ax, float ay, float bx, float by, float cx, float cy, float width,
                                    float height, float error, int32_t& x0, int32_t& x1, int32_t& y0, int32_t& y1) {
  const float below = 0.5f + error, above = 0.5f - error, last_x = width - 1, last_y = height - 1;
  float low_x = ax < bx ? ax : bx, high_x = ax < bx ? bx : ax, low_y = ay < by ? ay : by, high_y = ay < by ? by : ay;
  const float low_corner_x = low_x < cx ? low_x : cx, high_corner_x = high_x < cx ? cx : high_x;
  const float low_corner_y = low_y < cy ? low_y : cy, high_corner_y = high_y < cy ? cy : high_y;
  low_x = low_corner_x - below;
  high_x = high_corner_x - above;
  low_y = low_corner_y - below;
  high_y = high_corner_y - above;
  // Rounded up, and down, and clamped to the image; what is left of it has high < 0, what is right of it low > last.
  low_x = low_x > 0 ? (low_x < width ? low_x : width) : 0;
  low_y = low_y > 0 ? (low_y < height ? low_y : height) : 0;
  high_x = high_x > -1 ? (high_x < last_x ? high_x : last_x) : -1;
  high_y = high_y > -1 ? (high_y < last_y ? high_y : last_y) : -1;
  const int32_t whole_x = static_cast<int32_t>(low_x), whole_y = static_cast<int32_t>(low_y);
  x0 = whole_x + (static_cast<float>(whole_x) < low_x);
  y0 = whole_y + (static_cast<float>(whole_y) < low_y);
  x1 = high_x >= 0 ? static_cast<int32_t>(high_x) : -1;
  y1 = high_y >= 0 ? static_cast<int32_t>(high_y) : -1;
  // Most small triangles have one centre in their bounds, and miss it: two edge functions have opposite signs there.
  const float px = static_cast<float>(whole_x + (static_cast<float>(whole_x) < low_x)) + 0.5f,
              py = static_cast<float>(whole_y + (static_cast<float>(whole_y) < low_y)) + 0.5f;
  const float e0 = (bx - px) * (cy - py) - (by - py) * (cx - px);
  const float e1 = (cx - px) * (ay - py) - (cy - py) * (ax - px);
  const float e2 = (ax - px) * (by - py) - (ay - py) * (bx - px);
  const float low = e0 < e1 ? (e0 < e2 ? e0 : e2) : (e1 < e2 ? e1 : e2);
  const float high = e0 > e1 ? (e0 > e2 ? e0 : e2) : (e1 > e2 ? e1 : e2);
  const float wide = high_corner_x - low_corner_x, tall = high_corner_y - low_corner_y;
  const float doubt = edge_doubt((wide > tall ? wide : tall) + 2 * error, error);
  const int32_t single = (x0 == x1) & (y0 == y1), missed = (low < -doubt) & (high > doubt);
  return (x0 <= x1) & (y0 <= y1) & !(single & missed);
}

// Conservative bounds on the screen, in pixels (row 0 at y = -1).
struct ScreenBounds {
  double x0 = infinity(), x1 = -infinity(), y0 = infinity(), y1 = -infinity();

  void add(double x, double y) {
    x0 = lesser(x0, x);
    x1 = greater(x1, x);
    y0 = lesser(y0, y);
    y1 = greater(y1, y);
  }
};

// A vertex in clip space.
struct ClipVertex {
  double x, y, z, w;
  double near_distance() const { return z + w; }
};

inline ClipVertex lerp(const ClipVertex& p, const ClipVertex& q, double t) {
  return {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y), p.z + t * (q.z - p.z), p.w + t * (q.w - p.w)};
}

// Bounds of the part in front of the near plane, for a triangle with vertices behind the camera. The whole screen where
// that part comes too close to w = 0 to be projected; nothing where there is no such part.
template <typename T>
ScreenBounds bounds_in_front(const T* const (&corner)[3], const Image& image) {
  const double width = static_cast<double>(image.width), height = static_cast<double>(image.height);
  ClipVertex polygon[3];
  double largest_w = 0;
  for (int k = 0; k < 3; ++k) {
    polygon[k] = {corner[k][0], corner[k][1], corner[k][2], corner[k][3]};
    largest_w = greater(largest_w, absolute(polygon[k].w));
  }
  ScreenBounds bounds;
  bool unbounded = false;
  auto add = [&](const ClipVertex& v) {
    if (v.w > 1e-9 * largest_w) {
      bounds.add((v.x / v.w * 0.5 + 0.5) * width, (v.y / v.w * 0.5 + 0.5) * height);
    } else {
      unbounded = true;
    }
  };
  for (int k = 0; k < 3; ++k) {
    const ClipVertex &p = polygon[k], &q = polygon[(k + 1) % 3];
    const double dp = p.near_distance(), dq = q.near_distance();
    if (dp >= 0) add(p);
    if ((dp >= 0) != (dq >= 0)) add(lerp(p, q, dp / (dp - dq)));
  }
  if (unbounded) {
    bounds.add(0, 0);
    bounds.add(width, height);
  }
  return bounds;
}

// ceil and floor, clamped to the image; without SSE4.1 the library's are calls.
inline int32_t first_not_below(double x) {
  if (!(x > 0)) return 0;
  const int32_t whole = static_cast<int32_t>(lesser(x, 1e6));
  return whole + (whole < x);
}
inline int32_t last_not_above(double x, int32_t last) {
  return x >= 0 ? static_cast<int32_t>(lesser(x, static_cast<double>(last))) : -1;
}

template <typename T>
bool finite(const T* v) {
  return is_finite(v[0]) && is_finite(v[1]) && is_finite(v[2]) && is_finite(v[3]);
}

// For a triangle with a vertex behind the camera, or far off the screen. Empty where there is nothing to see of it.
template <typename T>
PixelBounds bound_unprojected(const T* const (&corner)[3], const Image& image) {
  constexpr PixelBounds nothing{0, -1, 0, -1};
  // Projection in T errs by a few units in the last place of numbers up to the image's size; anything beyond is off
  // screen.
  const double margin = static_cast<double>(image.width > image.height ? image.width : image.height) * 0x1p-18;
  const T half_width = T(0.5) * static_cast<T>(image.width), half_height = T(0.5) * static_cast<T>(image.height);
  ScreenBounds bounds;
  if (corner[0][3] > 0 && corner[1][3] > 0 && corner[2][3] > 0) {
    for (const T* v : corner)
      bounds.add(v[0] / v[3] * half_width + half_width, v[1] / v[3] * half_height + half_height);
  } else {
    bounds = bounds_in_front(corner, image);
  }
  // Pixel centres are at half-integers. A bound that is not a number leaves nothing of the triangle.
  const PixelBounds pixels{first_not_below(bounds.x0 - 0.5 - margin),
                           last_not_above(bounds.x1 - 0.5 + margin, static_cast<int32_t>(image.width - 1)),
                           first_not_below(bounds.y0 - 0.5 - margin),
                           last_not_above(bounds.y1 - 0.5 + margin, static_cast<int32_t>(image.height - 1))};
  if (pixels.empty() || !finite(corner[0]) || !finite(corner[1]) || !finite(corner[2])) return nothing;
  return pixels;
}

}  // namespace tvdr
