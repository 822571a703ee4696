#include "raster/culling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "portable/planes.hpp"

namespace tvdr {

template <typename T>
Frustum<T>::Frustum(const T* to_clip, const Image& image)
    : width_(static_cast<double>(image.width)), height_(static_cast<double>(image.height)) {
  for (int i = 0; i < 16; ++i) matrix_[i / 4][i % 4] = static_cast<double>(to_clip[i]);
}

// What a row times a vertex may be wrong by in T, and the bounds here in double: the sum of four products has an error
// of less than 4.1 units in the last place of the sum of their sizes.
template <typename T>
double Frustum<T>::rounding(int row, const double (&size)[3]) const {
  constexpr double unit = std::is_same_v<T, float> ? 0x1p-21 : 0x1p-48, underflow = 1e-40;
  const double* m = matrix_[row];
  return unit * (std::abs(m[0]) * size[0] + std::abs(m[1]) * size[1] + std::abs(m[2]) * size[2] + std::abs(m[3])) +
         underflow;
}

template <typename T>
bool Frustum<T>::misses(const Box<T>& box) const {
  if (!(box.low[0] <= box.high[0])) return true;  // no triangle of it is ever drawn
  double center[3], extent[3], size[3];
  for (int i = 0; i < 3; ++i) {
    const double low = static_cast<double>(box.low[i]), high = static_cast<double>(box.high[i]);
    center[i] = 0.5 * (low + high);
    extent[i] = 0.5 * (high - low);
    size[i] = std::max(std::abs(low), std::abs(high));
  }
  const double w_error = rounding(3, size);
  for (int row = 0; row < 3; ++row) {
    const double error = rounding(row, size) + w_error;
    for (const double side : {1.0, -1.0}) {
      // Beyond the plane w + side * row = 0, also where it is largest.
      double largest = matrix_[3][3] + side * matrix_[row][3];
      for (int i = 0; i < 3; ++i) {
        const double slope = matrix_[3][i] + side * matrix_[row][i];
        largest += slope * center[i] + std::abs(slope) * extent[i];
      }
      if (largest < -error) return true;
    }
  }
  return false;
}

template <typename T>
Footprint Frustum<T>::footprint(const Box<T>& box) const {
  const Footprint anywhere{-std::numeric_limits<double>::infinity(), 0, static_cast<int32_t>(width_) - 1, 0,
                           static_cast<int32_t>(height_) - 1};
  double size[3], error[4];
  for (int i = 0; i < 3; ++i)
    size[i] = std::max(std::abs(static_cast<double>(box.low[i])), std::abs(static_cast<double>(box.high[i])));
  for (int row = 0; row < 4; ++row) error[row] = rounding(row, size);
  // A quotient by w > 0 of two linear functions is least and greatest at corners, and so it is where both are wrong by
  // no more than their errors.
  double low[3] = {}, high[3] = {};
  for (int corner = 0; corner < 8; ++corner) {
    double clip[4];
    for (int row = 0; row < 4; ++row) {
      const double* m = matrix_[row];
      clip[row] = m[3];
      for (int i = 0; i < 3; ++i) clip[row] += m[i] * static_cast<double>((corner >> i & 1 ? box.high : box.low)[i]);
    }
    const double small_w = clip[3] - error[3], large_w = clip[3] + error[3];
    if (!(small_w > 0)) return anywhere;
    for (int row = 0; row < 3; ++row) {
      const double below = clip[row] - error[row], above = clip[row] + error[row];
      const double least = below / (below > 0 ? large_w : small_w), most = above / (above > 0 ? small_w : large_w);
      low[row] = corner == 0 ? least : std::min(low[row], least);
      high[row] = corner == 0 ? most : std::max(high[row], most);
    }
  }
  for (int row = 0; row < 3; ++row)
    if (!std::isfinite(low[row]) || !std::isfinite(high[row])) return anywhere;
  // A pixel more on each side than rounding may take.
  auto pixel = [](double clip, double pixels, double margin) {
    return static_cast<int32_t>(std::clamp((0.5 * clip + 0.5) * pixels + margin, 0.0, pixels - 1));
  };
  // What is behind the far plane may be drawn on it.
  return {std::min(low[2], 1.0), pixel(low[0], width_, -2), pixel(high[0], width_, 2), pixel(low[1], height_, -2),
          pixel(high[1], height_, 2)};
}

template <typename T>
void DepthPyramid<T>::resize(const Image& image) {
  levels_.clear();
  width_ = image.width;
  int64_t columns = (image.width + kCell - 1) / kCell, rows = (image.height + kCell - 1) / kCell, first = 0;
  for (;;) {
    levels_.push_back({columns, rows, first});
    first += columns * rows;
    if (columns == 1 && rows == 1) break;
    columns = (columns + 1) / 2;
    rows = (rows + 1) / 2;
  }
  farthest_.resize(first);
}

template <typename T>
void DepthPyramid<T>::read(const Nearest<T>* visible, int64_t x0, int64_t x1, int64_t y0, int64_t y1) {
  for (int64_t top = y0; top <= y1; top += kCell) {
    for (int64_t left = x0; left <= x1; left += kCell) {
      T farthest = -std::numeric_limits<T>::infinity();
      for (int64_t y = top; y <= std::min(top + kCell - 1, y1); ++y)
        for (int64_t x = left; x <= std::min(left + kCell - 1, x1); ++x)
          farthest = std::max(farthest, visible[y * width_ + x].depth());
      farthest_[top / kCell * levels_[0].columns + left / kCell] = farthest;
    }
  }
}

template <typename T>
void DepthPyramid<T>::finish() {
  for (size_t i = 1; i < levels_.size(); ++i) {
    const Level &below = levels_[i - 1], &level = levels_[i];
    for (int64_t y = 0; y < level.rows; ++y) {
      for (int64_t x = 0; x < level.columns; ++x) {
        T farthest = -std::numeric_limits<T>::infinity();
        for (int64_t v = 2 * y; v < std::min(2 * y + 2, below.rows); ++v)
          for (int64_t u = 2 * x; u < std::min(2 * x + 2, below.columns); ++u)
            farthest = std::max(farthest, farthest_[below.first + v * below.columns + u]);
        farthest_[level.first + y * level.columns + x] = farthest;
      }
    }
  }
}

template <typename T>
bool DepthPyramid<T>::hides(const Footprint& footprint) const {
  constexpr int64_t kCellsAtMost = 4;  // along each axis
  int64_t x0 = footprint.x0 / kCell, x1 = footprint.x1 / kCell, y0 = footprint.y0 / kCell, y1 = footprint.y1 / kCell;
  size_t at = 0;
  for (; x1 - x0 >= kCellsAtMost || y1 - y0 >= kCellsAtMost; ++at) {
    x0 /= 2;
    x1 /= 2;
    y0 /= 2;
    y1 /= 2;
  }
  // As depths are compared: rounding is monotonic, so all depths of the block's triangles are at least this.
  const T nearest = depth_key(footprint.nearest, T());
  const Level& level = levels_[at];
  for (int64_t y = y0; y <= y1; ++y)
    for (int64_t x = x0; x <= x1; ++x)
      if (!(nearest > farthest_[level.first + y * level.columns + x])) return false;
  return true;
}

#define TVDR_INSTANTIATE(T)  \
  template class Frustum<T>; \
  template class DepthPyramid<T>;
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
