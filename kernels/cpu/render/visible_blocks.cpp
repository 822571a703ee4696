#include "render/visible_blocks.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "core/thread_pool.hpp"
#include "render/blocked_scene.hpp"
#include "render/transform.hpp"

namespace tvdr {
namespace {

constexpr int64_t kFirstBlocks = 64;  // drawn before anything is known to be hidden, at least
constexpr int64_t kBlocksInPart = 256, kPixelsInPart = 1 << 14, kCandidatesInPart = 256;
constexpr int64_t kBlocksInBin = 8, kBlocksToMove = 4;

int64_t parts_of(int64_t count, int64_t part) { return (count + part - 1) / part; }

}  // namespace

template <typename T>
struct VisibleBlocks<T>::Drawing {
  const RenderInputs<T>& in;
  const RasterizeInputs<T>& raster;
  const T* to_clip;
  const Canvas<T>& canvas;
  const Blocks<T>& blocks;
  TileGrid grid;
};

template <typename T>
void VisibleBlocks<T>::draw(const RenderInputs<T>& in, const RasterizeInputs<T>& raster, int64_t image,
                            const Canvas<T>& canvas) {
  const Blocks<T>& blocks = in.blocked->blocks;
  const Drawing to{in, raster, in.to_clip + 16 * image, canvas, blocks, TileGrid(in.image)};
  is_drawn_.assign(blocks.count(), 0);
  is_moved_.assign(blocks.count(), 0);
  is_shown_.assign(blocks.count(), 0);
  drawn_.clear();
  depth_.resize(in.image);
  find_candidates(to);
  for (std::vector<int32_t> round = first_round(in.blocked->shown_last(image));;) {
    draw_round(to, std::move(round));
    if (candidates_.empty()) return;
    read_depth(to);
    drop_hidden(to);
    // All that is left, where that is less than what is drawn already.
    const auto left = static_cast<int64_t>(candidates_.size()), most = static_cast<int64_t>(drawn_.size());
    round = take_nearest(left <= std::max(kFirstBlocks, most) ? left : most);
  }
}

// The blocks in view; clears the image, too.
template <typename T>
void VisibleBlocks<T>::find_candidates(const Drawing& to) {
  const Frustum<T> frustum(to.to_clip, to.in.image);
  const int64_t pixels = to.in.image.pixels();
  const int64_t parts = std::max(parts_of(to.blocks.count(), kBlocksInPart), parts_of(pixels, kPixelsInPart));
  found_.resize(parts);
  parallel_for(to.in.threads, parts, [&](int64_t part) {
    const Slice cleared = slice(pixels, part, parts), looked_at = slice(to.blocks.count(), part, parts);
    std::fill(to.canvas.visible + cleared.first, to.canvas.visible + cleared.last, nothing<T>());
    if (to.canvas.facing) std::fill(to.canvas.marks + cleared.first, to.canvas.marks + cleared.last, uint8_t{0});
    found_[part].clear();
    for (int64_t block = looked_at.first; block < looked_at.last; ++block) {
      const Box<T>& box = to.blocks.box(block);
      if (frustum.misses(box)) continue;
      found_[part].push_back({static_cast<int32_t>(block), frustum.footprint(box)});
    }
  });
  candidates_.clear();
  for (const auto& found : found_) candidates_.insert(candidates_.end(), found.begin(), found.end());
}

// What was shown last, what the camera may stand in, and the nearest if these are few.
template <typename T>
std::vector<int32_t> VisibleBlocks<T>::first_round(const std::vector<int32_t>& shown_last) {
  for (const int32_t block : shown_last) is_shown_[block] = 1;
  std::vector<int32_t> round;
  std::erase_if(candidates_, [&](const Candidate& c) {
    const bool first = is_shown_[c.block] || c.footprint.nearest == -std::numeric_limits<double>::infinity();
    if (first) round.push_back(c.block);
    return first;
  });
  for (const int32_t block : shown_last) is_shown_[block] = 0;
  const auto few =
      std::min(static_cast<int64_t>(candidates_.size()), kFirstBlocks - static_cast<int64_t>(round.size()));
  for (const int32_t block : take_nearest(std::max<int64_t>(few, 0))) round.push_back(block);
  return round;
}

template <typename T>
std::vector<int32_t> VisibleBlocks<T>::take_nearest(int64_t count) {
  if (count < static_cast<int64_t>(candidates_.size()))
    std::nth_element(candidates_.begin(), candidates_.begin() + count, candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.footprint.nearest < b.footprint.nearest; });
  std::vector<int32_t> taken;
  for (int64_t i = 0; i < count; ++i) taken.push_back(candidates_[i].block);
  candidates_.erase(candidates_.begin(), candidates_.begin() + count);
  return taken;
}

