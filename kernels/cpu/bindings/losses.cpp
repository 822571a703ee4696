// The Python module's part for the statistics of images and the losses made of them; see module.cpp.
#include "bindings/arrays.hpp"
#include "optim/statistics.hpp"

namespace tvdr {
namespace {

template <typename T>
void bind(nb::module_& m) {
  using Rows = Array<T, nb::shape<-1, 3>>;
  using ConstRows = Array<const T, nb::shape<-1, 3>>;
  using Target = Array<const T, nb::shape<-1, -1, 3>>;
  m.def(
      "image_statistics",
      [](Pixels<const T> image, Rows out, int threads) {
        statistics_forward<T>({image_of(image), image.data(), threads}, reinterpret_cast<T(*)[3]>(out.data()));
      },
      nb::arg("image"), nb::arg("out"), nb::arg("threads"), Release());
  m.def(
      "image_statistics_backward",
      [](Pixels<const T> image, ConstRows statistics, ConstRows grad_out, Pixels<T> grad, int threads) {
        statistics_backward<T>({image_of(image), image.data(), threads},
                               reinterpret_cast<const T(*)[3]>(statistics.data()),
                               reinterpret_cast<const T(*)[3]>(grad_out.data()), grad.data());
      },
      nb::arg("image"), nb::arg("statistics"), nb::arg("grad_out"), nb::arg("grad"), nb::arg("threads"), Release());
  m.def(
      "view_heuristic",
      [](Pixels<const T> image, Rows statistics, Array<T, nb::shape<-1>> loss, int threads) {
        view_heuristic_forward<T>({image_of(image), image.data(), threads},
                                  reinterpret_cast<T(*)[3]>(statistics.data()), loss.data());
      },
      nb::arg("image"), nb::arg("statistics"), nb::arg("loss"), nb::arg("threads"), Release());
  m.def(
      "view_heuristic_backward",
      [](Pixels<const T> image, ConstRows statistics, Array<const T, nb::shape<-1>> grad_out, Pixels<T> grad,
         int threads) {
        view_heuristic_backward<T>({image_of(image), image.data(), threads},
                                   reinterpret_cast<const T(*)[3]>(statistics.data()), grad_out.data(), grad.data());
      },
      nb::arg("image"), nb::arg("statistics"), nb::arg("grad_out"), nb::arg("grad"), nb::arg("threads"), Release());
  m.def(
      "squared_error",
      [](Pixels<const T> image, Target target, bool clip, Array<T, nb::shape<-1>> out, int threads) {
        squared_error_forward<T>({image_of(image), image.data(), threads}, target.data(), clip, out.data());
      },
      nb::arg("image"), nb::arg("target"), nb::arg("clip"), nb::arg("out"), nb::arg("threads"), Release());
  m.def(
      "squared_error_backward",
      [](Pixels<const T> image, Target target, bool clip, Array<const T, nb::shape<-1>> grad_out, Pixels<T> grad,
         int threads) {
        squared_error_backward<T>({image_of(image), image.data(), threads}, target.data(), clip, grad_out.data(),
                                  grad.data());
      },
      nb::arg("image"), nb::arg("target"), nb::arg("clip"), nb::arg("grad_out"), nb::arg("grad"), nb::arg("threads"),
      Release());
}

}  // namespace

void bind_losses(nb::module_& m) {
  bind<float>(m);
  bind<double>(m);
}

}  // namespace tvdr
