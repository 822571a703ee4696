// Where one pixel's look-up falls: on which face and how far along it, on which mip levels, on which texels with which
// weights; and how each moves with the coordinates. In double whatever the texture's type.
//
// Coordinates on a face are (s, t) in units of its sides. Cube maps follow OpenGL's table (OpenGL 4.6, section 8.13):
// the face is that of the direction's largest component m, and s = (p + 1) / 2 with p = sign * component / |m|, t alike
// with q.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "texture/texture.hpp"

namespace tvdr {

inline int coordinates(Boundary boundary) { return boundary == Boundary::cube ? 3 : 2; }

// A face of the cube map: p = s_sign * d[s_axis] / |d[axis]|, q = t_sign * d[t_axis] / |d[axis]|.
struct CubeFace {
  int axis, sign, s_axis, s_sign, t_axis, t_sign;
};
inline constexpr CubeFace kCubeFaces[6] = {
    {0, 1, 2, -1, 1, -1}, {0, -1, 2, 1, 1, -1}, {1, 1, 0, 1, 2, 1},
    {1, -1, 0, 1, 2, -1}, {2, 1, 0, 1, 1, -1},  {2, -1, 0, -1, 1, -1},
};

// The mip levels of a look-up: `level`, and with `fraction` > 0 the next one.
struct LevelChoice {
  int level = 0;
  double fraction = 0;
  bool moves = false;             // the fraction follows the footprint and the bias: between levels, not clamped
  bool biased = false;            // the bias counts: it is there, and finite
  double ds[2] = {}, dt[2] = {};  // the level's derivative by the point's ds and dt
};

// The texels of a look-up on one level, counted from the level's start, -1 where there is none (zero), and the
// derivatives of their weights by s and t.
struct Quad {
  int size;
  int64_t texel[4];
  double weight[4], ds[4], dt[4];
};

// A pixel's place on its face, and its steps along the screen.
struct SurfacePoint {
  bool valid = true;  // false for a cube map's direction that has none: zero, not finite
  int face = 0;
  double s = 0, t = 0;
  double ds[2] = {}, dt[2] = {};  // by X and Y

  template <typename T>
  SurfacePoint(const TextureInputs<T>& in, int64_t pixel) : cube_(in.boundary == Boundary::cube) {
    const int dims = coordinates(in.boundary);
    double uv[3] = {};
    for (int i = 0; i < dims; ++i) {
      uv[i] = static_cast<double>(in.uv[dims * pixel + i]);
      finite_[i] = std::isfinite(uv[i]);
      if (finite_[i]) continue;
      if (cube_) valid = false;
      uv[i] = 0;
    }
    if (in.uv_da && in.filter > Filter::linear) {
      for (int i = 0; i < 2 * dims; ++i) {
        const auto step = static_cast<double>(in.uv_da[2 * dims * pixel + i]);
        finite_da_[i] = std::isfinite(step);
        da_[i] = finite_da_[i] ? step : 0.0;
      }
    }
    if (!cube_) {
      s = uv[0];
      t = uv[1];
      for (int i = 0; i < 2; ++i) {
        ds[i] = da_[i];
        dt[i] = da_[2 + i];
      }
    } else if (valid) {
      place_on_cube(uv);
    }
  }

  // The gradients by s, t and the level, carried back to those by uv [2 or 3] and uv_da [4 or 6].
  void pull_back(const LevelChoice& choice, double by_s, double by_t, double by_level, double* uv, double* da) const {
    double by_ds[2], by_dt[2];
    for (int i = 0; i < 2; ++i) {
      by_ds[i] = by_level != 0 ? by_level * choice.ds[i] : 0.0;
      by_dt[i] = by_level != 0 ? by_level * choice.dt[i] : 0.0;
    }
    if (!cube_) {
      uv[0] = finite_[0] ? by_s : 0.0;
      uv[1] = finite_[1] ? by_t : 0.0;
      for (int i = 0; i < 2; ++i) {
        da[i] = finite_da_[i] ? by_ds[i] : 0.0;
        da[2 + i] = finite_da_[2 + i] ? by_dt[i] : 0.0;
      }
      return;
    }
    // ds = r (s_sign a' - p sign m') with r = 1 / (2 |m|) and ' a step along the screen; dt alike.
    const CubeFace& f = kCubeFaces[face];
    double by_p = 0.5 * by_s, by_q = 0.5 * by_t, by_r = 0;
    for (int i = 0; i < 2; ++i) {
      if (by_ds[i] == 0 && by_dt[i] == 0) continue;  // whatever the step, which may be too large to multiply
      const double step = f.sign * da_[2 * f.axis + i];
      by_p -= by_ds[i] * r_ * step;
      by_q -= by_dt[i] * r_ * step;
      by_r += by_ds[i] * (f.s_sign * da_[2 * f.s_axis + i] - p_ * step);
      by_r += by_dt[i] * (f.t_sign * da_[2 * f.t_axis + i] - q_ * step);
      da[2 * f.s_axis + i] = by_ds[i] * r_ * f.s_sign;
      da[2 * f.t_axis + i] = by_dt[i] * r_ * f.t_sign;
      da[2 * f.axis + i] = -(by_ds[i] * p_ + by_dt[i] * q_) * r_ * f.sign;
    }
    uv[f.s_axis] = 2 * r_ * f.s_sign * by_p;
    uv[f.t_axis] = 2 * r_ * f.t_sign * by_q;
    uv[f.axis] = -2 * r_ * f.sign * (by_p * p_ + by_q * q_ + by_r * r_);
    for (int i = 0; i < 6; ++i)
      if (!finite_da_[i]) da[i] = 0;
  }

