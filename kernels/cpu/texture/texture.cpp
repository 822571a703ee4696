#include "texture/texture.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/thread_pool.hpp"
#include "texture/texture_lookup.hpp"

namespace tvdr {
namespace {

template <typename T, typename F>
void for_each_pixel(const TextureInputs<T>& in, F&& body) {
  parallel_for(in.threads, in.image.batch * in.image.height, [&](int64_t row) {
    for (int64_t px = 0; px < in.image.width; ++px) body(row / in.image.height, row * in.image.width + px);
  });
}

// What a pixel takes of the levels it is blended from.
struct Blend {
  int level;
  double weight;
};

template <typename T>
int blend_of(const TextureInputs<T>& in, const LevelChoice& choice, Blend (&blend)[2]) {
  blend[0] = {choice.level, 1.0 - choice.fraction};
  blend[1] = {choice.level + 1, choice.fraction};
  return choice.fraction > 0 && choice.level + 1 < static_cast<int>(in.levels.size()) ? 2 : 1;
}

template <typename T>
void write_coordinate_gradients(const TextureInputs<T>& in, const T* grad_out, const TextureGradients<T>& grads) {
  const int dims = coordinates(in.boundary);
  for_each_pixel(in, [&](int64_t b, int64_t pixel) {
    const SurfacePoint point(in, pixel);
    double to_uv[3] = {}, to_da[6] = {}, to_bias = 0;
    if (point.valid) {
      const LevelChoice choice = choose_level(in, point, pixel);
      const T* g = grad_out + pixel * in.channels;
      const bool between = choice.moves && choice.level + 1 < static_cast<int>(in.levels.size());
      double value[2] = {}, ds = 0, dt = 0;
      for (int n = 0; n < (between ? 2 : 1); ++n) {
        const int level = choice.level + n;
        const double share = n ? choice.fraction : 1 - choice.fraction;
        const Quad quad = quad_of(in, point, b, level);
        for (int k = 0; k < quad.size; ++k) {
          if (quad.texel[k] < 0) continue;
          const T* texel = in.levels[level].texels + quad.texel[k] * in.channels;
          double along = 0;
          for (int64_t c = 0; c < in.channels; ++c) along += static_cast<double>(g[c]) * texel[c];
          value[n] += quad.weight[k] * along;
          ds += share * quad.ds[k] * along;
          dt += share * quad.dt[k] * along;
        }
      }
      const double to_level = between ? value[1] - value[0] : 0.0;
      point.pull_back(choice, ds, dt, to_level, to_uv, to_da);
      if (choice.biased) to_bias = to_level;
    }
    if (grads.uv)
      for (int i = 0; i < dims; ++i) grads.uv[dims * pixel + i] = static_cast<T>(to_uv[i]);
    if (grads.uv_da)
      for (int i = 0; i < 2 * dims; ++i) grads.uv_da[2 * dims * pixel + i] = static_cast<T>(to_da[i]);
    if (grads.bias) grads.bias[pixel] = static_cast<T>(to_bias);
  });
}

// Contributions to texels, sorted so that each texel's are added up in the order of the pixels whatever the number of
// threads: blocks of pixels sort theirs into buckets of texels; then each bucket goes through the blocks in order.
template <typename T>
class TexelScatter {
 public:
  TexelScatter(const TextureInputs<T>& in, const T* grad_out, const std::vector<T*>& grads)
      : in_(in),
        grad_out_(grad_out),
        grads_(grads),
        taps_(in.filter == Filter::nearest ? 1 : (in.filter == Filter::linear_mipmap_linear ? 8 : 4)) {
    const int64_t pixels = in.image.batch * in.image.pixels();
    const int64_t blocks = std::min(kBlocks, (pixels + kBlockPixels - 1) / kBlockPixels);
    found_.resize(blocks * kBlockPixels * taps_);
    sorted_.resize(found_.size());
    starts_.resize(blocks);
    for (int64_t from = 0; from < pixels; from += kBlocks * kBlockPixels) {
      const int64_t to = std::min(pixels, from + kBlocks * kBlockPixels);
      const int64_t used = (to - from + kBlockPixels - 1) / kBlockPixels;
      parallel_for(in.threads, used, [&](int64_t block) {
        const int64_t first = from + block * kBlockPixels;
        sort_block(block, first, std::min(to, first + kBlockPixels));
      });
      parallel_for(in.threads, kBuckets, [&](int64_t bucket) {
        for (int64_t block = 0; block < used; ++block) add_bucket(block, bucket);
      });
    }
  }

 private:
  static constexpr int64_t kBlockPixels = 1024, kBlocks = 32, kBuckets = 64;

  struct Contribution {
    int64_t texel, pixel;
    int32_t level;
    T weight;
    // Runs of texels, so that threads seldom write to one cache line.
    int64_t bucket() const { return ((texel >> 5) + level) % kBuckets; }
  };

