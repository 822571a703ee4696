// The Python module's part for interpolate; see module.cpp.
#include "shade/interpolate.hpp"

#include "bindings/arrays.hpp"

namespace tvdr {
namespace {

template <typename T>
InterpolateInputs<T> interpolate_inputs(const Attributes<const T>& attr, const Pixels<const T>& rast, const Faces& tri,
                                        const std::optional<Pixels<const T>>& rast_db,
                                        const std::vector<int32_t>& diff_attrs, int threads) {
  return {image_of(rast),
          attr.data(),
          batch_stride(attr),
          static_cast<int64_t>(attr.shape(1)),
          static_cast<int64_t>(attr.shape(2)),
          tri.data(),
          rast.data(),
          data(rast_db),
          &diff_attrs,
          threads};
}

template <typename T>
void bind(nb::module_& m) {
  m.def(
      "interpolate",
      [](Attributes<const T> attr, Pixels<const T> rast, Faces tri, std::optional<Pixels<const T>> rast_db,
         std::vector<int32_t> diff_attrs, Channels<T> out, std::optional<Channels<T>> out_da, int threads) {
        const auto in = interpolate_inputs<T>(attr, rast, tri, rast_db, diff_attrs, threads);
        interpolate_forward(in, out.data(), data(out_da));
      },
      nb::arg("attr"), nb::arg("rast"), nb::arg("tri"), nb::arg("rast_db").none(), nb::arg("diff_attrs"),
      nb::arg("out"), nb::arg("out_da").none(), nb::arg("threads"), Release());
  m.def(
      "interpolate_backward",
      [](Attributes<const T> attr, Pixels<const T> rast, Faces tri, std::optional<Pixels<const T>> rast_db,
         std::vector<int32_t> diff_attrs, Channels<const T> grad_out, std::optional<Channels<const T>> grad_da,
         std::optional<Attributes<T>> attr_grad, std::optional<Pixels<T>> rast_grad,
         std::optional<Pixels<T>> rast_db_grad, int threads) {
        const auto in = interpolate_inputs<T>(attr, rast, tri, rast_db, diff_attrs, threads);
        interpolate_backward(in, grad_out.data(), data(grad_da), data(attr_grad), data(rast_grad), data(rast_db_grad));
      },
      nb::arg("attr"), nb::arg("rast"), nb::arg("tri"), nb::arg("rast_db").none(), nb::arg("diff_attrs"),
      nb::arg("grad_out"), nb::arg("grad_da").none(), nb::arg("attr_grad").none(), nb::arg("rast_grad").none(),
      nb::arg("rast_db_grad").none(), nb::arg("threads"), Release());
}

}  // namespace

void bind_interpolate(nb::module_& m) {
  bind<float>(m);
  bind<double>(m);
}

}  // namespace tvdr
