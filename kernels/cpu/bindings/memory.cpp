// The Python module's part for tensors in memory that is used again; see module.cpp.
#include "bindings/arrays.hpp"
#include "core/block_pool.hpp"

namespace tvdr {
namespace {

// A tensor in a recycled block, not initialised.
template <typename T>
nb::ndarray<nb::pytorch, T> recycled(const std::vector<size_t>& shape) {
  struct Block {
    void* memory;
    size_t bytes;
  };
  auto* block = new Block{nullptr, sizeof(T)};
  for (const size_t size : shape) block->bytes *= size;
  nb::capsule owner(block, [](void* p) noexcept {
    auto* done = static_cast<Block*>(p);
    if (done->memory) BlockPool::instance().give(done->memory, done->bytes);
    delete done;
  });
  block->memory = BlockPool::instance().take(block->bytes);
  return nb::ndarray<nb::pytorch, T>(static_cast<T*>(block->memory), shape.size(), shape.data(), owner);
}

}  // namespace

void bind_memory(nb::module_& m) {
  m.def("recycled32", &recycled<float>, nb::arg("shape"));
  m.def("recycled64", &recycled<double>, nb::arg("shape"));
  m.def("recycled8", &recycled<uint8_t>, nb::arg("shape"));
}

}  // namespace tvdr
