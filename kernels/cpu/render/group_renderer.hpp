// From vertices to shaded, antialiased images, a group of them at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "antialias/crossing.hpp"
#include "antialias/silhouettes.hpp"
#include "core/buffer.hpp"
#include "core/thread_pool.hpp"
#include "portable/blend.hpp"
#include "raster/binning.hpp"
#include "raster/tile.hpp"
#include "render/blocked_scene.hpp"
#include "render/stopwatch.hpp"
#include "render/tile_shader.hpp"
#include "render/transform.hpp"
#include "render/visible_blocks.hpp"

namespace tvdr {

constexpr int64_t kVertexBlock = 4096, kPixelBlock = 1 << 14;
constexpr int64_t kChunkTriangles = 2048;
constexpr int64_t kEdgeBlock = 4096, kMarkedBlocks = 8;

inline int64_t blocks_of(int64_t count, int64_t block) { return (count + block - 1) / block; }

// What a group of images needs while it is rendered; kept from one call to the next.
template <typename T>
struct Workspace {
  Buffer<T> pos;
  Buffer<ScreenVertex> screen;
  Buffer<Nearest<T>> visible;
  Buffer<int8_t> facing;
  Buffer<uint8_t> marks;
  std::vector<Chunk> bins;
  VisibleBlocks<T> blocks;
  std::vector<Blended<T>> by_row;
};

template <typename T>
class GroupRenderer {
 public:
  GroupRenderer(const RenderInputs<T>& in, Workspace<T>& space, const Run* runs, int64_t images)
      : in_(in),
        space_(space),
        runs_(runs),
        images_(images),
        grid_(in.image),
        chunk_size_(std::max(kChunkTriangles, blocks_of(in.triangles, 1024))),
        chunks_(blocks_of(in.triangles, chunk_size_)),
        shader_(in) {
    space.pos.make_room(images * in.vertex_count * 4);
    space.screen.make_room(images * in.vertex_count);
    if (!in.blocked && space.bins.size() < static_cast<size_t>(images * chunks_)) space.bins.resize(images * chunks_);
    space.visible.make_room(images * in.image.pixels());
    if (in.walk == 0) return;
    space.facing.make_room(images * in.triangles);
    space.marks.make_room(images * in.image.pixels());
    if (space.by_row.size() < static_cast<size_t>(images * in.image.height))
      space.by_row.resize(images * in.image.height);
  }

  void rasterize_and_shade(T* rast, T* out, ImageJacobian<T>* jacobian, Stopwatch& watch) {
    if (in_.blocked) {
      draw_blocks();
    } else {
      draw_all(watch);
    }
    watch.stop(kBinning);
    shade(rast, out, jacobian);
    if (in_.blocked) in_.blocked->remember_shown(runs_[0].first, space_.blocks.shown());
  }

