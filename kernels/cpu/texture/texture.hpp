// texture: filtered look-ups in 2D textures and cube maps, and the halving that makes a mip level of the one before.
#pragma once

#include <cstdint>
#include <vector>

#include "portable/geometry.hpp"

namespace tvdr {

// In the order of the names in tvdrnet_nv/ops/texture.py.
enum class Filter { nearest, linear, linear_mipmap_nearest, linear_mipmap_linear };
enum class Boundary { wrap, clamp, zero, cube };

template <typename T>
struct TextureLevel {
  const T* texels;  // [textures, faces, height, width, channels]
  int64_t height, width;
};

template <typename T>
struct TextureInputs {
  Image image;
  std::vector<TextureLevel<T>> levels;  // the base first; as many as may be used
  int64_t textures;                     // 1, for all images, or one for each
  int64_t faces;                        // 6 of a cube map, else 1
  int64_t channels;
  const T* uv;     // [B, H, W, 2 or 3]
  const T* uv_da;  // [B, H, W, 4 or 6], or null
  const T* bias;   // [B, H, W], or null
  Filter filter;
  Boundary boundary;
  int threads;
};

// Each may be null. The levels' are zeroed by the caller and added to; the others are wholly written.
template <typename T>
struct TextureGradients {
  std::vector<T*> levels;
  T* uv;
  T* uv_da;
  T* bias;
};

// out is [B, H, W, channels].
template <typename T>
void texture_forward(const TextureInputs<T>& in, T* out);

template <typename T>
void texture_backward(const TextureInputs<T>& in, const T* grad_out, const TextureGradients<T>& grads);

// `images` pictures of height x width; a side of 1 stays 1, any other is even.
struct Halving {
  int64_t images, height, width, channels;
  int threads;
};

template <typename T>
void texture_halve(const Halving& size, const T* full, T* half);

template <typename T>
void texture_halve_backward(const Halving& size, const T* grad_half, T* grad_full);

}  // namespace tvdr
