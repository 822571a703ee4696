// The kernels of kernels/cuda/*.cu by their names, on the CPU.
#pragma once

#include <cstddef>
#include <string_view>

#include "emulated/launch.hpp"

namespace tvdr {

// Runs one on a grid. The job is its struct's bytes, as a GPU is given it. Throws std::invalid_argument where there is
// no such kernel, or its struct has another size.
void emulate(std::string_view kernel, const void* job, size_t size, const Grid& grid, int threads);

}  // namespace tvdr
