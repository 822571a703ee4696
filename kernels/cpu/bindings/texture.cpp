// The Python module's part for texture; see module.cpp.
#include "texture/texture.hpp"

#include "bindings/arrays.hpp"

namespace tvdr {
namespace {

template <typename T>
using Texels = Array<T, nb::shape<-1, -1, -1, -1, -1>>;  // [textures, faces, height, width, channels]
template <typename T>
using Plane = Array<T, nb::shape<-1, -1, -1>>;  // [B, H, W]

template <typename T>
TextureInputs<T> texture_inputs(const std::vector<Texels<const T>>& levels, const Channels<const T>& uv,
                                const std::optional<Channels<const T>>& uv_da,
                                const std::optional<Plane<const T>>& bias, int filter, int boundary, int threads) {
  if (levels.empty()) throw nb::value_error("levels: wanted the base texture at least");
  TextureInputs<T> in{
      {static_cast<int64_t>(uv.shape(0)), static_cast<int64_t>(uv.shape(1)), static_cast<int64_t>(uv.shape(2))},
      {},
      static_cast<int64_t>(levels[0].shape(0)),
      static_cast<int64_t>(levels[0].shape(1)),
      static_cast<int64_t>(levels[0].shape(4)),
      uv.data(),
      data(uv_da),
      data(bias),
      static_cast<Filter>(filter),
      static_cast<Boundary>(boundary),
      threads};
  for (const auto& level : levels)
    in.levels.push_back({level.data(), static_cast<int64_t>(level.shape(2)), static_cast<int64_t>(level.shape(3))});
  return in;
}

// [images, height, width, channels] of the larger of two levels.
template <typename A>
Halving halving_of(const A& full, int threads) {
  return {static_cast<int64_t>(full.shape(0) * full.shape(1)), static_cast<int64_t>(full.shape(2)),
          static_cast<int64_t>(full.shape(3)), static_cast<int64_t>(full.shape(4)), threads};
}

template <typename T>
void bind_for(nb::module_& m) {
  m.def(
      "texture",
      [](std::vector<Texels<const T>> levels, Channels<const T> uv, std::optional<Channels<const T>> uv_da,
         std::optional<Plane<const T>> bias, int filter, int boundary, Channels<T> out, int threads) {
        texture_forward(texture_inputs<T>(levels, uv, uv_da, bias, filter, boundary, threads), out.data());
      },
      nb::arg("levels"), nb::arg("uv"), nb::arg("uv_da").none(), nb::arg("bias").none(), nb::arg("filter"),
      nb::arg("boundary"), nb::arg("out"), nb::arg("threads"), Release());
  m.def(
      "texture_backward",
      [](std::vector<Texels<const T>> levels, Channels<const T> uv, std::optional<Channels<const T>> uv_da,
         std::optional<Plane<const T>> bias, int filter, int boundary, Channels<const T> grad_out,
         std::vector<std::optional<Texels<T>>> level_grads, std::optional<Channels<T>> uv_grad,
         std::optional<Channels<T>> uv_da_grad, std::optional<Plane<T>> bias_grad, int threads) {
        TextureGradients<T> grads{{}, data(uv_grad), data(uv_da_grad), data(bias_grad)};
        for (const auto& level : level_grads) grads.levels.push_back(data(level));
        texture_backward(texture_inputs<T>(levels, uv, uv_da, bias, filter, boundary, threads), grad_out.data(), grads);
      },
      nb::arg("levels"), nb::arg("uv"), nb::arg("uv_da").none(), nb::arg("bias").none(), nb::arg("filter"),
      nb::arg("boundary"), nb::arg("grad_out"), nb::arg("level_grads"), nb::arg("uv_grad").none(),
      nb::arg("uv_da_grad").none(), nb::arg("bias_grad").none(), nb::arg("threads"), Release());
  m.def(
      "texture_halve",
      [](Texels<const T> full, Texels<T> half, int threads) {
        texture_halve(halving_of(full, threads), full.data(), half.data());
      },
      nb::arg("full"), nb::arg("half"), nb::arg("threads"), Release());
  m.def(
      "texture_halve_backward",
      [](Texels<const T> grad_half, Texels<T> grad_full, int threads) {
        texture_halve_backward(halving_of(grad_full, threads), grad_half.data(), grad_full.data());
      },
      nb::arg("grad_half"), nb::arg("grad_full"), nb::arg("threads"), Release());
}

}  // namespace

void bind_texture(nb::module_& m) {
  bind_for<float>(m);
  bind_for<double>(m);
}

}  // namespace tvdr
