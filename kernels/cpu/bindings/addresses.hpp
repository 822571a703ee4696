// Tensors as addresses, in bindings of ops that are called with a few numbers: taking a tensor in through DLPack costs
// more than all that is done with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tvdr {

template <size_t N>
using Addresses = std::array<uintptr_t, N>;

template <typename T>
T* at(uintptr_t address) {
  return reinterpret_cast<T*>(address);
}

}  // namespace tvdr
