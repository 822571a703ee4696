// What the functions of this folder may use of the language's library. g++ and clang++ compile them for the CPU, and
// NVRTC for GPUs, where there is none. Each function here gives the bits of the library's of the same meaning, on both,
// but for `raised`; no product and sum are fused unasked on either (-ffp-contract=off, --fmad=false).
#pragma once

#ifdef __CUDACC_RTC__
using int8_t = signed char;
using int16_t = short;
using int32_t = int;
using uint32_t = unsigned int;
using int64_t = long long;
using uint64_t = unsigned long long;
#define TVDR_INLINE __forceinline__
#define TVDR_INLINE_LAMBDA
#else
#include <cmath>
#include <cstdint>
#include <cstring>
// What a cloned function calls must become part of it; see core/clones.hpp.
#define TVDR_INLINE inline __attribute__((always_inline))
#define TVDR_INLINE_LAMBDA __attribute__((always_inline))
#endif

namespace tvdr {

// a * b + c, rounded once.
TVDR_INLINE double fused(double a, double b, double c) {
#ifdef __CUDACC_RTC__
  return ::fma(a, b, c);
#else
  return std::fma(a, b, c);
#endif
}

// The first of two equal ones, and the first where one is not a number.
template <typename T>
TVDR_INLINE T lesser(T a, T b) {
  return b < a ? b : a;
}
template <typename T>
TVDR_INLINE T greater(T a, T b) {
  return a < b ? b : a;
}
template <typename T>
TVDR_INLINE T least(T a, T b, T c) {
  return lesser(lesser(a, b), c);
}
template <typename T>
TVDR_INLINE T greatest(T a, T b, T c) {
  return greater(greater(a, b), c);
}
template <typename T>
TVDR_INLINE T clamped(T x, T low, T high) {
  return x < low ? low : (high < x ? high : x);
}

template <typename T>
TVDR_INLINE bool is_finite(T x) {
  return x - x == 0;
}

TVDR_INLINE double absolute(double x) {
#ifdef __CUDACC_RTC__
  return ::fabs(x);
#else
  return std::abs(x);
#endif
}

TVDR_INLINE float root(float x) {
#ifdef __CUDACC_RTC__
  return ::sqrtf(x);
#else
  return std::sqrt(x);
#endif
}
TVDR_INLINE double root(double x) {
#ifdef __CUDACC_RTC__
  return ::sqrt(x);
#else
  return std::sqrt(x);
#endif
}

// x^y; here alone the library's bits are its own, and a GPU's may differ in the last place.
TVDR_INLINE double raised(double x, double y) {
#ifdef __CUDACC_RTC__
  return ::pow(x, y);
#else
  return std::pow(x, y);
#endif
}

TVDR_INLINE double infinity() {
#ifdef __CUDACC_RTC__
  return __longlong_as_double(0x7ff0000000000000);
#else
  return __builtin_huge_val();
#endif
}

// A float's bits, and back.
TVDR_INLINE int32_t bits_of(float x) {
#ifdef __CUDACC_RTC__
  return __float_as_int(x);
#else
  int32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
#endif
}
TVDR_INLINE float of_bits(int32_t bits) {
#ifdef __CUDACC_RTC__
  return __int_as_float(bits);
#else
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
#endif
}

}  // namespace tvdr
