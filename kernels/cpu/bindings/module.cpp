// The Python module: array types and pointers only, the mathematics stands elsewhere. Each op has a file here. Shapes
// that depend on each other are checked by the callers, tvdrnet_nv.ops and tvdrnet_nv.optimization.steps.
#include <algorithm>

#include "bindings/arrays.hpp"

namespace tvdr {

// Each stands in the file of its name.
void bind_antialias(nb::module_& m);
void bind_cameras(nb::module_& m);
void bind_descent(nb::module_& m);
void bind_driver(nb::module_& m);
void bind_emulated(nb::module_& m);
void bind_interpolate(nb::module_& m);
void bind_losses(nb::module_& m);
void bind_memory(nb::module_& m);
void bind_mlp(nb::module_& m);
void bind_rasterize(nb::module_& m);
void bind_render(nb::module_& m);
void bind_shade(nb::module_& m);
void bind_texture(nb::module_& m);

}  // namespace tvdr

NB_MODULE(_cpu, m) {
  using namespace tvdr;
  nb::set_leak_warnings(false);  // a scene that lives as long as the interpreter is no leak
  m.doc() = "CPU kernels of the op contract. Called by tvdrnet_nv.ops, which checks the arguments.";
  m.def(
      "index_range",
      [](Array<const int32_t, nb::shape<-1, 3>> tri) {
        int32_t low = 0, high = -1;
        for (size_t i = 0; i < tri.size(); ++i) {
          low = std::min(low, tri.data()[i]);
          high = std::max(high, tri.data()[i]);
        }
        return std::pair{low, high};
      },
      nb::arg("tri"), Release());
  bind_antialias(m);
  bind_cameras(m);
  bind_descent(m);
  bind_driver(m);
  bind_emulated(m);
  bind_interpolate(m);
  bind_losses(m);
  bind_memory(m);
  bind_mlp(m);
  bind_rasterize(m);
  bind_render(m);
  bind_shade(m);
  bind_texture(m);
}
