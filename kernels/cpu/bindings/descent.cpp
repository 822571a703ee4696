// The Python module's part for gradient descent; see module.cpp.
//
// Tensors come as addresses; see addresses.hpp. Only tvdrnet_nv.optimization.steps.descent calls these, which
// sees to dtypes and that memory is contiguous.
#include "optim/descent.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>

#include <array>
#include <cstdint>

#include "bindings/addresses.hpp"

namespace nb = nanobind;

namespace tvdr {
namespace {

using Release = nb::call_guard<nb::gil_scoped_release>;

template <typename T>
struct DescentOps {};

template <typename T>
void bind(nb::module_& m, const char* name) {
  nb::class_<DescentOps<T>>(m, name)
      .def_static(
          "gradient_masks",
          [](int64_t cameras, int64_t parameters, const Addresses<3>& a) {
            return gradient_masks(at<const T>(a[0]), cameras, parameters, at<bool>(a[1]), at<bool>(a[2]));
          },
          nb::arg("cameras"), nb::arg("parameters"), nb::arg("gradient_non_finite_has_gradient"))
      .def_static(
          "adam_update",
          [](int64_t count, const std::array<double, 5>& s, const Addresses<4>& a, int threads) {
            adam_update(AdamStep{s[0], s[1], s[2], s[3], s[4]}, count, at<const T>(a[0]), at<T>(a[1]), at<T>(a[2]),
                        at<T>(a[3]), threads);
          },
          nb::arg("count"), nb::arg("step"), nb::arg("gradient_parameter_mean_square"), nb::arg("threads"), Release());
}

}  // namespace

void bind_descent(nb::module_& m) {
  bind<float>(m, "DescentOps32");
  bind<double>(m, "DescentOps64");
}

}  // namespace tvdr
