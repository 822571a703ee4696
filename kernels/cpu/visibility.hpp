// The nearest fragment at each pixel, of those that all threads offer: depth and triangle in one number, of which the
// least stays, whatever the order they come in. A visibility buffer, as Burns and Hunt have it ("The Visibility Buffer:
// A Cache-Friendly Approach to Deferred Shading", 2013).
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace tvdr {

// A number that orders as the depth does. Zero has one, whatever its sign.
inline int32_t depth_order(float depth) {
  const auto bits = std::bit_cast<int32_t>(depth + 0.0f);
  return bits ^ (bits >> 31 & 0x7fffffff);
}

// One image's pixels, row by row.
class VisibilityBuffer {
 public:
  // No triangle, -1, at a depth of infinity.
  static constexpr int64_t kNothing = int64_t{0x7f800000} << 32 | 0xffffffff;

  // keys: kNothing in each pixel before the first fragment. ids: of the triangles, by which equal depths are decided;
  // null: their own. alone: no other thread offers at the same time.
  VisibilityBuffer(int64_t* keys, const int32_t* ids, bool alone) : keys_(keys), ids_(ids), alone_(alone) {}

  void offer(int32_t pixel, int32_t order, int32_t triangle) {
    const int64_t mine = static_cast<int64_t>(order) << 32 | static_cast<uint32_t>(triangle);
    std::atomic_ref<int64_t> nearest(keys_[pixel]);
    int64_t held = nearest.load(std::memory_order_relaxed);
    if (alone_) {
      nearest.store(in_front(mine, held) ? mine : held, std::memory_order_relaxed);
      return;
    }
    while (in_front(mine, held) && !nearest.compare_exchange_weak(held, mine, std::memory_order_relaxed)) {
    }
  }

  static float depth(int64_t key) {
    const auto order = static_cast<int32_t>(key >> 32);
    return std::bit_cast<float>(order ^ (order >> 31 & 0x7fffffff));
  }
  static int32_t triangle(int64_t key) { return static_cast<int32_t>(key); }

 private:
  bool in_front(int64_t mine, int64_t held) const {
    if (ids_ && (mine ^ held) >> 32 == 0) return ids_[triangle(mine)] < ids_[triangle(held)];
    return mine < held;
  }

  int64_t* keys_;
  const int32_t* ids_;
  bool alone_;
};

}  // namespace tvdr
