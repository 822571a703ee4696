// The arrays that the ops take and return, and what the kernels see of them.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "portable/geometry.hpp"

namespace nb = nanobind;

namespace tvdr {

template <typename T, typename... Shape>
using Array = nb::ndarray<nb::pytorch, T, Shape..., nb::c_contig, nb::device::cpu>;
template <typename T>
using Vertices = Array<T, nb::shape<-1, -1, 4>>;  // [B or 1, V, 4]
template <typename T>
using Pixels = Array<T, nb::shape<-1, -1, -1, 4>>;  // [B, H, W, 4]
template <typename T>
using Channels = Array<T, nb::shape<-1, -1, -1, -1>>;  // [B, H, W, C]
template <typename T>
using Attributes = Array<T, nb::shape<-1, -1, -1>>;  // [B or 1, V, A]
template <typename T>
using Points = Array<T, nb::shape<-1, 3>>;
using Faces = Array<const int32_t, nb::shape<-1, 3>>;
using Ranges = Array<const int32_t, nb::shape<-1, 2>>;
using EdgeRecords = Array<const int32_t, nb::shape<-1, 4>>;
using CrossingRecords = Array<const int64_t, nb::shape<-1, 3>>;
using Release = nb::call_guard<nb::gil_scoped_release>;

template <typename A>
auto* data(const std::optional<A>& array) {
  return array ? array->data() : nullptr;
}

template <typename A>
Image image_of(const A& pixels) {
  return {static_cast<int64_t>(pixels.shape(0)), static_cast<int64_t>(pixels.shape(1)),
          static_cast<int64_t>(pixels.shape(2))};
}

// One image's vertices after the other, or one set for all.
template <typename A>
int64_t batch_stride(const A& array) {
  return array.shape(0) == 1 ? 0 : static_cast<int64_t>(array.shape(1) * array.shape(2));
}

// A vector's memory as a tensor, or a NumPy array, of `columns` numbers to a record; it lives as long as the array
// does.
template <typename Framework, typename Number, int columns, typename Record>
nb::ndarray<Framework, Number, nb::shape<-1, columns>> records(std::vector<Record>* owned) {
  static_assert(sizeof(Record) == columns * sizeof(Number));
  nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<Record>*>(p); });
  return nb::ndarray<Framework, Number, nb::shape<-1, columns>>(reinterpret_cast<Number*>(owned->data()),
                                                                {owned->size(), columns}, owner);
}

}  // namespace tvdr
