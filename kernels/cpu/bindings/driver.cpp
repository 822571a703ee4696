// The Python module's part for NVIDIA's driver and compiler; see module.cpp.
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>

#include "bindings/arrays.hpp"
#include "driver/cuda_driver.hpp"
#include "driver/nvrtc.hpp"

namespace tvdr {
namespace {

nb::bytes bytes(const std::string& text) { return nb::bytes(text.data(), text.size()); }

}  // namespace

void bind_driver(nb::module_& m) {
  nb::class_<CudaDriver>(m, "CudaDriver")
      .def(nb::init<const std::string&>(), nb::arg("path"))
      .def("version", &CudaDriver::version)
      .def("attribute", &CudaDriver::attribute, nb::arg("device"), nb::arg("which"))
      .def(
          "load",
          [](CudaDriver& driver, int device, nb::bytes image) {
            const char* data = image.c_str();  // ends with a zero
            nb::gil_scoped_release release;
            return driver.load(device, data);
          },
          nb::arg("device"), nb::arg("image"))
      .def(
          "function",
          [](CudaDriver& driver, int device, uint64_t module, const char* name) {
            return driver.function(device, module, name);
          },
          nb::arg("device"), nb::arg("module"), nb::arg("name"))
      .def(
          "launch",
          [](CudaDriver& driver, int device, const std::vector<uint64_t>& functions, uint32_t blocks, uint32_t lanes,
             uint64_t stream, nb::bytes job) {
            const std::string_view view(static_cast<const char*>(job.data()), job.size());
            nb::gil_scoped_release release;
            driver.launch(device, functions, blocks, lanes, stream, view);
          },
          nb::arg("device"), nb::arg("functions"), nb::arg("blocks"), nb::arg("lanes"), nb::arg("stream"),
          nb::arg("job"));
  nb::class_<Nvrtc>(m, "Nvrtc")
      .def(nb::init<const std::string&>(), nb::arg("path"))
      .def("version", &Nvrtc::version)
      .def("architectures", &Nvrtc::architectures)
      .def(
          "compile",
          [](const Nvrtc& nvrtc, const std::string& name, const std::string& source,
             const std::map<std::string, std::string>& headers, const std::vector<std::string>& options,
             bool machine_code) {
            std::string made;
            {
              nb::gil_scoped_release release;
              made = nvrtc.compile(name, source, headers, options, machine_code);
            }
            return bytes(made);
          },
          nb::arg("name"), nb::arg("source"), nb::arg("headers"), nb::arg("options"), nb::arg("machine_code"));
}

}  // namespace tvdr
