// What a pixel shows as one number, so that threads can agree on it whatever the order they come in.
#pragma once

#include "portable/numbers.hpp"

namespace tvdr {

// A float's bits, ordered as the float, and back.
TVDR_INLINE int32_t flipped(int32_t bits) { return bits ^ (bits >> 31 & 0x7fffffff); }

// Above, a number that orders as the depth does; below, the triangle. The nearest has the lowest key, and of those that
// are as near the lowest id.
TVDR_INLINE int64_t visible_key(float depth, int32_t triangle) {
  return static_cast<int64_t>(flipped(bits_of(depth + 0.0f))) << 32 |  // -0 is 0
         static_cast<uint32_t>(triangle);
}
TVDR_INLINE float depth_of_key(int64_t key) { return of_bits(flipped(static_cast<int32_t>(key >> 32))); }
TVDR_INLINE int32_t triangle_of_key(int64_t key) { return static_cast<int32_t>(key); }

// The key of a triangle of -1, infinitely far.
TVDR_INLINE int64_t nothing_key() { return visible_key(static_cast<float>(infinity()), -1); }

// Whether a triangle lies behind what a pixel of the layer in front shows: depth first, then ids.
template <typename T>
bool behind(const T* front, T z, int32_t id) {
  const auto front_id = static_cast<int32_t>(front[3]) - 1;
  return front_id >= 0 && (z > front[2] || (z == front[2] && id > front_id));
}

}  // namespace tvdr
