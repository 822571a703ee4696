// The last step from triangles to pixels: what a tile of the visibility buffer shows, shaded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "portable/visible.hpp"
#include "raster/tile.hpp"
#include "render/image_jacobian.hpp"
#include "render/render.hpp"
#include "shade/phong_lanes.hpp"

namespace tvdr {

template <typename T>
class TileShader {
 public:
  explicit TileShader(const RenderInputs<T>& in) : in_(in) {
    for (int64_t i = 0; i < 64; ++i) {
      for (int j = 0; j < 3; ++j) background_[4 * i + j] = static_cast<T>(in.phong.background[j]);
      background_[4 * i + 3] = T(0);
    }
  }

  // Shades tile `index` of image `first` of the batch. rast and out are [B, H, W, 4]; jacobian may be null.
  void shade(const Tile<T>& tile, int64_t first, int64_t index, T* rast, T* out, ImageJacobian<T>* jacobian) const {
    const int64_t columns = tile.x1() - tile.x0() + 1;
    ShownPixel pixels[kTilePixels];
    int covered = 0;
    for (int64_t py = tile.y0(); py <= tile.y1(); ++py) {
      const int64_t row = 4 * ((first * in_.image.height + py) * in_.image.width + tile.x0());
      std::fill_n(rast + row, 4 * columns, T(0));
      std::copy_n(background_, 4 * columns, out + row);
      for (int64_t px = tile.x0(); px <= tile.x1(); ++px) {
        const int32_t triangle = tile.at(px, py).triangle();
        pixels[covered] = {static_cast<int16_t>(px), static_cast<int16_t>(py), triangle};
        covered += triangle >= 0;
      }
    }
    JacobianLanes<T>* changes = jacobian ? jacobian->take(first, index, covered) : nullptr;
    for (int done = 0; done < covered; done += kLanes)
      shade_pixels(tile, pixels + done, std::min(kLanes, covered - done), first, rast, out,
                   changes ? changes++ : nullptr);
  }

 private:
  struct ShownPixel {
    int16_t x, y;
    int32_t triangle;
  };

  void shade_pixels(const Tile<T>& tile, const ShownPixel* pixels, int count, int64_t image, T* rast, T* out,
                    JacobianLanes<T>* changes) const {
    PixelLanes<T> lanes;
    lanes.count = count;
    for (int i = 0; i < count; ++i) {
      lanes.x[i] = pixels[i].x;
      lanes.y[i] = pixels[i].y;
      for (int k = 0; k < 3; ++k) lanes.index[k][i] = in_.tri[3 * static_cast<int64_t>(pixels[i].triangle) + k];
    }
    ColorLanes<T> shaded;
    const T *to_clip = in_.to_clip + 16 * image, *eye = in_.eye + 3 * image;
    load_attributes(lanes, in_.records);
    find_barycentrics(lanes, in_.image, to_clip, changes);
    shade_lanes(lanes, in_.phong, eye, shaded);
    if (changes) find_color_jacobian(lanes, in_.phong, eye, shaded, *changes);
    for (int i = 0; i < count; ++i) {
      const ShownPixel& p = pixels[i];
      const int64_t at = 4 * ((image * in_.image.height + p.y) * in_.image.width + p.x);
      for (int j = 0; j < 3; ++j) out[at + j] = shaded.rgb[j][i];
      out[at + 3] = T(1);
      rast[at] = lanes.u[i];
      rast[at + 1] = lanes.v[i];
      rast[at + 2] = tile.at(p.x, p.y).depth();
      rast[at + 3] = named(in_.ids[p.triangle], T());
    }
  }

  const RenderInputs<T>& in_;
  T background_[4 * 64];  // a tile's row of pixels
};

}  // namespace tvdr
