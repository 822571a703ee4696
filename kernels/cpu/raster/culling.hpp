// Which blocks of triangles a camera certainly sees nothing of: those beyond a plane of its frustum, and those behind
// what is drawn already (Greene, Kass and Miller, "Hierarchical Z-Buffer Visibility", 1993). Where rounding leaves it
// in doubt a block is kept, so an image has the bits that it has with all blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "portable/geometry.hpp"
#include "raster/blocks.hpp"
#include "raster/visibility.hpp"

namespace tvdr {

// The pixels, inclusive bounds, that a block may touch, and the depth z/w that nothing of it is nearer than.
struct Footprint {
  double nearest;
  int32_t x0, x1, y0, y1;
};

// A camera's view of boxes. What is said of a box is true of all triangles within it, in the kernels' rounding of their
// vertices.
template <typename T>
class Frustum {
 public:
  // to_clip: [4, 4], of homogeneous column vectors.
  Frustum(const T* to_clip, const Image& image);

  // Whether all of the box lies beyond one of the clip planes.
  bool misses(const Box<T>& box) const;
  // All pixels, and -infinity, where some of the box may lie behind the camera.
  Footprint footprint(const Box<T>& box) const;

 private:
  double rounding(int row, const double (&size)[3]) const;

  double matrix_[4][4];
  double width_, height_;
};

// The farthest depth that a pixel shows in each cell of 8 x 8 pixels, in each square of 2 x 2 such cells, and so on.
template <typename T>
class DepthPyramid {
 public:
  static constexpr int64_t kCell = 8;

  void resize(const Image& image);
  // Reads the pixels in inclusive bounds that begin at a cell and end at one or at the image's edge; several threads
  // may read parts of one image.
  void read(const Nearest<T>* visible, int64_t x0, int64_t x1, int64_t y0, int64_t y1);
  // After all cells were read.
  void finish();

  // Whether everything within the footprint is farther than all that its pixels show.
  bool hides(const Footprint& footprint) const;

 private:
  struct Level {
    int64_t columns, rows, first;
  };

  int64_t width_ = 0;
  std::vector<Level> levels_;
  std::vector<T> farthest_;
};

}  // namespace tvdr
