// The Python module's part for shade; see module.cpp.
#include "shade/shade.hpp"

#include "bindings/arrays.hpp"
#include "bindings/phong.hpp"

namespace tvdr {
namespace {

// Vertex attributes.
template <typename T>
using Surface = Array<const T, nb::shape<-1, 9>>;

template <typename T>
ShadeInputs<T> shade_inputs(const Surface<T>& attributes, const Pixels<const T>& rast, const Faces& tri,
                            const Points<const T>& eye, const std::vector<double>& phong, int threads) {
  return {image_of(rast), attributes.data(), rast.data(), tri.data(), eye.data(), phong_parameters(phong), threads};
}

template <typename T>
void bind(nb::module_& m) {
  m.def(
      "shade",
      [](Surface<T> attributes, Pixels<const T> rast, Faces tri, Points<const T> eye, std::vector<double> phong,
         Pixels<T> out,
         int threads) { shade_forward(shade_inputs<T>(attributes, rast, tri, eye, phong, threads), out.data()); },
      nb::arg("attributes"), nb::arg("rast"), nb::arg("tri"), nb::arg("eye"), nb::arg("phong"), nb::arg("out"),
      nb::arg("threads"), Release());
  m.def(
      "shade_backward",
      [](Surface<T> attributes, Pixels<const T> rast, Faces tri, Points<const T> eye, std::vector<double> phong,
         Pixels<const T> grad_out, Pixels<T> rast_grad, Points<T> eye_grad, int threads) {
        shade_backward(shade_inputs<T>(attributes, rast, tri, eye, phong, threads), grad_out.data(), rast_grad.data(),
                       eye_grad.data());
      },
      nb::arg("attributes"), nb::arg("rast"), nb::arg("tri"), nb::arg("eye"), nb::arg("phong"), nb::arg("grad_out"),
      nb::arg("rast_grad"), nb::arg("eye_grad"), nb::arg("threads"), Release());
  m.def(
      "shade_jvp",
      [](Surface<T> attributes, Pixels<const T> rast, Faces tri, Points<const T> eye, std::vector<double> phong,
         std::optional<Pixels<const T>> rast_tangent, std::optional<Points<const T>> eye_tangent, Pixels<T> out_tangent,
         int threads) {
        shade_jvp(shade_inputs<T>(attributes, rast, tri, eye, phong, threads), data(rast_tangent), data(eye_tangent),
                  out_tangent.data());
      },
      nb::arg("attributes"), nb::arg("rast"), nb::arg("tri"), nb::arg("eye"), nb::arg("phong"),
      nb::arg("rast_tangent").none(), nb::arg("eye_tangent").none(), nb::arg("out_tangent"), nb::arg("threads"),
      Release());
}

}  // namespace

void bind_shade(nb::module_& m) {
  bind<float>(m);
  bind<double>(m);
}

}  // namespace tvdr
