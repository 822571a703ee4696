#include "raster/rasterize.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/thread_pool.hpp"
#include "portable/barycentrics.hpp"
#include "raster/binning.hpp"
#include "raster/tile.hpp"

namespace tvdr {
namespace {

// Images are rasterized in groups, so that what a large batch needs need not all be held at once.
constexpr int64_t kTrianglesInFlight = 1 << 22, kPixelsInFlight = 1 << 22;
constexpr int64_t kChunkTriangles = 2048;
constexpr int64_t kChunksAtMost = 1024;
constexpr int64_t kVertexBlock = 8192, kPixelBlock = 1 << 15;

template <typename T>
void resolve(const RasterizeInputs<T>& in, int64_t b, const Tile<T>& tile, T* rast, T* db) {
  for (int64_t py = tile.y0(); py <= tile.y1(); ++py) {
    for (int64_t px = tile.x0(); px <= tile.x1(); ++px) {
      const int64_t pixel = (b * in.image.height + py) * in.image.width + px;
      const Nearest<T>& nearest = tile.at(px, py);
      write_pixel(in.positions(b), in.tri, nearest.triangle(), nearest.depth(), in.image, px, py, rast + 4 * pixel,
                  db ? db + 4 * pixel : nullptr);
    }
  }
}

}  // namespace

template <typename T>
void rasterize_forward(const RasterizeInputs<T>& in, const T* peel, T* rast, T* db) {
  const TileGrid grid(in.image);
  auto range = [&](int64_t b) {
    const int64_t first = in.ranges ? in.ranges[2 * b] : 0;
    return std::pair{first, in.ranges ? first + in.ranges[2 * b + 1] : in.triangles};
  };
  int64_t longest = 1;
  for (int64_t b = 0; b < in.image.batch; ++b) longest = std::max(longest, range(b).second - range(b).first);
  const int64_t chunk_size = std::max(kChunkTriangles, (longest + kChunksAtMost - 1) / kChunksAtMost);
  const int64_t chunks = (longest + chunk_size - 1) / chunk_size;
  const int64_t pixels = in.image.pixels();
  const int64_t fitting = std::min(kTrianglesInFlight / longest, kPixelsInFlight / std::max<int64_t>(pixels, 1));
  const int64_t group = std::clamp<int64_t>(fitting, 1, std::max<int64_t>(in.image.batch, 1));

  for (int64_t start = 0; start < in.image.batch; start += group) {
    const int64_t images = std::min(group, in.image.batch - start);
    const int64_t shared = in.pos_stride == 0 ? 1 : images, blocks = (in.vertices + kVertexBlock - 1) / kVertexBlock;
    const std::unique_ptr<ScreenVertex[]> screen(new ScreenVertex[shared * in.vertices]);
    const auto visible = std::make_unique_for_overwrite<Nearest<T>[]>(images * pixels);
    parallel_for(in.threads, shared * blocks + (images * pixels + kPixelBlock - 1) / kPixelBlock, [&](int64_t task) {
      if (task >= shared * blocks) {
        const int64_t first = (task - shared * blocks) * kPixelBlock;
        std::fill_n(visible.get() + first, std::min(kPixelBlock, images * pixels - first), nothing<T>());
        return;
      }
      const int64_t image = task / blocks, first = task % blocks * kVertexBlock;
      project_to_screen(in.positions(start + image), first, std::min(first + kVertexBlock, in.vertices), in.image,
                        screen.get() + image * in.vertices);
    });
    std::vector<Chunk> bins(images * chunks);
    parallel_for(in.threads, images * chunks, [&](int64_t task) {
      const int64_t b = start + task / chunks;
      const auto [first, last] = range(b);
      const int64_t from = first + task % chunks * chunk_size;
      if (from >= last) return;
      const ScreenVertex* seen = screen.get() + (in.pos_stride == 0 ? 0 : task / chunks) * in.vertices;
      bins[task].build(in, b, seen, from, std::min(from + chunk_size, last), grid, nullptr, peel,
                       visible.get() + task / chunks * pixels);
    });
    parallel_for(in.threads, images * grid.count(), [&](int64_t task) {
      const int64_t image = task / grid.count(), index = task % grid.count();
      Tile<T> tile(in, start + image, grid, index, peel, visible.get() + image * pixels);
      for (int64_t c = 0; c < chunks; ++c)
        bins[image * chunks + c].for_each_in_tile(index, [&](const BoundedTriangle& t) { tile.draw(t); });
      resolve(in, start + image, tile, rast, db);
    });
  }
}

template void rasterize_forward(const RasterizeInputs<float>&, const float*, float*, float*);
template void rasterize_forward(const RasterizeInputs<double>&, const double*, double*, double*);

}  // namespace tvdr