  void sort_block(int64_t block, int64_t from, int64_t to) {
    Contribution* found = found_.data() + block * kBlockPixels * taps_;
    Contribution* sorted = sorted_.data() + block * kBlockPixels * taps_;
    auto& start = starts_[block];
    start.fill(0);
    int64_t count = 0;
    for (int64_t pixel = from; pixel < to; ++pixel) {
      const SurfacePoint point(in_, pixel);
      if (!point.valid) continue;
      Blend blend[2];
      const int levels = blend_of(in_, choose_level(in_, point, pixel), blend);
      for (int n = 0; n < levels; ++n) {
        if (!grads_[blend[n].level]) continue;
        const Quad quad = quad_of(in_, point, pixel / in_.image.pixels(), blend[n].level);
        for (int k = 0; k < quad.size; ++k) {
          if (quad.texel[k] < 0) continue;
          found[count] = {quad.texel[k], pixel, blend[n].level, static_cast<T>(blend[n].weight * quad.weight[k])};
          ++start[found[count++].bucket() + 1];
        }
      }
    }
    for (int64_t k = 0; k < kBuckets; ++k) start[k + 1] += start[k];
    auto next = start;
    for (int64_t i = 0; i < count; ++i) sorted[next[found[i].bucket()]++] = found[i];
  }

  void add_bucket(int64_t block, int64_t bucket) {
    const Contribution* sorted = sorted_.data() + block * kBlockPixels * taps_;
    for (int64_t i = starts_[block][bucket]; i < starts_[block][bucket + 1]; ++i) {
      const Contribution& one = sorted[i];
      const T* g = grad_out_ + one.pixel * in_.channels;
      T* texel = grads_[one.level] + one.texel * in_.channels;
      for (int64_t c = 0; c < in_.channels; ++c) texel[c] += one.weight * g[c];
    }
  }

  const TextureInputs<T>& in_;
  const T* grad_out_;
  const std::vector<T*>& grads_;
  int64_t taps_;  // of one pixel, at most
  std::vector<Contribution> found_, sorted_;
  std::vector<std::array<int64_t, kBuckets + 1>> starts_;
};

}  // namespace

template <typename T>
void texture_forward(const TextureInputs<T>& in, T* out) {
  for_each_pixel(in, [&](int64_t b, int64_t pixel) {
    T* o = out + pixel * in.channels;
    std::fill_n(o, in.channels, T(0));
    const SurfacePoint point(in, pixel);
    if (!point.valid) return;
    Blend blend[2];
    const int levels = blend_of(in, choose_level(in, point, pixel), blend);
    const T* texel[8];
    double weight[8];
    int count = 0;
    for (int n = 0; n < levels; ++n) {
      const Quad quad = quad_of(in, point, b, blend[n].level);
      for (int k = 0; k < quad.size; ++k) {
        if (quad.texel[k] < 0) continue;
        texel[count] = in.levels[blend[n].level].texels + quad.texel[k] * in.channels;
        weight[count++] = blend[n].weight * quad.weight[k];
      }
    }
    for (int64_t c = 0; c < in.channels; ++c) {
      double sum = 0;
      for (int k = 0; k < count; ++k) sum += weight[k] * texel[k][c];
      o[c] = static_cast<T>(sum);
    }
  });
}

template <typename T>
void texture_backward(const TextureInputs<T>& in, const T* grad_out, const TextureGradients<T>& grads) {
  if (grads.uv || grads.uv_da || grads.bias) write_coordinate_gradients(in, grad_out, grads);
  if (std::any_of(grads.levels.begin(), grads.levels.end(), [](const T* g) { return g != nullptr; }))
    TexelScatter<T>(in, grad_out, grads.levels);
}

template <typename T>
void texture_halve(const Halving& size, const T* full, T* half) {
  const int64_t rows = std::max<int64_t>(size.height / 2, 1), columns = std::max<int64_t>(size.width / 2, 1);
  // A side of 1 is its own neighbour: its mean is itself, exactly.
  const int64_t down = size.height > 1 ? size.width * size.channels : 0, right = size.width > 1 ? size.channels : 0;
  parallel_for(size.threads, size.images * rows, [&](int64_t row) {
    const int64_t source = row / rows * size.height + (size.height > 1 ? 2 : 1) * (row % rows);
    for (int64_t x = 0; x < columns; ++x) {
      const T* from = full + (source * size.width + (size.width > 1 ? 2 : 1) * x) * size.channels;
      T* to = half + (row * columns + x) * size.channels;
      for (int64_t c = 0; c < size.channels; ++c, ++from)
        to[c] = ((from[0] + from[right]) + (from[down] + from[down + right])) * T(0.25);
    }
  });
}

template <typename T>
void texture_halve_backward(const Halving& size, const T* grad_half, T* grad_full) {
  const int64_t rows = std::max<int64_t>(size.height / 2, 1), columns = std::max<int64_t>(size.width / 2, 1);
  const int64_t tall = size.height > 1 ? 2 : 1, wide = size.width > 1 ? 2 : 1;
  const T share = T(1) / static_cast<T>(tall * wide);
  parallel_for(size.threads, size.images * size.height, [&](int64_t row) {
    const int64_t source = row / size.height * rows + row % size.height / tall;
    for (int64_t x = 0; x < size.width; ++x) {
      const T* from = grad_half + (source * columns + x / wide) * size.channels;
      T* to = grad_full + (row * size.width + x) * size.channels;
      for (int64_t c = 0; c < size.channels; ++c) to[c] = from[c] * share;
    }
  });
}

#define TVDR_INSTANTIATE(T)                                                                      \
  template void texture_forward(const TextureInputs<T>&, T*);                                    \
  template void texture_backward(const TextureInputs<T>&, const T*, const TextureGradients<T>&); \
  template void texture_halve(const Halving&, const T*, T*);                                     \
  template void texture_halve_backward(const Halving&, const T*, T*);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
