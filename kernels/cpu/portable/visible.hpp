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

// What `rast` holds of a triangle: its id plus one. Where a float has no such number, the one whose bits are the id
// plus one, turned negative: a tiny number, of which nobody takes that it is an id.
TVDR_INLINE double named(int32_t id, double) { return id + 1.0; }
TVDR_INLINE float named(int32_t id, float) { return id < 1 << 24 ? static_cast<float>(id + 1) : -of_bits(id + 1); }

// Whether a triangle lies behind what a pixel of the layer in front shows: depth first, then ids.
template <typename T>
bool behind(const T* front, T z, int32_t id) {
  const auto front_id = static_cast<int32_t>(front[3]) - 1;
  return front_id >= 0 && (z > front[2] || (z == front[2] && id > front_id));
}

}  // namespace tvdr
