// Small triangles as fragments: the few pixel centres in a triangle's bounds are tried in float, all triangles' at
// once. Only where float leaves the sign of an edge function in doubt is it taken exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "rasterize.hpp"
#include "screen.hpp"

namespace tvdr {

// A triangle that covers a pixel centre between the near and the far plane, and its depth there.
struct Fragment {
  int32_t id;
  int16_t x, y;
  float depth;
};

// A triangle may have this many pixel centres in its bounds to count as small.
constexpr int kSmallTriangle = 16;

// Collects small triangles, whose vertices are all told, and turns them into fragments.
class Fragmenter {
 public:
  Fragmenter(const RasterizeInputs<float>& in, int64_t b, std::vector<Fragment>& out)
      : in_(in), pos_(in.positions(b)), error_(screen_error(in.image)), out_(out) {}

  // The bounds on pixels are inclusive; x and y are the corners' screen positions.
  void add(int32_t id, int x0, int x1, int y0, int y1, const float (&x)[3], const float (&y)[3]);
  void flush();

 private:
  static constexpr int kCapacity = 512;
  static constexpr int kTrials = kCapacity + kSmallTriangle;

  int cover();

  const RasterizeInputs<float>& in_;
  const float* pos_;
  float error_;
  std::vector<Fragment>& out_;

  int triangles_ = 0, trials_ = 0, candidates_ = 0;
  // The triangles.
  int32_t id_[kTrials];
  // The trials: triangle, pixel, the corners seen from the pixel's centre, and the bound on an edge function's error.
  int32_t triangle_[kTrials];
  int16_t px_[kTrials], py_[kTrials];
  float x_[3][kTrials], y_[3][kTrials], doubt_[kTrials];
  int32_t covered_[kTrials];
  int32_t candidate_[kTrials];  // the trials that are not lost
  // The planes of z/w over (cx, cy) of the triangles that cover something, as doubles, and its range.
  int32_t plane_[kTrials];
  double vertex_[12][kTrials];
  double depth_x_[kTrials], depth_y_[kTrials], depth_z_[kTrials], nearest_[kTrials], farthest_[kTrials];
};

}  // namespace tvdr
