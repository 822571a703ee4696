// What many threads do to one number: a GPU's instructions, or on the CPU the same by the library's atomics.
#pragma once

#include "portable/numbers.hpp"

#ifndef __CUDACC_RTC__
#include <atomic>
#endif

namespace tvdr {

// Keeps the lesser of what is there and `value`.
TVDR_INLINE void atomic_lower(int64_t* at, int64_t value) {
#ifdef __CUDACC_RTC__
  atomicMin(at, value);
#else
  const std::atomic_ref<int64_t> number(*at);
  int64_t held = number.load(std::memory_order_relaxed);
  while (value < held && !number.compare_exchange_weak(held, value, std::memory_order_relaxed)) {
  }
#endif
}

// Adds one, and returns what was there.
TVDR_INLINE int64_t atomic_increment(int64_t* at) {
#ifdef __CUDACC_RTC__
  return static_cast<int64_t>(atomicAdd(reinterpret_cast<unsigned long long*>(at), 1ull));
#else
  return std::atomic_ref<int64_t>(*at).fetch_add(1, std::memory_order_relaxed);
#endif
}

}  // namespace tvdr
