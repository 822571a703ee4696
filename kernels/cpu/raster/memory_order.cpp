#include "raster/memory_order.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "portable/numbers.hpp"

namespace tvdr {
namespace {

constexpr int kBits = 16;  // along each axis of the grid whose cells the curve runs through

// The bits of a cell's number with two zeros between them.
uint64_t spread(uint64_t cell) {
  cell = (cell | cell << 16) & 0x0000FF0000FF;
  cell = (cell | cell << 8) & 0x00F00F00F00F;
  cell = (cell | cell << 4) & 0x0C30C30C30C3;
  return (cell | cell << 2) & 0x249249249249;
}

template <typename T>
void find_center(const T* vertices, const int32_t* corners, double (&center)[3]) {
  for (int axis = 0; axis < 3; ++axis) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) sum += static_cast<double>(vertices[4 * static_cast<int64_t>(corners[k]) + axis]);
    center[axis] = is_finite(sum) ? sum / 3 : 0;
  }
}

}  // namespace

template <typename T>
void order_along_curve(const T* vertices, const int32_t* tri, int64_t triangles, int32_t* faces) {
  std::iota(faces, faces + triangles, 0);
  if (triangles == 0) return;
  double center[3], low[3], high[3];
  find_center(vertices, tri, low);
  std::copy_n(low, 3, high);
  for (int64_t i = 1; i < triangles; ++i) {
    find_center(vertices, tri + 3 * i, center);
    for (int axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], center[axis]);
      high[axis] = std::max(high[axis], center[axis]);
    }
  }
  double size = std::max({high[0] - low[0], high[1] - low[1], high[2] - low[2]});
  if (!(size > 0)) size = 1;
  std::vector<uint64_t> codes(triangles), moved(triangles);
  for (int64_t i = 0; i < triangles; ++i) {
    find_center(vertices, tri + 3 * i, center);
    uint64_t code = 0;
    for (int axis = 0; axis < 3; ++axis) {
      constexpr double last = (1 << kBits) - 1;
      const double cell = std::clamp((center[axis] - low[axis]) / size * last, 0.0, last);
      code |= spread(static_cast<uint64_t>(cell)) << axis;
    }
    codes[i] = code;
  }
  // A radix sort, 16 bits at a time from the lowest ones on.
  std::vector<int32_t> sorted(triangles);
  std::vector<int64_t> to(1 << 16);
  for (int shift = 0; shift < 3 * kBits; shift += 16) {
    std::fill(to.begin(), to.end(), 0);
    auto digit = [&](uint64_t code) { return code >> shift & 0xFFFF; };
    for (const uint64_t code : codes) ++to[digit(code)];
    std::exclusive_scan(to.begin(), to.end(), to.begin(), int64_t{0});
    for (int64_t i = 0; i < triangles; ++i) {
      const int64_t place = to[digit(codes[i])]++;
      moved[place] = codes[i];
      sorted[place] = faces[i];
    }
    codes.swap(moved);
    std::copy(sorted.begin(), sorted.end(), faces);
  }
}

void order_by_first_use(const int32_t* tri, int64_t triangles, const int32_t* faces, int64_t vertices, int32_t* order,
                        int32_t* places) {
  std::fill_n(places, vertices, -1);
  int32_t next = 0;
  auto put = [&](int32_t vertex) {
    if (places[vertex] >= 0) return;
    places[vertex] = next;
    order[next++] = vertex;
  };
  for (int64_t i = 0; i < triangles; ++i)
    for (int k = 0; k < 3; ++k) put(tri[3 * static_cast<int64_t>(faces[i]) + k]);
  for (int64_t v = 0; v < vertices; ++v) put(static_cast<int32_t>(v));
}

void renumber(const int32_t* tri, int64_t triangles, const int32_t* faces, const int32_t* places, int32_t* out) {
  for (int64_t i = 0; i < triangles; ++i)
    for (int k = 0; k < 3; ++k) out[3 * i + k] = places[tri[3 * static_cast<int64_t>(faces[i]) + k]];
}

void reorder_rings(const int32_t* rings, int64_t triangles, const int32_t* faces, int32_t* out) {
  std::vector<int32_t> place(triangles);
  for (int64_t i = 0; i < triangles; ++i) place[faces[i]] = static_cast<int32_t>(i);
  for (int64_t i = 0; i < triangles; ++i) {
    for (int k = 0; k < 3; ++k) {
      const int32_t next = rings[3 * static_cast<int64_t>(faces[i]) + k];
      out[3 * i + k] = next < 0 ? next : 3 * place[next / 3] + next % 3;
    }
  }
}

template void order_along_curve(const float*, const int32_t*, int64_t, int32_t*);
template void order_along_curve(const double*, const int32_t*, int64_t, int32_t*);

}  // namespace tvdr
