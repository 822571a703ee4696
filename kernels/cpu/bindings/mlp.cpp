// The Python module's part for the networks that adjust cameras; see module.cpp.
//
// Tensors come as addresses; see addresses.hpp. Only tvdrnet_nv.optimization.steps.adjust calls these, which
// sees to shapes, dtypes and that memory is contiguous.
#include "optim/mlp.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstdint>
#include <vector>

#include "bindings/addresses.hpp"

namespace nb = nanobind;

namespace tvdr {
namespace {

using Release = nb::call_guard<nb::gil_scoped_release>;

template <typename T>
Adjustment<T> adjustment(int64_t cameras, int64_t turn, const std::vector<int64_t>& widths, const Addresses<6>& a) {
  int64_t parameters = 0;
  for (const int64_t width : widths) parameters += width;
  if (parameters > kMlpMostParameters) throw nb::value_error("adjust: too many parameters");
  return {cameras, parameters, at<T>(a[0]), at<T>(a[1]), at<T>(a[2]), at<T>(a[3]), at<T>(a[4]), at<T>(a[5]), turn};
}

// Pointers to the parameters' tensors.
template <typename T>
struct Pointers {
  std::array<T*, kMlpMostParameters> data;
  Columns<T> columns;

  Pointers(const std::vector<int64_t>& widths, const std::vector<uintptr_t>& addresses)
      : columns{static_cast<int64_t>(widths.size()), widths.data(), data.data()} {
    if (addresses.size() != widths.size()) throw nb::value_error("adjust: one tensor for each parameter");
    for (size_t i = 0; i < addresses.size(); ++i) data[i] = at<T>(addresses[i]);
  }
};

template <typename T>
struct MlpOps {};

template <typename T>
void bind(nb::module_& m, const char* name) {
  nb::class_<MlpOps<T>>(m, name)
      .def_static(
          "adjust",
          [](int64_t cameras, int64_t turn, const std::vector<int64_t>& widths, const Addresses<6>& adjusted,
             uintptr_t kept, const std::vector<uintptr_t>& out, int threads) {
            const Pointers<T> pointers(widths, out);
            adjust(adjustment<T>(cameras, turn, widths, adjusted), at<T>(kept), pointers.columns, threads);
          },
          nb::arg("cameras"), nb::arg("turn"), nb::arg("widths"), nb::arg("adjustment"), nb::arg("kept"),
          nb::arg("out"), nb::arg("threads"), Release())
      .def_static(
          "adjust_backward",
          [](int64_t cameras, int64_t turn, const std::vector<int64_t>& widths, const Addresses<6>& adjusted,
             uintptr_t kept, const std::vector<uintptr_t>& grad, const Addresses<2>& out, int threads) {
            const Pointers<const T> pointers(widths, grad);
            adjust_backward(adjustment<T>(cameras, turn, widths, adjusted), at<const T>(kept), pointers.columns,
                            at<T>(out[0]), at<T>(out[1]), threads);
          },
          nb::arg("cameras"), nb::arg("turn"), nb::arg("widths"), nb::arg("adjustment"), nb::arg("kept"),
          nb::arg("grad"), nb::arg("values_grad_networks_grad"), nb::arg("threads"), Release());
}

}  // namespace

void bind_mlp(nb::module_& m) {
  m.def("mlp_numbers", &mlp_numbers, nb::arg("parameters"));
  m.def("mlp_kept", &mlp_kept, nb::arg("parameters"));
  bind<float>(m, "MlpOps32");
  bind<double>(m, "MlpOps64");
}

}  // namespace tvdr
