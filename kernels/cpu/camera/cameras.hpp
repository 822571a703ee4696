// From a camera's few numbers to its matrices, with derivatives both ways: each in one call, as an optimisation's step
// has no time for a hundred small ones. All is computed in double.
#pragma once

#include <array>
#include <cstdint>

namespace tvdr {

// Which axes of a world with y up the world's x, y and z are: 1 to 3, negative for the opposite direction.
using WorldAxes = std::array<int, 3>;
inline constexpr WorldAxes kYUp{1, 2, 3};

// Cameras on orbits about a pole, as tvdrnet_nv.camera.Orbit has them. Null pointers of outputs are not written.
template <typename T>
struct Orbits {
  int64_t count;
  WorldAxes axes;
  const T *distance, *elevation, *azimuth, *fov;  // [K], degrees
  const T* at;                                    // [K, 3]
};

// A view: world to the view's axes left, up, forward (x_view = x R + T), and the focal lengths in half shorter sides.
template <typename T>
struct Views {
  T* rotation;     // [K, 3, 3]
  T* translation;  // [K, 3]
  T* focal;        // [K, 2]
};

// What is shaped like an orbit: its gradient, or a tangent of it.
template <typename T>
struct OrbitChange {
  T *distance, *elevation, *azimuth, *fov, *at;
};

template <typename T>
void orbit_view(const Orbits<T>& orbits, const Views<T>& out);
template <typename T>
void orbit_view_backward(const Orbits<T>& orbits, const Views<const T>& grad, const OrbitChange<T>& out);
template <typename T>
void orbit_view_jvp(const Orbits<T>& orbits, const OrbitChange<const T>& tangent, const Views<T>& out);

// Pinhole cameras, as tvdrnet_nv.camera.Camera has them.
template <typename T>
struct Pinholes {
  int64_t count;
  const T *rotation, *translation, *focal, *principal;  // [B, 3, 3], [B, 3], [B, 2], [B, 2]
  double scale_x, scale_y;                              // half shorter sides to clip units
  double depth_factor, depth_offset;                    // clip z = factor depth + offset
};

template <typename T>
struct PinholeChange {
  T *rotation, *translation, *focal, *principal;
};

// to_clip is [B, 4, 4], world to clip space, column vectors; eye is [B, 3], where the cameras stand.
template <typename T>
void clip_matrices(const Pinholes<T>& cameras, T* to_clip, T* eye);
template <typename T>
void clip_matrices_backward(const Pinholes<T>& cameras, const T* to_clip_grad, const T* eye_grad,
                            const PinholeChange<T>& out);
template <typename T>
void clip_matrices_jvp(const Pinholes<T>& cameras, const PinholeChange<const T>& tangent, T* to_clip, T* eye);

}  // namespace tvdr
