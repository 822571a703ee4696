// A visibility buffer: the nearest triangle at each pixel, and its depth (Burns and Hunt, "The Visibility Buffer: A
// Cache-Friendly Approach to Deferred Shading", 2013).
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "portable/visible.hpp"

namespace tvdr {

// What a pixel shows; a triangle of -1, infinitely far, where that is nothing.
template <typename T>
struct Nearest;

// One number, so that threads can agree on it whatever the order they come in.
template <>
struct Nearest<float> {
  int64_t key;

  Nearest() = default;
  Nearest(float depth, int32_t triangle) : key(visible_key(depth, triangle)) {}
  float depth() const { return depth_of_key(key); }
  int32_t triangle() const { return triangle_of_key(key); }

  // Equal depths are decided by the triangles' ids, null: their own.
  bool in_front_of(const Nearest& other, const int32_t* ids) const {
    if (ids && (key ^ other.key) >> 32 == 0) return ids[triangle()] < ids[other.triangle()];
    return key < other.key;
  }
};

template <>
struct Nearest<double> {
  double z;
  int32_t id;

  double depth() const { return z; }
  int32_t triangle() const { return id; }
  bool in_front_of(const Nearest& other, const int32_t* ids) const {
    return z < other.z || (z == other.z && (ids ? ids[id] < ids[other.id] : id < other.id));
  }
};

template <typename T>
Nearest<T> nothing() {
  return {std::numeric_limits<T>::infinity(), -1};
}

// Shows the triangle at the pixel if it is the nearest yet.
template <typename T>
void offer(Nearest<T>& pixel, const Nearest<T>& mine, const int32_t* ids) {
  if (mine.in_front_of(pixel, ids)) pixel = mine;
}

// The same where other threads do it, too.
inline void offer_shared(Nearest<float>& pixel, const Nearest<float>& mine, const int32_t* ids) {
  const std::atomic_ref<int64_t> key(pixel.key);
  Nearest<float> held;
  held.key = key.load(std::memory_order_relaxed);
  while (mine.in_front_of(held, ids) && !key.compare_exchange_weak(held.key, mine.key, std::memory_order_relaxed)) {
  }
}

}  // namespace tvdr
