// Small triangles as fragments: the few pixel centres in a triangle's bounds are tried in float, all triangles' at
// once. Only where float leaves the sign of an edge function in doubt is it taken exactly.
#pragma once

#include <cstdint>

#include "clones.hpp"
#include "rasterize.hpp"
#include "screen.hpp"
#include "triangle_block.hpp"
#include "visibility.hpp"

namespace tvdr {

// The centres in a square of so many are tried at once; a small triangle has its own within two by two of them.
constexpr int kSquareSide = 4, kSmallSide = 2 * kSquareSide;

// The bound on the error of an edge function in float, seen from a pixel's centre that lies within `reach` of the
// corners along x and along y: it is the difference of two products of such distances, each wrong by no more than
// `error`.
TVDR_INLINE float edge_doubt(float reach, float error) { return 8 * error * (reach + error); }

// Offers the fragments of the small triangles of a block, whose vertices are all told: the pixel centres that they cover
// between the near and the far plane.
class Fragmenter {
 public:
  // out: image b's pixels. peel: as in `rasterize_forward`.
  Fragmenter(const RasterizeInputs<float>& in, int64_t b, const float* peel, Nearest<float>* out)
      : in_(in),
        pos_(in.positions(b)),
        peel_(peel ? peel + 4 * b * in.image.pixels() : nullptr),
        error_(screen_error(in.image)),
        out_(out) {}

  // The block's triangle in `lane`.
  void add(const TriangleBlock& block, int lane) {
    for (int top = block.y0[lane]; top <= block.y1[lane]; top += kSquareSide) {
      for (int left = block.x0[lane]; left <= block.x1[lane]; left += kSquareSide) {
        lane_[count_] = lane;
        left_[count_] = left;
        top_[count_++] = top;
      }
    }
  }
  // All that were added of a block.
  void flush(const TriangleBlock& block);

 private:
  static constexpr int kSquares = (kSmallSide / kSquareSide) * (kSmallSide / kSquareSide) * kTriangleBlock;
  static constexpr int kCentres = kSquares * kSquareSide * kSquareSide;

  int keep_covering(const TriangleBlock& block);
  void load_corners(int kept);
  int list_covered(int kept);

  const RasterizeInputs<float>& in_;
  const float *pos_, *peel_;
  float error_;
  Nearest<float>* out_;

  // Squares of centres: of which triangle, from which pixel on, and which of the centres are covered or in doubt, a bit
  // each, row by row.
  int count_ = 0;
  int32_t lane_[kSquares], left_[kSquares], top_[kSquares];
  uint32_t covered_[kSquares], in_doubt_[kSquares];
  // Those of which something is covered: the triangle, with room for four, x, y, z, w of its corners, the plane of z/w
  // over (cx, cy), and its range.
  int32_t kept_id_[kSquares + 3], kept_left_[kSquares], kept_top_[kSquares];
  uint32_t kept_covered_[kSquares];
  float vertex_[12][kSquares + 3];
  double depth_x_[kSquares], depth_y_[kSquares], depth_z_[kSquares], nearest_[kSquares], farthest_[kSquares];
  // The centres that they cover, with room for a row: 16 times which of them it is and the bit; the pixel, and the
  // depth there, NaN where that is clipped.
  int32_t centre_[kCentres + kSquareSide], pixel_[kCentres];
  float depth_[kCentres];
};

}  // namespace tvdr
