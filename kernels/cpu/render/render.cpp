#include "render/render.hpp"

#include <algorithm>
#include <vector>

#include "antialias/crossing.hpp"
#include "antialias/silhouettes.hpp"
#include "core/thread_pool.hpp"
#include "raster/binning.hpp"
#include "raster/tile.hpp"
#include "render/stopwatch.hpp"
#include "render/tile_shader.hpp"
#include "render/transform.hpp"

namespace tvdr {
namespace {

// Images are rendered in groups, so that a group's vertices stay in the cache, and a large batch needs no more memory.
constexpr int64_t kVerticesInFlight = 1 << 16, kPixelsInFlight = 1 << 20;
constexpr int64_t kVerticesPerThread = 1 << 20;  // where each thread renders images of its own
constexpr int64_t kKeptPixels = 1 << 24;         // what a thread keeps room for after larger images
constexpr int64_t kVertexBlock = 4096, kPixelBlock = 1 << 14;
constexpr int64_t kChunkTriangles = 2048;
constexpr int64_t kEdgeBlock = 4096;

int64_t blocks_of(int64_t count, int64_t block) { return (count + block - 1) / block; }

// What a group of images needs while it is rendered; kept from one call to the next.
template <typename T>
struct Workspace {
  std::vector<T> pos;
  std::vector<ScreenVertex> screen;
  std::vector<Nearest<T>> visible;
  std::vector<int8_t> facing;
  std::vector<uint8_t> marks;
  std::vector<Chunk> bins;
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
    space.pos.resize(images * in.vertex_count * 4);
    space.screen.resize(images * in.vertex_count);
    if (space.bins.size() < static_cast<size_t>(images * chunks_)) space.bins.resize(images * chunks_);
    space.visible.resize(images * in.image.pixels());
    if (in.walk == 0) return;
    space.facing.resize(images * in.triangles);
    space.marks.resize(images * in.image.pixels());
    if (space.by_row.size() < static_cast<size_t>(images * in.image.height))
      space.by_row.resize(images * in.image.height);
  }

  void rasterize_and_shade(T* rast, T* out, ImageJacobian<T>* jacobian, Stopwatch& watch) {
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
    watch.stop(kBinning);
    const int64_t edges = in_.walk > 0 ? in_.edge_count : 0;
    const int64_t shares = std::max(grid_.count(), blocks_of(edges, kEdgeBlock));
    parallel_for(in_.threads, images_ * shares, [&](int64_t task) {
      const int64_t image = task / shares;
      const Slice tiles = slice(grid_.count(), task % shares, shares), run = slice(edges, task % shares, shares);
      for (int64_t index = tiles.first; index < tiles.last; ++index) {
        Tile<T> tile(raster, image, grid_, index, nullptr, visible(image));
        for (int64_t c = 0; c < chunks_; ++c)
          space_.bins[image * chunks_ + c].for_each_in_tile(index, [&](const BoundedTriangle& t) { tile.draw(t); });
        shader_.shade(tile, runs_[image].first, index, rast, out, jacobian);
      }
      if (run.first < run.last)
        mark_silhouettes(silhouette_inputs(image), facing(image), run.first, run.last, marks(image));
    });
  }