// Moves the vertices of the blocks and draws their small triangles; the others come into the bins.
template <typename T>
void VisibleBlocks<T>::draw_round(const Drawing& to, std::vector<int32_t> round) {
  std::sort(round.begin(), round.end());  // as they lie in memory
  moving_.clear();
  for (const int32_t block : round) {
    is_drawn_[block] = 1;
    drawn_.push_back(block);
    for (const int32_t owner : to.blocks.owners(block)) {
      if (is_moved_[owner]) continue;
      is_moved_[owner] = 1;
      moving_.push_back(owner);
    }
  }
  const auto moving = static_cast<int64_t>(moving_.size()), drawing = static_cast<int64_t>(round.size());
  const int64_t moves = parts_of(moving, kBlocksToMove);
  parallel_for(to.in.threads, moves, [&](int64_t task) {
    const Slice run = slice(moving, task, moves);
    for (int64_t i = run.first; i < run.last; ++i) {
      const Slice vertices = to.blocks.vertices(moving_[i]);
      transform(to.in.vertices + 4 * vertices.first, vertices.last - vertices.first, to.to_clip,
                to.canvas.pos + 4 * vertices.first);
      project_to_screen(to.canvas.pos, vertices.first, vertices.last, to.in.image, to.canvas.screen);
    }
  });
  bins_ = parts_of(drawing, kBlocksInBin);
  std::vector<Chunk>& bins = *to.canvas.bins;
  if (static_cast<int64_t>(bins.size()) < bins_) bins.resize(bins_);
  parallel_for(to.in.threads, bins_, [&](int64_t bin) {
    const Slice run = slice(drawing, bin, bins_);
    bins[bin].clear();
    for (int64_t i = run.first; i < run.last; ++i) {
      const Slice triangles = to.blocks.triangles(round[i]);
      bins[bin].add(to.raster, 0, to.canvas.screen, triangles.first, triangles.last, to.canvas.facing,
                    static_cast<const T*>(nullptr), to.canvas.visible);
    }
    bins[bin].sort(to.grid);
  });
}

// Empties the bins into the image, and looks how far away what it shows is.
template <typename T>
void VisibleBlocks<T>::read_depth(const Drawing& to) {
  parallel_for(to.in.threads, to.grid.count(), [&](int64_t index) {
    Tile<T> tile(to.raster, 0, to.grid, index, nullptr, to.canvas.visible);
    for (int64_t bin = 0; bin < bins_; ++bin)
      (*to.canvas.bins)[bin].for_each_in_tile(index, [&](const BoundedTriangle& t) { tile.draw(t); });
    depth_.read(to.canvas.visible, tile.x0(), tile.x1(), tile.y0(), tile.y1());
  });
  depth_.finish();
  bins_ = 0;
}

template <typename T>
void VisibleBlocks<T>::drop_hidden(const Drawing& to) {
  const auto count = static_cast<int64_t>(candidates_.size());
  const int64_t parts = parts_of(count, kCandidatesInPart);
  parallel_for(to.in.threads, parts, [&](int64_t part) {
    const Slice run = slice(count, part, parts);
    for (int64_t i = run.first; i < run.last; ++i)
      if (depth_.hides(candidates_[i].footprint)) candidates_[i].block = -1;
  });
  std::erase_if(candidates_, [](const Candidate& c) { return c.block < 0; });
}

template <typename T>
void VisibleBlocks<T>::look_at(const Tile<T>& tile) {
  for (int64_t y = tile.y0(); y <= tile.y1(); ++y) {
    for (int64_t x = tile.x0(); x <= tile.x1(); ++x) {
      const int32_t triangle = tile.at(x, y).triangle();
      if (triangle < 0) continue;
      std::atomic_ref<uint8_t> shown(is_shown_[triangle / kBlockTriangles]);
      if (!shown.load(std::memory_order_relaxed)) shown.store(1, std::memory_order_relaxed);
    }
  }
}

template <typename T>
std::vector<int32_t> VisibleBlocks<T>::shown() const {
  std::vector<int32_t> blocks;
  for (const int32_t block : drawn_)
    if (is_shown_[block]) blocks.push_back(block);
  return blocks;
}

template class VisibleBlocks<float>;
template class VisibleBlocks<double>;

}  // namespace tvdr
