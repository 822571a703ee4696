#include "raster/blocks.hpp"

#include <algorithm>
#include <limits>

#include "portable/numbers.hpp"

namespace tvdr {
namespace {

template <typename T>
void add(Box<T>& box, const T* vertex) {
  if (!is_finite(vertex[0]) || !is_finite(vertex[1]) || !is_finite(vertex[2])) return;
  for (int i = 0; i < 3; ++i) {
    box.low[i] = std::min(box.low[i], vertex[i]);
    box.high[i] = std::max(box.high[i], vertex[i]);
  }
}

}  // namespace

template <typename T>
Blocks<T>::Blocks(const T* vertices, const int32_t* tri, const int32_t* edge_tri, int64_t triangles)
    : triangles_(triangles) {
  constexpr T infinite = std::numeric_limits<T>::infinity();
  const int64_t count = (triangles + kBlockTriangles - 1) / kBlockTriangles;
  boxes_.assign(count, Box<T>{{infinite, infinite, infinite}, {-infinite, -infinite, -infinite}});
  first_vertex_.assign(1, 0);
  first_owner_.assign(1, 0);
  std::vector<int32_t> owner;  // of each vertex up to the highest that was met
  for (int64_t block = 0; block < count; ++block) {
    const Slice part = this->triangles(block);
    // A vertex is the own one of the block that brought the highest number to it or beyond.
    int32_t highest = first_vertex_.back() - 1;
    for (const int32_t* index : {tri, edge_tri})
      for (int64_t i = 3 * part.first; i < 3 * part.last; ++i) highest = std::max(highest, index[i]);
    owner.resize(highest + 1, static_cast<int32_t>(block));
    first_vertex_.push_back(highest + 1);
    const auto begin = static_cast<int64_t>(owners_.size());
    for (const int32_t* index : {tri, edge_tri}) {
      for (int64_t i = 3 * part.first; i < 3 * part.last; ++i) {
        if (index == tri) add(boxes_[block], vertices + 4 * static_cast<int64_t>(index[i]));
        const int32_t own = owner[index[i]];
        if (static_cast<int64_t>(owners_.size()) == begin || owners_.back() != own) owners_.push_back(own);
      }
      if (edge_tri == tri) break;
    }
    std::sort(owners_.begin() + begin, owners_.end());
    owners_.erase(std::unique(owners_.begin() + begin, owners_.end()), owners_.end());
    first_owner_.push_back(static_cast<int64_t>(owners_.size()));
  }
  owners_.shrink_to_fit();
}

template class Blocks<float>;
template class Blocks<double>;

}  // namespace tvdr
