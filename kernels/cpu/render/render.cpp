#include "render/render.hpp"

#include <algorithm>
#include <vector>

#include "core/thread_pool.hpp"
#include "render/group_renderer.hpp"
#include "render/stopwatch.hpp"
#include "render/transform.hpp"

namespace tvdr {
namespace {

// Images are rendered in groups, so that a group's vertices stay in the cache, and a large batch needs no more memory.
constexpr int64_t kVerticesInFlight = 1 << 16, kPixelsInFlight = 1 << 20;
// Where each thread renders images of its own: those of each, or of all where few of them are touched.
constexpr int64_t kVerticesPerThread = 1 << 20, kVerticesOfThreads = 1 << 23;
constexpr int64_t kKeptPixels = 1 << 24;  // what a thread keeps room for after larger images

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
  const int64_t group = in.blocked ? 1 : std::clamp<int64_t>(fitting, 1, std::max<int64_t>(count, 1));
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
  const bool too_many =
      in.blocked ? in.threads * in.vertex_count > kVerticesOfThreads : in.vertex_count > kVerticesPerThread;
  if (in.seconds || too_many) {
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
