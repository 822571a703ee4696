// Four numbers at once, and their transposition: from four records to one number of each.
#pragma once

#include <cstring>

#include "core/clones.hpp"

namespace tvdr {

template <typename T>
struct Four {
  typedef T Vector __attribute__((vector_size(4 * sizeof(T))));
  Vector numbers;

  static TVDR_INLINE Four load(const T* from) {
    Four result;
    std::memcpy(&result.numbers, from, sizeof(Vector));
    return result;
  }
  TVDR_INLINE void store(T* to) const { std::memcpy(to, &numbers, sizeof(Vector)); }
};

template <typename T>
TVDR_INLINE void transpose(Four<T> (&rows)[4]) {
  const auto low01 = __builtin_shufflevector(rows[0].numbers, rows[1].numbers, 0, 4, 1, 5),
             low23 = __builtin_shufflevector(rows[2].numbers, rows[3].numbers, 0, 4, 1, 5),
             high01 = __builtin_shufflevector(rows[0].numbers, rows[1].numbers, 2, 6, 3, 7),
             high23 = __builtin_shufflevector(rows[2].numbers, rows[3].numbers, 2, 6, 3, 7);
  rows[0].numbers = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  rows[1].numbers = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  rows[2].numbers = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  rows[3].numbers = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

}  // namespace tvdr