  // Blends the silhouettes in `out`, which holds the colours as they were shaded.
  void antialias(T* out, Blended<T>* all) {
    const Image& image = in_.image;
    const int64_t rows = images_ * image.height, pixels = image.pixels();
    parallel_for(in_.threads, rows, [&](int64_t row) {
      const int64_t i = row / image.height, offset = runs_[i].first * pixels;
      Blended<T>& found = space_.by_row[row];
      found.crossings.clear();
      if (in_.blocked) {
        const T* to_clip = in_.to_clip + 16 * runs_[i].first;
        const MovedSurface<T> surface{image, in_.vertices, to_clip, in_.edge_tri, in_.edge_rings};
        find_crossings(surface, i, row % image.height, all != nullptr, found);
      } else {
        const T* pos = space_.pos.data() + 4 * i * in_.vertex_count;
        find_crossings(Surface<T>{image, pos, in_.edge_tri, in_.edge_rings}, i, row % image.height, all != nullptr,
                       found);
      }
      for (size_t k = 0; k < found.crossings.size(); ++k) {
        const Blend blend(found.crossings[k], image);
        const T *to = out + 4 * (offset + blend.to), *from = out + 4 * (offset + blend.from);
        for (int j = 0; j < 4; ++j) found.changes[k].difference[j] = from[j] - to[j];
      }
    });
    // Each row takes what its own crossings and those from the row below give it, in the crossings' order.
    parallel_for(in_.threads, rows, [&](int64_t row) {
      const int64_t y = row % image.height, begin = y * image.width, end = begin + image.width;
      T* own = out + 4 * runs_[row / image.height].first * pixels;
      for (int64_t r = y == 0 ? row : row - 1; r <= row; ++r) {
        const Blended<T>& found = space_.by_row[r];
        for (size_t i = 0; i < found.crossings.size(); ++i) {
          const Blend blend(found.crossings[i], image);
          if (blend.to < begin || blend.to >= end) continue;
          for (int j = 0; j < 4; ++j)
            own[4 * blend.to + j] += static_cast<T>(blend.weight) * found.changes[i].difference[j];
        }
      }
    });
    if (!all) return;
    for (int64_t i = 0; i < images_; ++i) {
      for (int64_t b = runs_[i].first; b <= runs_[i].last; ++b) {
        for (int64_t row = i * image.height; row < (i + 1) * image.height; ++row) {
          const Blended<T>& found = space_.by_row[row];
          for (Crossing c : found.crossings) {
            c.first += b * pixels;
            all->crossings.push_back(c);
          }
          all->changes.insert(all->changes.end(), found.changes.begin(), found.changes.end());
        }
      }
    }
  }

  // The images that show a camera again.
  void repeat(T* rast, T* out) const {
    const int64_t row = 4 * in_.image.width, size = 4 * in_.image.pixels();
    for (int64_t i = 0; i < images_; ++i) {
      const int64_t first = runs_[i].first, again = runs_[i].last - first;
      parallel_for(in_.threads, again * in_.image.height, [&](int64_t task) {
        const int64_t to = (first + 1) * size + task * row, from = first * size + task % in_.image.height * row;
        std::copy_n(rast + from, row, rast + to);
        std::copy_n(out + from, row, out + to);
      });
    }
  }

 private:
  void draw_all(Stopwatch& watch) {
    // The same part of the vertices, and of the pixels, is the same thread's in every region.
    const int64_t parts =
        std::max(blocks_of(in_.vertex_count, kVertexBlock), blocks_of(in_.image.pixels(), kPixelBlock));
    parallel_for(in_.threads, images_ * parts, [&](int64_t task) {
      const int64_t image = task / parts, part = task % parts;
      const Slice vertices = slice(in_.vertex_count, part, parts), pixels = slice(in_.image.pixels(), part, parts);
      T* pos = space_.pos.data() + image * in_.vertex_count * 4;
      transform(in_.vertices + 4 * vertices.first, vertices.last - vertices.first,
                in_.to_clip + 16 * runs_[image].first, pos + 4 * vertices.first);
      project_to_screen(pos, vertices.first, vertices.last, in_.image, screen(image));
      std::fill(visible(image) + pixels.first, visible(image) + pixels.last, nothing<T>());
      if (in_.walk > 0) std::fill(marks(image) + pixels.first, marks(image) + pixels.last, uint8_t{0});
    });
    watch.stop(kVertices);
    const RasterizeInputs<T> raster = raster_inputs();
    parallel_for(in_.threads, images_ * chunks_, [&](int64_t task) {
      const int64_t image = task / chunks_, first = task % chunks_ * chunk_size_;
      const int64_t last = std::min(first + chunk_size_, in_.triangles);
      space_.bins[task].clear();
      space_.bins[task].build(raster, image, screen(image), first, last, grid_, in_.walk > 0 ? facing(image) : nullptr,
                              static_cast<const T*>(nullptr), visible(image));
    });
  }

  void draw_blocks() {
    const Canvas<T> canvas{space_.pos.data(), screen(0),  in_.walk > 0 ? facing(0) : nullptr,
                           marks(0),          visible(0), &space_.bins};
    space_.blocks.draw(in_, raster_inputs(), runs_[0].first, canvas);
    in_.blocked->drawn = static_cast<int64_t>(space_.blocks.drawn().size());
    chunks_ = space_.blocks.bins();
  }

