// The Python module's part for the GPU's kernels run on the CPU; see module.cpp.
#include "bindings/arrays.hpp"
#include "emulated/kernels.hpp"

namespace tvdr {

void bind_emulated(nb::module_& m) {
  m.def(
      "emulate",
      [](const char* kernel, nb::bytes job, int64_t blocks, int64_t lanes, int threads) {
        const void* bytes = job.data();
        const size_t size = job.size();
        nb::gil_scoped_release release;
        emulate(kernel, bytes, size, {blocks, lanes}, threads);
      },
      nb::arg("kernel"), nb::arg("job"), nb::arg("blocks"), nb::arg("lanes"), nb::arg("threads"));
}

}  // namespace tvdr
