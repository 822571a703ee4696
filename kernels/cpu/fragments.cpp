#include "fragments.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "clones.hpp"

namespace tvdr {
namespace {

constexpr int kSquare = kSquareSide * kSquareSide;

// Whether all three edge functions have one sign at each of a square's centres, where their errors stay below the
// bound.
TVDR_CLONES void try_squares(int count, int64_t stride, const float* __restrict x, const float* __restrict y,
                             const float* __restrict doubts, uint32_t* __restrict covered,
                             uint32_t* __restrict in_doubt) {
  for (int t = 0; t < count; ++t) {
    const float x0 = x[t], x1 = x[stride + t], x2 = x[2 * stride + t];
    const float y0 = y[t], y1 = y[stride + t], y2 = y[2 * stride + t], doubt = doubts[t];
    uint32_t inside = 0, unclear = 0;
    for (int i = 0; i < kSquare; ++i) {
      const float dx = static_cast<float>(i % kSquareSide), dy = static_cast<float>(i / kSquareSide);
      const float ax = x0 - dx, ay = y0 - dy, bx = x1 - dx, by = y1 - dy, cx = x2 - dx, cy = y2 - dy;
      const float e0 = bx * cy - by * cx, e1 = cx * ay - cy * ax, e2 = ax * by - ay * bx;
      const float low = e0 < e1 ? (e0 < e2 ? e0 : e2) : (e1 < e2 ? e1 : e2);
      const float high = e0 > e1 ? (e0 > e2 ? e0 : e2) : (e1 > e2 ? e1 : e2);
      const uint32_t in = (low > doubt) | (high < -doubt), out = (low < -doubt) & (high > doubt);
      inside |= in << i;
      unclear |= (~(in | out) & 1u) << i;
    }
    covered[t] = inside;
    in_doubt[t] = unclear;
  }
}

// What `Planes` of rasterize.cpp finds for each triangle, in the same operations: v holds x, y, z, w of three corners.
TVDR_CLONES void depth_planes(int count, int64_t stride, double width, double height, const double* __restrict v,
                              double* __restrict depth_x, double* __restrict depth_y, double* __restrict depth_z,
                              double* __restrict nearest, double* __restrict farthest) {
  for (int i = 0; i < count; ++i) {
    const double ax = width * v[i], ay = height * v[stride + i], az = v[2 * stride + i], aw = v[3 * stride + i];
    const double bx = width * v[4 * stride + i], by = height * v[5 * stride + i], bz = v[6 * stride + i],
                 bw = v[7 * stride + i];
    const double cx = width * v[8 * stride + i], cy = height * v[9 * stride + i], cz = v[10 * stride + i],
                 cw = v[11 * stride + i];
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

void Fragmenter::add(int32_t id, int x0, int x1, int y0, int y1, const float (&x)[3], const float (&y)[3]) {
  for (int top = y0; top <= y1; top += kSquareSide)
    for (int left = x0; left <= x1; left += kSquareSide)
      add_square(id, left, std::min(left + kSquareSide - 1, x1), top, std::min(top + kSquareSide - 1, y1), x, y);
}

void Fragmenter::add_square(int32_t id, int x0, int x1, int y0, int y1, const float (&x)[3], const float (&y)[3]) {
  const float reach = std::max(std::max({x[0], x[1], x[2]}) - std::min({x[0], x[1], x[2]}),
                               std::max({y[0], y[1], y[2]}) - std::min({y[0], y[1], y[2]})) +
                      2 * error_;
  const int i = count_++;
  auto& t = triangle_;
  t.id[i] = id;
  t.x[i] = x0;
  t.y[i] = y0;
  for (int k = 0; k < 3; ++k) {
    t.corner_x[k][i] = x[k] - (static_cast<float>(x0) + 0.5f);
    t.corner_y[k][i] = y[k] - (static_cast<float>(y0) + 0.5f);
  }
  t.doubt[i] = edge_doubt(reach, error_);
  constexpr uint32_t kColumn = 0x1111;  // the first pixel of every row of the square
  static_assert(kSquareSide == 4);
  const uint32_t row = (1u << (x1 - x0 + 1)) - 1, rows = (1u << 4 * (y1 - y0 + 1)) - 1;
  t.bounds[i] = row * kColumn & rows;
  if (count_ == kCapacity) flush();
}

void Fragmenter::flush() {
  auto& t = triangle_;
  try_squares(count_, kCapacity, t.corner_x[0], t.corner_y[0], t.doubt, t.covered, t.in_doubt);
  const int kept = keep_covering(), covered = list_covered(kept);
  const double width = static_cast<double>(in_.image.width), height = static_cast<double>(in_.image.height);
  depth_planes(kept, kCapacity, width, height, vertex_[0], depth_x_, depth_y_, depth_z_, nearest_, farthest_);
  depths(covered, width, height, centre_, kept_x_, kept_y_, depth_x_, depth_y_, depth_z_, nearest_, farthest_, pixel_,
         depth_);
  for (int i = 0; i < covered; ++i) {
    if (depth_[i] != depth_[i]) continue;
    const int32_t id = kept_id_[centre_[i] / kSquare];
    if (peel_ && !behind(peel_ + 4 * static_cast<int64_t>(pixel_[i]), depth_[i], id)) continue;
    out_.offer(pixel_[i], depth_order(depth_[i]), id);
  }
  count_ = 0;
}

// Decides what is in doubt, and loads the corners of the triangles that cover something.
int Fragmenter::keep_covering() {
  auto& t = triangle_;
  int kept = 0;
  for (int i = 0; i < count_; ++i) {
    t.covered[i] &= t.bounds[i];
    const int32_t* index = in_.tri + 3 * static_cast<int64_t>(t.id[i]);
    for (uint32_t bits = t.in_doubt[i] & t.bounds[i]; bits; bits &= bits - 1) {
      const int bit = std::countr_zero(bits);
      const double cx = in_.image.center_x(t.x[i] + bit % kSquareSide),
                   cy = in_.image.center_y(t.y[i] + bit / kSquareSide);
      if (covers(PixelTriangle(pos_, index, in_.image, cx, cy).v) != 0) t.covered[i] |= bits & -bits;
    }
    if (t.covered[i] == 0) continue;
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 4; ++j)
        vertex_[4 * k + j][kept] = static_cast<double>(pos_[4 * static_cast<int64_t>(index[k]) + j]);
    kept_id_[kept] = t.id[i];
    kept_x_[kept] = t.x[i];
    kept_y_[kept] = t.y[i];
    kept_covered_[kept++] = t.covered[i];
  }
  return kept;
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