 private:
  void place_on_cube(const double* d) {
    const double size[3] = {std::abs(d[0]), std::abs(d[1]), std::abs(d[2])};
    const int axis = size[2] > std::max(size[0], size[1]) ? 2 : (size[1] > size[0] ? 1 : 0);
    face = 2 * axis + (d[axis] < 0);
    const CubeFace& f = kCubeFaces[face];
    r_ = 0.5 / size[axis];
    valid = std::isfinite(r_);  // the zero vector, or one too short to divide by
    if (!valid) return;
    p_ = f.s_sign * d[f.s_axis] / size[axis];
    q_ = f.t_sign * d[f.t_axis] / size[axis];
    s = 0.5 * (p_ + 1);
    t = 0.5 * (q_ + 1);
    for (int i = 0; i < 2; ++i) {
      const double step = f.sign * da_[2 * f.axis + i];
      ds[i] = r_ * (f.s_sign * da_[2 * f.s_axis + i] - p_ * step);
      dt[i] = r_ * (f.t_sign * da_[2 * f.t_axis + i] - q_ * step);
    }
  }

  bool cube_;
  bool finite_[3] = {true, true, true}, finite_da_[6] = {true, true, true, true, true, true};
  double da_[6] = {};
  double p_ = 0, q_ = 0, r_ = 0;
};

// The level is log2 of the footprint's major axis in texels of the base: of the larger singular value of the matrix of
// the steps, whose square is the larger eigenvalue of [[a, c], [c, b]].
template <typename T>
LevelChoice choose_level(const TextureInputs<T>& in, const SurfacePoint& point, int64_t pixel) {
  LevelChoice choice;
  const int last = static_cast<int>(in.levels.size()) - 1;
  if (in.filter <= Filter::linear || last == 0) return choice;
  double level = 0;
  if (in.uv_da) {
    const auto w = static_cast<double>(in.levels[0].width), h = static_cast<double>(in.levels[0].height);
    const double sx = w * point.ds[0], sy = w * point.ds[1], tx = h * point.dt[0], ty = h * point.dt[1];
    const double a = sx * sx + sy * sy, b = tx * tx + ty * ty, c = sx * tx + sy * ty;
    const double apart = std::hypot(a - b, 2 * c), squared = 0.5 * (a + b + apart);
    if (std::isfinite(squared)) {
      level = 0.5 * std::log2(squared);
      // A circle has no major axis: there, the mean over all axes.
      const double lean = apart > 0 ? (a - b) / apart : 0.0, shear = apart > 0 ? 2 * c / apart : 0.0;
      const double scale = 0.5 / (std::log(2.0) * squared);
      choice.ds[0] = scale * w * ((1 + lean) * sx + shear * tx);
      choice.ds[1] = scale * w * ((1 + lean) * sy + shear * ty);
      choice.dt[0] = scale * h * ((1 - lean) * tx + shear * sx);
      choice.dt[1] = scale * h * ((1 - lean) * ty + shear * sy);
    } else {
      level = last;  // steps too large to square
    }
  }
  if (in.bias) {
    const auto bias = static_cast<double>(in.bias[pixel]);
    choice.biased = std::isfinite(bias);
    if (choice.biased) level += bias;
  }
  if (!(level > 0)) return choice;
  if (level >= last) {
    choice.level = last;
  } else if (in.filter == Filter::linear_mipmap_nearest) {
    choice.level = static_cast<int>(std::floor(level + 0.5));
  } else {
    choice.level = static_cast<int>(std::floor(level));
    choice.fraction = level - choice.level;
    choice.moves = true;
  }
  return choice;
}

// One direction of a look-up: the two texels on either side, and where between them. -1 stands for none, but on a cube
// map for the one across the edge, as does `size`.
struct Span {
  int64_t low, high;
  double fraction;
  double slope;  // of the fraction by the coordinate
};

inline Span span_of(double coordinate, int64_t size, Boundary boundary, bool nearest) {
  const auto width = static_cast<double>(size);
  if (boundary == Boundary::wrap) coordinate -= std::floor(coordinate);
  double x = coordinate * width - (nearest ? 0.0 : 0.5), slope = width;
  if (boundary == Boundary::clamp || (nearest && boundary != Boundary::zero)) {
    const double bounded = std::clamp(x, 0.0, width - 1 + (nearest ? 0.5 : 0.0));
    if (bounded != x) slope = 0;
    x = bounded;
  } else if (boundary == Boundary::zero) {
    x = std::clamp(x, -2.0, width + 1);
  }
  const double floor = std::floor(x);
  Span span{static_cast<int64_t>(floor), static_cast<int64_t>(floor) + 1, x - floor, slope};
  if (boundary == Boundary::wrap) {
    if (span.low < 0) span.low += size;
    span.high %= size;
  } else if (boundary == Boundary::clamp) {
    span.high = std::min(span.high, size - 1);
  } else if (boundary == Boundary::zero) {
    if (span.low < 0 || span.low >= size) span.low = -1;
    if (span.high < 0 || span.high >= size) span.high = -1;
  }
  return span;
}

// The texel (i, j) of a face, counted from the texture's first, or the one across the edge for i or j one step outside.
// Texel centres are points of a cube of half side n, an integer grid; a point one step beyond the face is folded down
// over the edge. Outside in both directions there is no texel: -1.
inline int64_t cube_texel(int face, int64_t i, int64_t j, int64_t n) {
  const bool beside = i < 0 || i >= n, above = j < 0 || j >= n;
  if (beside && above) return -1;
  if (beside || above) {
    const CubeFace& f = kCubeFaces[face];
    int64_t d[3];
    d[f.s_axis] = f.s_sign * (2 * i + 1 - n);
    d[f.t_axis] = f.t_sign * (2 * j + 1 - n);
    d[f.axis] = f.sign * (n - 1);
    const int axis = beside ? f.s_axis : f.t_axis;
    face = 2 * axis + (d[axis] < 0);
    const CubeFace& over = kCubeFaces[face];
    i = (over.s_sign * d[over.s_axis] + n - 1) / 2;
    j = (over.t_sign * d[over.t_axis] + n - 1) / 2;
  }
  return (face * n + j) * n + i;
}

template <typename T>
Quad quad_of(const TextureInputs<T>& in, const SurfacePoint& point, int64_t b, int level) {
  const int64_t width = in.levels[level].width, height = in.levels[level].height;
  const int64_t start = (in.textures == 1 ? 0 : b) * in.faces * height * width;
  const bool nearest = in.filter == Filter::nearest, cube = in.boundary == Boundary::cube;
  const Span x = span_of(point.s, width, in.boundary, nearest), y = span_of(point.t, height, in.boundary, nearest);
  const auto texel = [&](int64_t i, int64_t j) -> int64_t {
    const int64_t in_face = cube ? cube_texel(point.face, i, j, width) : (i < 0 || j < 0 ? -1 : j * width + i);
    return in_face < 0 ? -1 : start + in_face;
  };
  if (nearest) return {1, {texel(x.low, y.low)}, {1.0}, {}, {}};
  const double u = x.fraction, v = y.fraction;
  Quad quad{4,
            {texel(x.low, y.low), texel(x.high, y.low), texel(x.low, y.high), texel(x.high, y.high)},
            {(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v},
            {-(1 - v) * x.slope, (1 - v) * x.slope, -v * x.slope, v * x.slope},
            {-(1 - u) * y.slope, -u * y.slope, (1 - u) * y.slope, u * y.slope}};
  if (!cube) return quad;
  // Where three faces meet, the fourth texel is the mean of the three (OpenGL 4.6, section 8.14.2).
  for (int missing = 0; missing < 4; ++missing) {
    if (quad.texel[missing] >= 0) continue;
    for (int k = 0; k < 4; ++k) {
      if (k == missing) continue;
      quad.weight[k] += quad.weight[missing] / 3;
      quad.ds[k] += quad.ds[missing] / 3;
      quad.dt[k] += quad.dt[missing] / 3;
    }
    break;
  }
  return quad;
}

}  // namespace tvdr