  // Blends the silhouettes in `out`, which holds the colours as they were shaded.
  void antialias(T* out, Blended<T>* all) {
    const Image& image = in_.image;
    const int64_t rows = images_ * image.height, pixels = image.pixels();
    parallel_for(in_.threads, rows, [&](int64_t row) {
      const int64_t i = row / image.height, offset = runs_[i].first * pixels;
      const AntialiasInputs<T> in = antialias_inputs(i);
      Blended<T>& found = space_.by_row[row];
      found.crossings.clear();
      found.changes.clear();
      const uint8_t* marks = space_.marks.data() + row * image.width;
      thread_local std::vector<Pair> pairs;
      find_in_row(in, Shown{visible(i)}, 0, row % image.height, marks, pairs, found.crossings);
      for (const Crossing& c : found.crossings) {
        BlendChange<T>& change = found.changes.emplace_back();
        const Blend blend(c, image);
        const T *to = out + 4 * (offset + blend.to), *from = out + 4 * (offset + blend.from);
        for (int j = 0; j < 4; ++j) change.difference[j] = from[j] - to[j];
        if (all) blend_by_matrix(in.surface(0), in_.vertices, c, change.matrix);
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
  AntialiasInputs<T> antialias_inputs(int64_t image) const {
    return {in_.image,
            4,
            space_.pos.data() + 4 * image * in_.vertex_count,
            0,
            in_.vertex_count,
            in_.edge_tri,
            in_.triangles,
            in_.edge_rings,
            nullptr,  // the walk needs none
            0,
            in_.walk,
            in_.threads};
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

}  // namespace

template <typename T>
std::vector<Run> runs_of_cameras(int64_t batch, const T* to_clip, const T* eye) {
  std::vector<Run> runs;
  for (int64_t b = 0; b < batch; ++b) {
    const T *matrix = to_clip + 16 * b, *place = eye + 3 * b;
    if (b > 0 && std::equal(matrix - 16, matrix, matrix) && std::equal(place - 3, place, place)) {
      runs.back().last = b;
    } else {
      runs.push_back({b, b});
    }
  }
  return runs;
}

template <typename T>
void transform_vertices(const RenderInputs<T>& in, T* out) {
  const int64_t blocks = blocks_of(in.vertex_count, kVertexBlock);
  parallel_for(in.threads, in.image.batch * blocks, [&](int64_t task) {
    const int64_t image = task / blocks, first = task % blocks * kVertexBlock;
    transform(in.vertices + 4 * first, std::min(kVertexBlock, in.vertex_count - first), in.to_clip + 16 * image,
              out + 4 * (image * in.vertex_count + first));
  });
}

template <typename T>
Blended<T> render_forward(const RenderInputs<T>& in, T* rast, T* out, ImageJacobian<T>* jacobian) {
  const std::vector<Run> runs = runs_of_cameras(in.image.batch, in.to_clip, in.eye);
  const auto count = static_cast<int64_t>(runs.size());
  const int64_t fitting = std::min(kVerticesInFlight / std::max<int64_t>(in.vertex_count, 1),
                                   kPixelsInFlight / std::max<int64_t>(in.image.pixels(), 1));
  const int64_t group = std::clamp<int64_t>(fitting, 1, std::max<int64_t>(count, 1));
  const int64_t groups = blocks_of(count, group);
  std::vector<Blended<T>> found(groups);
  auto render = [&](int64_t index, int threads) {
    thread_local Workspace<T> space;
    RenderInputs<T> inputs = in;
    inputs.threads = threads;
    Stopwatch watch(in.seconds);
    const int64_t start = index * group;
    GroupRenderer<T> renderer(inputs, space, runs.data() + start, std::min(group, count - start));
    renderer.rasterize_and_shade(rast, out, jacobian, watch);
    watch.stop(kTiles);
    if (in.walk > 0) renderer.antialias(out, jacobian ? &found[index] : nullptr);
    renderer.repeat(rast, out);
    watch.stop(kAntialias);
    if (static_cast<int64_t>(space.visible.size()) > kKeptPixels) space = {};
  };
  // Each thread of its own holds a copy of the vertices; the stages are timed one after another.
  if (in.seconds || in.vertex_count > kVerticesPerThread) {
    for (int64_t index = 0; index < groups; ++index) render(index, in.threads);
  } else {
    for_each_image(in.threads, groups, render);
  }
  if (groups == 1) return std::move(found[0]);
  Blended<T> all;
  size_t total = 0;
  for (const Blended<T>& part : found) total += part.crossings.size();
  all.crossings.reserve(total);
  all.changes.reserve(total);
  for (const Blended<T>& part : found) {
    all.crossings.insert(all.crossings.end(), part.crossings.begin(), part.crossings.end());
    all.changes.insert(all.changes.end(), part.changes.begin(), part.changes.end());
  }
  return all;
}

#define TVDR_INSTANTIATE(T)                                               \
  template std::vector<Run> runs_of_cameras(int64_t, const T*, const T*); \
  template void transform_vertices(const RenderInputs<T>&, T*);           \
  template Blended<T> render_forward(const RenderInputs<T>&, T*, T*, ImageJacobian<T>*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