  // Draws what stands in the bins, shades, and marks silhouettes.
  void shade(T* rast, T* out, ImageJacobian<T>* jacobian) {
    const RasterizeInputs<T> raster = raster_inputs();
    const auto drawn = static_cast<int64_t>(space_.blocks.drawn().size());
    const int64_t edges = in_.walk == 0 ? 0 : in_.blocked ? drawn : in_.edge_count;
    const int64_t shares = std::max(grid_.count(), blocks_of(edges, in_.blocked ? kMarkedBlocks : kEdgeBlock));
    parallel_for(in_.threads, images_ * shares, [&](int64_t task) {
      const int64_t image = task / shares;
      const Slice tiles = slice(grid_.count(), task % shares, shares), run = slice(edges, task % shares, shares);
      for (int64_t index = tiles.first; index < tiles.last; ++index) {
        Tile<T> tile(raster, image, grid_, index, nullptr, visible(image));
        for (int64_t c = 0; c < chunks_; ++c)
          space_.bins[image * chunks_ + c].for_each_in_tile(index, [&](const BoundedTriangle& t) { tile.draw(t); });
        shader_.shade(tile, runs_[image].first, index, rast, out, jacobian);
        if (in_.blocked) space_.blocks.look_at(tile);
      }
      mark(image, run);
    });
  }

  // The silhouettes among a run of edges, or of the blocks that are drawn.
  void mark(int64_t image, const Slice& run) {
    if (run.first == run.last) return;
    if (!in_.blocked)
      return mark_silhouettes(silhouette_inputs(image), facing(image), run.first, run.last, marks(image));
    const VisibleBlocks<T>& blocks = space_.blocks;
    for (int64_t i = run.first; i < run.last; ++i)
      mark_block_silhouettes(silhouette_inputs(image), in_.blocked->edges, blocks.drawn()[i], blocks.is_drawn(),
                             facing(image), marks(image));
  }

  // The crossings of a row, and how they change, where others are to move the blend.
  template <typename OfSurface>
  void find_crossings(const OfSurface& surface, int64_t image, int64_t row, bool change, Blended<T>& found) const {
    thread_local std::vector<Pair> pairs;
    find_in_row(surface, in_.walk, Shown{visible(image)}, row, marks(image) + row * in_.image.width, pairs,
                found.crossings);
    found.changes.resize(found.crossings.size());
    if (!change) return;
    for (size_t i = 0; i < found.crossings.size(); ++i)
      blend_by_matrix(surface, in_.vertices, found.crossings[i], found.changes[i].matrix);
  }

  ScreenVertex* screen(int64_t image) const { return space_.screen.data() + image * in_.vertex_count; }
  Nearest<T>* visible(int64_t image) const { return space_.visible.data() + image * in_.image.pixels(); }
  int8_t* facing(int64_t image) const { return space_.facing.data() + image * in_.triangles; }
  uint8_t* marks(int64_t image) const { return space_.marks.data() + image * in_.image.pixels(); }

  RasterizeInputs<T> raster_inputs() const {
    return {in_.image,     space_.pos.data(), 4 * in_.vertex_count, in_.vertex_count, in_.tri,
            in_.triangles, nullptr,           in_.threads,          in_.ids};
  }
  SilhouetteInputs<T> silhouette_inputs(int64_t image) const {
    return {in_.image, space_.pos.data() + 4 * image * in_.vertex_count, screen(image), in_.edge_tri, in_.edges};
  }
  // What the pixels show, as `find_in_row` asks for it.
  struct Shown {
    const Nearest<T>* pixels;

    int32_t triangle(int64_t pixel) const { return pixels[pixel].triangle(); }
    T depth(int64_t pixel) const { return pixels[pixel].depth(); }
  };

  const RenderInputs<T>& in_;
  Workspace<T>& space_;
  const Run* runs_;
  int64_t images_;
  TileGrid grid_;
  int64_t chunk_size_, chunks_;
  TileShader<T> shader_;
};

}  // namespace tvdr
