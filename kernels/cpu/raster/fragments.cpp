#include "raster/fragments.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "core/clones.hpp"
#include "core/four.hpp"

namespace tvdr {
namespace {

constexpr int kSquare = kSquareSide * kSquareSide;

// Whether all three edge functions have one sign at each of the squares' centres within their triangles' bounds, where
// errors stay below what may be.
template <int side>
TVDR_INLINE void try_centres(const TriangleBlock& block, int count, float error, const int32_t* __restrict lanes,
                             const int32_t* __restrict left, const int32_t* __restrict top,
                             uint32_t* __restrict covered, uint32_t* __restrict in_doubt) {
  for (int t = 0; t < count; ++t) {
    const int32_t lane = lanes[t];
    const float px = static_cast<float>(left[t]) + 0.5f, py = static_cast<float>(top[t]) + 0.5f;
    const float x0 = block.x[0][lane] - px, x1 = block.x[1][lane] - px, x2 = block.x[2][lane] - px;
    const float y0 = block.y[0][lane] - py, y1 = block.y[1][lane] - py, y2 = block.y[2][lane] - py;
    const float low_x = x0 < x1 ? (x0 < x2 ? x0 : x2) : (x1 < x2 ? x1 : x2),
                high_x = x0 > x1 ? (x0 > x2 ? x0 : x2) : (x1 > x2 ? x1 : x2);
    const float low_y = y0 < y1 ? (y0 < y2 ? y0 : y2) : (y1 < y2 ? y1 : y2),
                high_y = y0 > y1 ? (y0 > y2 ? y0 : y2) : (y1 > y2 ? y1 : y2);
    const float wide = high_x - low_x, tall = high_y - low_y;
    const float doubt = edge_doubt((wide > tall ? wide : tall) + 4 * error, error);
    uint32_t inside = 0, unclear = 0;
    for (int i = 0; i < side * side; ++i) {
      const int bit = i / side * kSquareSide + i % side;
      const float dx = static_cast<float>(i % side), dy = static_cast<float>(i / side);
      const float ax = x0 - dx, ay = y0 - dy, bx = x1 - dx, by = y1 - dy, cx = x2 - dx, cy = y2 - dy;
      const float e0 = bx * cy - by * cx, e1 = cx * ay - cy * ax, e2 = ax * by - ay * bx;
      const float low = e0 < e1 ? (e0 < e2 ? e0 : e2) : (e1 < e2 ? e1 : e2);
      const float high = e0 > e1 ? (e0 > e2 ? e0 : e2) : (e1 > e2 ? e1 : e2);
      const uint32_t in = (low > doubt) | (high < -doubt), out = (low < -doubt) & (high > doubt);
      inside |= in << bit;
      unclear |= (~(in | out) & 1u) << bit;
    }
    // The square's centres within the bounds: the first ones of its rows, the first rows.
    static_assert(kSquareSide == 4);
    const int32_t columns = block.x1[lane] - left[t], rows = block.y1[lane] - top[t];
    const uint32_t row = (2u << (columns < 3 ? columns : 3)) - 1, all = (16u << 4 * (rows < 3 ? rows : 3)) - 1;
    const uint32_t within = row * 0x1111u & all;
    covered[t] = inside & within;
    in_doubt[t] = unclear & within;
  }
}

TVDR_CLONES void try_squares(const TriangleBlock& block, int count, float error, const int32_t* lanes,
                             const int32_t* left, const int32_t* top, uint32_t* covered, uint32_t* in_doubt) {
  try_centres<kSquareSide>(block, count, error, lanes, left, top, covered, in_doubt);
}
TVDR_CLONES void try_smaller(const TriangleBlock& block, int count, float error, const int32_t* lanes,
                             const int32_t* left, const int32_t* top, uint32_t* covered, uint32_t* in_doubt) {
  try_centres<kSmallerSide>(block, count, error, lanes, left, top, covered, in_doubt);
}

// What `Planes` of tile.hpp finds for each triangle, in the same operations: v holds x, y, z, w of three corners.
TVDR_CLONES void depth_planes(int count, int64_t stride, double width, double height, const float* __restrict v,
                              double* __restrict depth_x, double* __restrict depth_y, double* __restrict depth_z,
                              double* __restrict nearest, double* __restrict farthest) {
  for (int i = 0; i < count; ++i) {
    auto number = [&](int j) __attribute__((always_inline)) { return static_cast<double>(v[j * stride + i]); };
    const double ax = width * number(0), ay = height * number(1), az = number(2), aw = number(3);
    const double bx = width * number(4), by = height * number(5), bz = number(6), bw = number(7);
    const double cx = width * number(8), cy = height * number(9), cz = number(10), cw = number(11);
    const double e0x = by * cw - bw * cy, e0y = bw * cx - bx * cw, e0z = bx * cy - by * cx;
    const double e1x = cy * aw - cw * ay, e1y = cw * ax - cx * aw, e1z = cx * ay - cy * ax;
    const double e2x = ay * bw - aw * by, e2y = aw * bx - ax * bw, e2z = ax * by - ay * bx;
    const double dx = az * e0x + bz * e1x + cz * e2x, dy = az * e0y + bz * e1y + cz * e2y,
                 dz = az * e0z + bz * e1z + cz * e2z;
    const double tx = e0x * ax, ty = e0y * ay, tz = e0z * aw;
    const double determinant = tx + ty + tz;
    const double size = (tx < 0 ? -tx : tx) + (ty < 0 ? -ty : ty) + (tz < 0 ? -tz : tz);
    const double absolute = determinant < 0 ? -determinant : determinant;
    const double za = az / aw, zb = bz / bw, zc = cz / cw;
    const double low = za < zb ? (za < zc ? za : zc) : (zb < zc ? zb : zc);
    const double high = za > zb ? (za > zc ? za : zc) : (zb > zc ? zb : zc);
    const double scale = 1 / determinant;
    const bool solid = absolute > 0x1p-49 * size;
    depth_x[i] = solid ? scale * dx : 0;
    depth_y[i] = solid ? scale * dy : 0;
    depth_z[i] = solid ? scale * dz : 0.5 * (low + high);
    nearest[i] = low;
    farthest[i] = high;
  }
}

// The pixels of covered centres and z/w there, as `Tile` finds it; NaN where the near or the far plane clips the
// triangle.
TVDR_CLONES void depths(int count, double width, double height, const int32_t* __restrict centre,
                        const int32_t* __restrict first_x, const int32_t* __restrict first_y,
                        const double* __restrict depth_x, const double* __restrict depth_y,
                        const double* __restrict depth_z, const double* __restrict nearest,
                        const double* __restrict farthest, int32_t* __restrict pixel, float* __restrict depth) {
  const auto row = static_cast<int32_t>(width);
  for (int i = 0; i < count; ++i) {
    const int32_t t = centre[i] / kSquare, px = first_x[t] + centre[i] % kSquareSide,
                  py = first_y[t] + centre[i] / kSquareSide % kSquareSide;
    const double cx = static_cast<double>(2 * px + 1) - width, cy = static_cast<double>(2 * py + 1) - height;
    const double near = nearest[t], far = farthest[t], z = depth_x[t] * cx + (depth_y[t] * cy + depth_z[t]);
    const bool between = (z >= -1) & (z <= 1), reaches_beyond = (near < -1) | (far > 1),
               clipped = !between && reaches_beyond;
    const double above = z < near ? near : z, within = far < above ? far : above;
    const double low = within < -1 ? -1 : within, clamped = 1 < low ? 1 : low;
    pixel[i] = py * row + px;
    depth[i] = clipped ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(clamped);
  }
}

// The bits of a row's four centres, by number.
struct RowBits {
  int32_t count, bit[4];
};
constexpr std::array<RowBits, 16> kRowBits = [] {
  std::array<RowBits, 16> table{};
  for (int row = 0; row < 16; ++row)
    for (int bit = 0; bit < 4; ++bit)
      if (row >> bit & 1) table[row].bit[table[row].count++] = bit;
  return table;
}();

}  // namespace

void Fragmenter::flush(const TriangleBlock& block) {
  Squares &all = squares_, &few = smaller_;
  try_squares(block, all.count, error_, all.lane, all.left, all.top, all.covered, all.in_doubt);
  try_smaller(block, few.count, error_, few.lane, few.left, few.top, few.covered, few.in_doubt);
  int kept = 0;
  for (Squares* squares : {&all, &few}) {
    decide(block, *squares);
    kept = keep_covering(block, *squares, kept);
    squares->count = 0;
  }
  const int covered = list_covered(kept);
  load_corners(kept);
  const double width = static_cast<double>(in_.image.width), height = static_cast<double>(in_.image.height);
  depth_planes(kept, kSquares + 3, width, height, vertex_[0], depth_x_, depth_y_, depth_z_, nearest_, farthest_);
  depths(covered, width, height, centre_, kept_left_, kept_top_, depth_x_, depth_y_, depth_z_, nearest_, farthest_,
         pixel_, depth_);
  for (int i = 0; i < covered; ++i) {
    if (depth_[i] != depth_[i]) continue;
    const int32_t id = kept_id_[centre_[i] / kSquare];
    if (peel_ && !behind(peel_ + 4 * static_cast<int64_t>(pixel_[i]), depth_[i], id)) continue;
    if (in_.threads == 1) {
      offer(out_[pixel_[i]], {depth_[i], id}, in_.ids);
    } else {
      offer_shared(out_[pixel_[i]], {depth_[i], id}, in_.ids);
    }
  }
}

// Decides exactly what is in doubt.
void Fragmenter::decide(const TriangleBlock& block, Squares& squares) const {
  for (int t = 0; t < squares.count; ++t) {
    for (uint32_t bits = squares.in_doubt[t]; bits; bits &= bits - 1) {
      const int bit = std::countr_zero(bits);
      const double cx = in_.image.center_x(squares.left[t] + bit % kSquareSide),
                   cy = in_.image.center_y(squares.top[t] + bit / kSquareSide);
      const int32_t* corners = in_.tri + 3 * static_cast<int64_t>(block.first + squares.lane[t]);
      if (covers(PixelTriangle(pos_, corners, in_.image, cx, cy).v) != 0) squares.covered[t] |= bits & -bits;
    }
  }
}

// Lists the squares of which something is covered, without a branch: how many are now kept.
int Fragmenter::keep_covering(const TriangleBlock& block, const Squares& squares, int kept) {
  for (int t = 0; t < squares.count; ++t) {
    kept_id_[kept] = block.first + squares.lane[t];
    kept_left_[kept] = squares.left[t];
    kept_top_[kept] = squares.top[t];
    kept_covered_[kept] = squares.covered[t];
    kept += squares.covered[t] != 0;
  }
  return kept;
}

void Fragmenter::load_corners(int kept) {
  if (kept == 0) return;
  for (int i = kept; i % 4 != 0; ++i) kept_id_[i] = kept_id_[0];
  for (int i = 0; i < kept; i += 4) {
    const int32_t* corner[4];
    for (int j = 0; j < 4; ++j) corner[j] = in_.tri + 3 * static_cast<int64_t>(kept_id_[i + j]);
    for (int k = 0; k < 3; ++k) {
      Four<float> of[4];
      for (int j = 0; j < 4; ++j) of[j] = Four<float>::load(pos_ + 4 * static_cast<int64_t>(corner[j][k]));
      transpose(of);
      for (int j = 0; j < 4; ++j) of[j].store(&vertex_[4 * k + j][i]);
    }
  }
}

// Row by row, without a branch: how many bits are set is nothing that a processor can foresee.
int Fragmenter::list_covered(int kept) {
  int count = 0;
  for (int p = 0; p < kept; ++p) {
    for (int row = 0; row < kSquareSide; ++row) {
      const RowBits& bits = kRowBits[kept_covered_[p] >> kSquareSide * row & 15];
      for (int i = 0; i < kSquareSide; ++i) centre_[count + i] = kSquare * p + kSquareSide * row + bits.bit[i];
      count += bits.count;
    }
  }
  return count;
}

}  // namespace tvdr
