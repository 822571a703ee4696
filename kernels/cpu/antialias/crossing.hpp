// The crossings of a row of pixels.
#pragma once

#include <cstring>
#include <vector>

#include "antialias/antialias.hpp"
#include "antialias/silhouettes.hpp"
#include "portable/blend.hpp"

namespace tvdr {

// The crossings of one row of pixels, between those that `marks` names; `row` counts through the batch. A walk is a
// chain of reads of which each waits for the one before: what the walks of a row begin with is fetched for all of them
// first.
template <typename OfSurface, typename Shown>
void find_in_row(const OfSurface& surface, int walk, const Shown& shown, int64_t row, const uint8_t* marks,
                 std::vector<Pair>& pairs, std::vector<Crossing>& crossings) {
  const Image& image = surface.image;
  pairs.clear();
  auto look = [&](int64_t px, bool upwards) {
    Pair pair;
    if (!pair.look(shown, image, row * image.width + px, upwards)) return;
    pairs.push_back(pair);
    __builtin_prefetch(surface.tri + 3 * static_cast<int64_t>(pair.face));
    __builtin_prefetch(surface.edge_rings + 3 * static_cast<int64_t>(pair.face));
  };
  for (int64_t px = 0; px < image.width; ++px) {
    // Most pixels have no mark: eight at once.
    uint64_t eight = 1;
    if (px + 8 <= image.width) std::memcpy(&eight, marks + px, 8);
    if (eight == 0) {
      px += 7;
      continue;
    }
    if (marks[px] & kToTheRight) look(px, false);
    if (marks[px] & kUpwards) look(px, true);
  }
  for (const Pair& pair : pairs)
    for (int k = 0; k < 3; ++k)
      __builtin_prefetch(surface.record(surface.tri[3 * static_cast<int64_t>(pair.face) + k]));
  Crossing found;
  for (const Pair& pair : pairs)
    if (find_between(surface, pair, walk, found)) crossings.push_back(found);
}

}  // namespace tvdr
