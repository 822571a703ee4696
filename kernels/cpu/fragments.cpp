#include "fragments.hpp"

#include <algorithm>

#include "clones.hpp"

namespace tvdr {
namespace {

enum Covered : int32_t { kNo = 0, kYes = 1, kInDoubt = 2 };

// Whether all three edge functions have one sign, where their errors stay below the bound.
TVDR_CLONES void try_centers(int count, const float* __restrict x0, const float* __restrict y0,
                             const float* __restrict x1, const float* __restrict y1, const float* __restrict x2,
                             const float* __restrict y2, const float* __restrict doubt, int32_t* __restrict covered) {
  for (int i = 0; i < count; ++i) {
    const float e0 = x1[i] * y2[i] - y1[i] * x2[i];
    const float e1 = x2[i] * y0[i] - y2[i] * x0[i];
    const float e2 = x0[i] * y1[i] - y0[i] * x1[i];
    const float low = e0 < e1 ? (e0 < e2 ? e0 : e2) : (e1 < e2 ? e1 : e2);
    const float high = e0 > e1 ? (e0 > e2 ? e0 : e2) : (e1 > e2 ? e1 : e2);
    const int32_t inside = (low > doubt[i]) | (high < -doubt[i]);
    const int32_t outside = (low < -doubt[i]) & (high > doubt[i]);
    covered[i] = inside ? kYes : outside ? kNo : kInDoubt;
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

}  // namespace

void Fragmenter::add(int32_t id, int x0, int x1, int y0, int y1, const float (&x)[3], const float (&y)[3]) {
  // The corners lie within this distance of a centre within the bounds. An edge function is the difference of two
  // products of such distances, each wrong by no more than `error_`.
  const float reach = std::max(std::max({x[0], x[1], x[2]}) - std::min({x[0], x[1], x[2]}),
                               std::max({y[0], y[1], y[2]}) - std::min({y[0], y[1], y[2]})) +
                      2 * error_;
  const float doubt = 8 * error_ * (reach + error_);
  const int triangle = triangles_++;
  id_[triangle] = id;
  for (int py = y0; py <= y1; ++py) {
    const float cy = static_cast<float>(py) + 0.5f;
    for (int px = x0; px <= x1; ++px) {
      const float cx = static_cast<float>(px) + 0.5f;
      const int i = trials_++;
      triangle_[i] = triangle;
      px_[i] = static_cast<int16_t>(px);
      py_[i] = static_cast<int16_t>(py);
      for (int k = 0; k < 3; ++k) {
        x_[k][i] = x[k] - cx;
        y_[k][i] = y[k] - cy;
      }
      doubt_[i] = doubt;
    }
  }
  if (trials_ >= kCapacity) flush();
}

void Fragmenter::flush() {
  const int planes = cover();
  depth_planes(planes, kTrials, static_cast<double>(in_.image.width), static_cast<double>(in_.image.height), vertex_[0],
               depth_x_, depth_y_, depth_z_, nearest_, farthest_);
  const size_t before = out_.size();
  out_.resize(before + candidates_);
  Fragment* out = out_.data() + before;
  for (int c = 0; c < candidates_; ++c) {
    const int i = candidate_[c], p = plane_[triangle_[i]];
    const double z =
        depth_x_[p] * in_.image.center_x(px_[i]) + (depth_y_[p] * in_.image.center_y(py_[i]) + depth_z_[p]);
    const bool clipped = !(z >= -1 && z <= 1) && (nearest_[p] < -1 || farthest_[p] > 1);
    const double clamped = std::clamp(std::clamp(z, nearest_[p], farthest_[p]), -1.0, 1.0);
    *out = {id_[triangle_[i]], px_[i], py_[i], static_cast<float>(clamped)};
    out += !clipped;
  }
  out_.resize(out - out_.data());
  triangles_ = trials_ = 0;
}

// Decides every trial, and numbers the triangles that cover something.
int Fragmenter::cover() {
  try_centers(trials_, x_[0], y_[0], x_[1], y_[1], x_[2], y_[2], doubt_, covered_);
  candidates_ = 0;
  for (int i = 0; i < trials_; ++i) {
    candidate_[candidates_] = i;
    candidates_ += covered_[i] != kNo;
  }
  int planes = 0, last = -1, kept = 0;
  for (int c = 0; c < candidates_; ++c) {
    const int i = candidate_[c], triangle = triangle_[i];
    const int32_t* index = in_.tri + 3 * static_cast<int64_t>(id_[triangle]);
    if (covered_[i] == kInDoubt) {
      const double cx = in_.image.center_x(px_[i]), cy = in_.image.center_y(py_[i]);
      if (covers(PixelTriangle(pos_, index, in_.image, cx, cy).v) == 0) continue;
    }
    candidate_[kept++] = i;
    if (triangle == last) continue;
    last = triangle;
    plane_[triangle] = planes;
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 4; ++j) vertex_[4 * k + j][planes] = pos_[4 * static_cast<int64_t>(index[k]) + j];
    ++planes;
  }
  candidates_ = kept;
  return planes;
}

}  // namespace tvdr
