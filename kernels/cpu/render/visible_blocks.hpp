// What a camera sees of a large scene: blocks in its view are drawn from near to far, until the others are hidden.
#pragma once

#include <cstdint>
#include <vector>

#include "raster/binning.hpp"
#include "raster/culling.hpp"
#include "raster/tile.hpp"
#include "render/render.hpp"

namespace tvdr {

// Where one image is drawn. pos, screen and facing have room for the whole scene; of them, what belongs to the blocks
// that are drawn is written.
template <typename T>
struct Canvas {
  T* pos;
  ScreenVertex* screen;
  int8_t* facing;  // null without antialiasing
  uint8_t* marks;
  Nearest<T>* visible;
  std::vector<Chunk>* bins;
};

template <typename T>
class VisibleBlocks {
 public:
  // Draws image `image` of the batch into `visible` and clears `marks`. The triangles in the first bins() bins are
  // still to be drawn, tile by tile. raster: the image's, over canvas.pos.
  void draw(const RenderInputs<T>& in, const RasterizeInputs<T>& raster, int64_t image, const Canvas<T>& canvas);

  int64_t bins() const { return bins_; }
  const std::vector<int32_t>& drawn() const { return drawn_; }
  const uint8_t* is_drawn() const { return is_drawn_.data(); }

  // To be called for every tile when all is drawn, by any thread; and then, once, what the image shows.
  void look_at(const Tile<T>& tile);
  std::vector<int32_t> shown() const;

 private:
  struct Candidate {
    int32_t block;
    Footprint footprint;
  };
  struct Drawing;

  void find_candidates(const Drawing& to);
  std::vector<int32_t> first_round(const std::vector<int32_t>& shown_last);
  std::vector<int32_t> take_nearest(int64_t count);
  void draw_round(const Drawing& to, std::vector<int32_t> round);
  void read_depth(const Drawing& to);
  void drop_hidden(const Drawing& to);

  int64_t bins_ = 0;
  std::vector<int32_t> drawn_, moving_;
  std::vector<uint8_t> is_drawn_, is_moved_, is_shown_;
  std::vector<Candidate> candidates_;  // not drawn yet, not known to be hidden
  std::vector<std::vector<Candidate>> found_;
  DepthPyramid<T> depth_;
};

}  // namespace tvdr
