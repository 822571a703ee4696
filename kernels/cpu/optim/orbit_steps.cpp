#include "optim/orbit_steps.hpp"

#include <cmath>
#include <numbers>

namespace tvdr {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

enum Field { kDistance, kElevation, kAzimuth, kFov, kAt };
constexpr int64_t kWidth[] = {1, 1, 1, 1, 3};

template <typename T>
std::array<const T*, 5> fields_of(const Orbits<T>& o) {
  return {o.distance, o.elevation, o.azimuth, o.fov, o.at};
}
template <typename T>
std::array<T*, 5> fields_of(const OrbitChange<T>& o) {
  return {o.distance, o.elevation, o.azimuth, o.fov, o.at};
}

// Calls body(field, place in its tensor, place in [K, P]) for each number of a step.
template <typename F>
void for_each_number(int64_t count, int64_t parameters, const std::array<bool, 5>& moves, F&& body) {
  for (int64_t k = 0; k < count; ++k) {
    int64_t p = k * parameters;
    for (int field = 0; field < 5; ++field)
      for (int64_t i = 0; moves[field] && i < kWidth[field]; ++i) body(field, k * kWidth[field] + i, p++);
  }
}

template <typename T>
std::array<bool, 5> moves_of(const OrbitChange<T>& change) {
  std::array<bool, 5> moves;
  for (int field = 0; field < 5; ++field) moves[field] = fields_of(change)[field] != nullptr;
  return moves;
}

struct Moved {
  double value, slope;
};

Moved moved(int field, double now, double step, double radius) {
  switch (field) {
    case kDistance: {
      const double value = now * std::exp(step);
      return {value, value};
    }
    case kFov: {
      const double tangent = std::tan(0.5 * kDegree * now) * std::exp(step);
      return {2 / kDegree * std::atan(tangent), 2 / kDegree * tangent / (1 + tangent * tangent)};
    }
    case kAt:
      return {now + radius * step, radius};
    default:
      return {now + step / kDegree, 1 / kDegree};
  }
}

// Where a step begins, in its own terms; the look-at point has no limits.
double place(int field, double now) {
  switch (field) {
    case kDistance:
      return std::log(now);
    case kFov:
      return std::log(std::tan(0.5 * kDegree * now));
    case kElevation:
      return kDegree * now;
    default:
      return 0;
  }
}

}  // namespace

template <typename T>
void orbit_move(const Orbits<T>& orbits, const OrbitSteps<T>& steps, double radius, const OrbitChange<T>& out,
                T* slope) {
  const auto from = fields_of(orbits);
  const auto to = fields_of(out);
  for_each_number(orbits.count, steps.parameters, moves_of(out), [&](int field, int64_t i, int64_t p) {
    const Moved m = moved(field, static_cast<double>(from[field][i]), static_cast<double>(steps.step[p]), radius);
    to[field][i] = static_cast<T>(m.value);
    slope[p] = static_cast<T>(m.slope);
  });
}

template <typename T>
void orbit_move_backward(int64_t count, int64_t parameters, const OrbitChange<const T>& grad, const T* slope,
                         T* step_grad) {
  const auto from = fields_of(grad);
  for_each_number(count, parameters, moves_of(grad),
                  [&](int field, int64_t i, int64_t p) { step_grad[p] = from[field][i] * slope[p]; });
}

template <typename T>
void orbit_limited(const Orbits<T>& orbits, const OrbitSteps<T>& steps, const std::array<bool, 5>& moves, const T* low,
                   const T* high, T* out) {
  const auto from = fields_of(orbits);
  for_each_number(orbits.count, steps.parameters, moves, [&](int field, int64_t i, int64_t p) {
    const T here = static_cast<T>(place(field, static_cast<double>(from[field][i])));
    const T least = low[p % steps.parameters] - here, most = high[p % steps.parameters] - here;
    const T step = steps.step[p] < least ? least : steps.step[p];  // what is not a number stays so
    out[p] = step > most ? most : step;
  });
}

#define TVDR_INSTANTIATE(T)                                                                                           \
  template void orbit_move(const Orbits<T>&, const OrbitSteps<T>&, double, const OrbitChange<T>&, T*);                \
  template void orbit_move_backward(int64_t, int64_t, const OrbitChange<const T>&, const T*, T*);                     \
  template void orbit_limited(const Orbits<T>&, const OrbitSteps<T>&, const std::array<bool, 5>&, const T*, const T*, \
                              T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
