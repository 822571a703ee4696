// The Python module's part for cameras; see module.cpp.
//
// Tensors come as addresses; see addresses.hpp. The callers, orbit_view and clip_matrices in tvdrnet_nv.ops and
// orbit_steps in tvdrnet_nv.optimization.steps, see to shapes, dtypes and that memory is contiguous.
#include "camera/cameras.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>

#include <array>
#include <cstdint>

#include "bindings/addresses.hpp"
#include "optim/orbit_steps.hpp"

namespace nb = nanobind;

namespace tvdr {
namespace {

template <typename T>
Orbits<T> orbits(int64_t count, const WorldAxes& axes, const Addresses<5>& a) {
  return {count, axes, at<T>(a[0]), at<T>(a[1]), at<T>(a[2]), at<T>(a[3]), at<T>(a[4])};
}
template <typename T>
Views<T> views(const Addresses<3>& a) {
  return {at<T>(a[0]), at<T>(a[1]), at<T>(a[2])};
}
template <typename T>
OrbitChange<T> orbit_change(const Addresses<5>& a) {
  return {at<T>(a[0]), at<T>(a[1]), at<T>(a[2]), at<T>(a[3]), at<T>(a[4])};
}
template <typename T>
Pinholes<T> pinholes(int64_t count, const std::array<double, 4>& scales, const Addresses<4>& a) {
  return {count, at<T>(a[0]), at<T>(a[1]), at<T>(a[2]), at<T>(a[3]), scales[0], scales[1], scales[2], scales[3]};
}
template <typename T>
PinholeChange<T> pinhole_change(const Addresses<4>& a) {
  return {at<T>(a[0]), at<T>(a[1]), at<T>(a[2]), at<T>(a[3])};
}

template <typename T>
struct CameraOps {};

template <typename T>
void bind(nb::module_& m, const char* name) {
  nb::class_<CameraOps<T>>(m, name)
      .def_static(
          "orbit_view",
          [](int64_t count, const WorldAxes& axes, const Addresses<5>& orbit, const Addresses<3>& out) {
            orbit_view(orbits<T>(count, axes, orbit), views<T>(out));
          },
          nb::arg("count"), nb::arg("axes"), nb::arg("orbit"), nb::arg("out"))
      .def_static(
          "orbit_view_backward",
          [](int64_t count, const WorldAxes& axes, const Addresses<5>& orbit, const Addresses<3>& grad,
             const Addresses<5>& out) {
            orbit_view_backward(orbits<T>(count, axes, orbit), views<const T>(grad), orbit_change<T>(out));
          },
          nb::arg("count"), nb::arg("axes"), nb::arg("orbit"), nb::arg("grad"), nb::arg("out"))
      .def_static(
          "orbit_view_jvp",
          [](int64_t count, const WorldAxes& axes, const Addresses<5>& orbit, const Addresses<5>& tangent,
             const Addresses<3>& out) {
            orbit_view_jvp(orbits<T>(count, axes, orbit), orbit_change<const T>(tangent), views<T>(out));
          },
          nb::arg("count"), nb::arg("axes"), nb::arg("orbit"), nb::arg("tangent"), nb::arg("out"))
      .def_static(
          "orbit_move",
          [](int64_t count, int64_t parameters, double radius, const Addresses<5>& orbit, uintptr_t step,
             const Addresses<5>& out, uintptr_t slope) {
            orbit_move(orbits<T>(count, kYUp, orbit), {at<const T>(step), parameters}, radius, orbit_change<T>(out),
                       at<T>(slope));
          },
          nb::arg("count"), nb::arg("parameters"), nb::arg("radius"), nb::arg("orbit"), nb::arg("step"), nb::arg("out"),
          nb::arg("slope"))
      .def_static(
          "orbit_move_backward",
          [](int64_t count, int64_t parameters, const Addresses<5>& grad, uintptr_t slope, uintptr_t out) {
            orbit_move_backward(count, parameters, orbit_change<const T>(grad), at<const T>(slope), at<T>(out));
          },
          nb::arg("count"), nb::arg("parameters"), nb::arg("grad"), nb::arg("slope"), nb::arg("out"))
      .def_static(
          "orbit_limited",
          [](int64_t count, int64_t parameters, const std::array<bool, 5>& moves, const Addresses<5>& orbit,
             const Addresses<4>& step_low_high_out) {
            const auto& [step, low, high, out] = step_low_high_out;
            orbit_limited(orbits<T>(count, kYUp, orbit), {at<const T>(step), parameters}, moves, at<const T>(low),
                          at<const T>(high), at<T>(out));
          },
          nb::arg("count"), nb::arg("parameters"), nb::arg("moves"), nb::arg("orbit"), nb::arg("step_low_high_out"))
      .def_static(
          "clip_matrices",
          [](int64_t count, const std::array<double, 4>& scales, const Addresses<4>& camera, const Addresses<2>& out) {
            clip_matrices(pinholes<T>(count, scales, camera), at<T>(out[0]), at<T>(out[1]));
          },
          nb::arg("count"), nb::arg("scales"), nb::arg("camera"), nb::arg("out"))
      .def_static(
          "clip_matrices_backward",
          [](int64_t count, const std::array<double, 4>& scales, const Addresses<4>& camera, const Addresses<2>& grad,
             const Addresses<4>& out) {
            clip_matrices_backward(pinholes<T>(count, scales, camera), at<const T>(grad[0]), at<const T>(grad[1]),
                                   pinhole_change<T>(out));
          },
          nb::arg("count"), nb::arg("scales"), nb::arg("camera"), nb::arg("grad"), nb::arg("out"))
      .def_static(
          "clip_matrices_jvp",
          [](int64_t count, const std::array<double, 4>& scales, const Addresses<4>& camera,
             const Addresses<4>& tangent, const Addresses<2>& out) {
            clip_matrices_jvp(pinholes<T>(count, scales, camera), pinhole_change<const T>(tangent), at<T>(out[0]),
                              at<T>(out[1]));
          },
          nb::arg("count"), nb::arg("scales"), nb::arg("camera"), nb::arg("tangent"), nb::arg("out"));
}

}  // namespace

void bind_cameras(nb::module_& m) {
  bind<float>(m, "CameraOps32");
  bind<double>(m, "CameraOps64");
}

}  // namespace tvdr
