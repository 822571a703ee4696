// Small triangles as fragments: the few pixel centres in a triangle's bounds are tried in float, all triangles' at
// once. Only where float leaves the sign of an edge function in doubt is it taken exactly.
#pragma once

#include <cstdint>

#include "core/clones.hpp"
#include "portable/bounds.hpp"
#include "raster/rasterize.hpp"
#include "raster/screen.hpp"
#include "raster/triangle_block.hpp"
#include "raster/visibility.hpp"

namespace tvdr {

// The centres in a square of so many are tried at once, or those in a smaller one where a triangle's are within that. A
// small triangle has its own within two by two of the squares.
constexpr int kSquareSide = 4, kSmallerSide = 2, kSmallSide = 2 * kSquareSide;

// Offers the fragments of the small triangles of a block, whose vertices are all projected: the pixel centres that they
// cover between the near and the far plane.
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
    const int x0 = block.x0[lane], x1 = block.x1[lane], y0 = block.y0[lane], y1 = block.y1[lane];
    if (x1 - x0 < kSquareSide && y1 - y0 < kSquareSide) {
      const bool smaller = x1 - x0 < kSmallerSide && y1 - y0 < kSmallerSide;
      (smaller ? smaller_ : squares_).add(lane, x0, y0);
      return;
    }
    for (int top = y0; top <= y1; top += kSquareSide)
      for (int left = x0; left <= x1; left += kSquareSide) squares_.add(lane, left, top);
  }
  // All that were added of a block.
  void flush(const TriangleBlock& block);

 private:
  static constexpr int kSquares = (kSmallSide / kSquareSide) * (kSmallSide / kSquareSide) * kTriangleBlock;
  static constexpr int kCentres = kSquares * kSquareSide * kSquareSide;

  // Squares of centres: of which triangle, from which pixel on, and which of the centres are covered or in doubt, a bit
  // each, row by row of kSquareSide.
  struct Squares {
    int count = 0;
    int32_t lane[kSquares], left[kSquares], top[kSquares];
    uint32_t covered[kSquares], in_doubt[kSquares];

    void add(int in_lane, int x0, int y0) {
      lane[count] = in_lane;
      left[count] = x0;
      top[count++] = y0;
    }
  };

  void decide(const TriangleBlock& block, Squares& squares) const;
  int keep_covering(const TriangleBlock& block, const Squares& squares, int kept);
  void load_corners(int kept);
  int list_covered(int kept);

  const RasterizeInputs<float>& in_;
  const float *pos_, *peel_;
  float error_;
  Nearest<float>* out_;

  Squares squares_, smaller_;
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
