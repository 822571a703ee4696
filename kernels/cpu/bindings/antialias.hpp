// Crossings as records, which Python only passes on.
#pragma once

#include "antialias/antialias.hpp"
#include "bindings/arrays.hpp"

namespace tvdr {

inline Crossings crossings_of(const CrossingRecords& records) {
  return {reinterpret_cast<const Crossing*>(records.data()), records.shape(0)};
}

}  // namespace tvdr
