// Steps of orbits, as tvdrnet_nv.optimization.orbit_coordinates has them: of log distance, elevation and azimuth in
// radians, log tan(fov / 2), and the look-at point in radii.
#pragma once

#include <array>
#include <cstdint>

#include "camera/cameras.hpp"

namespace tvdr {

// A step [K, P] has a column for each field that moves, three for the look-at point, in the fields' order. Fields whose
// pointer in an OrbitChange is null stay.
template <typename T>
struct OrbitSteps {
  const T* step;
  int64_t parameters;
};

// Where steps lead, and the derivatives of that by them, slope [K, P].
template <typename T>
void orbit_move(const Orbits<T>& orbits, const OrbitSteps<T>& steps, double radius, const OrbitChange<T>& out,
                T* slope);
// step_grad [K, P] of the moved fields' gradients.
template <typename T>
void orbit_move_backward(int64_t count, int64_t parameters, const OrbitChange<const T>& grad, const T* slope,
                         T* step_grad);
// Steps cut where they would lead beyond low and high, [P], in the step's own terms.
template <typename T>
void orbit_limited(const Orbits<T>& orbits, const OrbitSteps<T>& steps, const std::array<bool, 5>& moves, const T* low,
                   const T* high, T* out);

}  // namespace tvdr
