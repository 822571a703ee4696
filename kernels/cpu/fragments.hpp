// Small triangles as fragments: the few pixel centres in a triangle's bounds are tried in float, all triangles' at
// once. Only where float leaves the sign of an edge function in doubt is it taken exactly.
#pragma once

#include <cstdint>

#include "clones.hpp"
#include "rasterize.hpp"
#include "screen.hpp"
#include "visibility.hpp"

namespace tvdr {

// The centres in a square of so many are tried at once; a small triangle has its own within two by two of them.
constexpr int kSquareSide = 4, kSmallSide = 2 * kSquareSide;

// The bound on the error of an edge function in float, seen from a pixel's centre that lies within `reach` of the
// corners along x and along y: it is the difference of two products of such distances, each wrong by no more than
// `error`.
TVDR_INLINE float edge_doubt(float reach, float error) { return 8 * error * (reach + error); }

// Collects small triangles, whose vertices are all told, and offers their fragments: the pixel centres that they cover
// between the near and the far plane.
class Fragmenter {
 public:
  // peel: as in `rasterize_forward`.
  Fragmenter(const RasterizeInputs<float>& in, int64_t b, const float* peel, VisibilityBuffer& out)
      : in_(in),
        pos_(in.positions(b)),
        peel_(peel ? peel + 4 * b * in.image.pixels() : nullptr),
        error_(screen_error(in.image)),
        out_(out) {}

  // The bounds on pixels are inclusive; x and y are the corners' screen positions.
  void add(int32_t id, int x0, int x1, int y0, int y1, const float (&x)[3], const float (&y)[3]);
  void flush();

 private:
  static constexpr int kCapacity = 64, kCentres = kCapacity * kSquareSide * kSquareSide;

  void add_square(int32_t id, int x0, int x1, int y0, int y1, const float (&x)[3], const float (&y)[3]);
  int keep_covering();
  int list_covered(int kept);

  const RasterizeInputs<float>& in_;
  const float *pos_, *peel_;
  float error_;
  VisibilityBuffer& out_;

  int count_ = 0;
  // The triangles: the first pixel of a square, the corners seen from its centre, the bound on an edge function's
  // error, and bits of the square's centres, row by row: those within bounds, and of them those covered and those in
  // doubt.
  struct {
    int32_t id[kCapacity], x[kCapacity], y[kCapacity];
    float corner_x[3][kCapacity], corner_y[3][kCapacity], doubt[kCapacity];
    uint32_t bounds[kCapacity], covered[kCapacity], in_doubt[kCapacity];
  } triangle_;
  // Those that cover something; x, y, z, w of their corners, the planes of z/w over (cx, cy), and its range.
  int32_t kept_id_[kCapacity], kept_x_[kCapacity], kept_y_[kCapacity];
  uint32_t kept_covered_[kCapacity];
  double vertex_[12][kCapacity];
  double depth_x_[kCapacity], depth_y_[kCapacity], depth_z_[kCapacity], nearest_[kCapacity], farthest_[kCapacity];
  // The centres that they cover, with room for a row: 16 times which of them it is and the bit; the pixel, and the
  // depth there, NaN where that is clipped.
  int32_t centre_[kCentres + kSquareSide], pixel_[kCentres];
  float depth_[kCentres];
};

}  // namespace tvdr
