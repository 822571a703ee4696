#include "optim/mlp.hpp"

#include <cmath>

#include "core/clones.hpp"
#include "core/thread_pool.hpp"

namespace tvdr {
namespace {

constexpr int64_t H = kMlpHidden;
constexpr int kLanes = 16;  // in which sums over a row are taken, so that their order is the same on every machine

// A hidden layer: out = relu(x W + b). What is not a number stays so.
template <typename T>
TVDR_INLINE void hidden(const T* __restrict x, int64_t inputs, const T* __restrict layer, T* __restrict out) {
  T sum[H];
  for (int64_t j = 0; j < H; ++j) sum[j] = layer[inputs * H + j];
  for (int64_t i = 0; i < inputs; ++i)
    for (int64_t j = 0; j < H; ++j) sum[j] += x[i] * layer[i * H + j];
  for (int64_t j = 0; j < H; ++j) out[j] = sum[j] < 0 ? T(0) : sum[j];
}

// The gradient g [H] of a hidden layer's sums, to that of its weights and biases and of its inputs.
template <typename T>
TVDR_INLINE void hidden_backward(const T* __restrict x, int64_t inputs, const T* __restrict layer,
                                 const T* __restrict g, T* __restrict layer_grad, T* __restrict x_grad) {
  for (int64_t i = 0; i < inputs; ++i) {
    T lanes[kLanes] = {};
    for (int64_t j = 0; j < H; j += kLanes)
      for (int lane = 0; lane < kLanes; ++lane) lanes[lane] += layer[i * H + j + lane] * g[j + lane];
    for (int64_t j = 0; j < H; ++j) layer_grad[i * H + j] = x[i] * g[j];
    for (int half = kLanes / 2; half > 0; half /= 2)
      for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    x_grad[i] = lanes[0];
  }
  for (int64_t j = 0; j < H; ++j) layer_grad[inputs * H + j] = g[j];
}

// Of a ReLU, from what it gave.
template <typename T>
TVDR_INLINE void relu_backward(const T* __restrict out, T* __restrict g) {
  for (int64_t j = 0; j < H; ++j) g[j] = out[j] > 0 ? g[j] : T(0);
}

// The hidden layers, kept [3, H], of one network.
template <typename T>
TVDR_INLINE void hidden_layers(const T* x, int64_t inputs, const T* network, T* kept) {
  hidden(x, inputs, network, kept);
  network += (inputs + 1) * H;
  hidden(kept, H, network, kept + H);
  hidden(kept + H, H, network + (H + 1) * H, kept + 2 * H);
}

// The gradient g [H] of what the hidden layers gave, to the network's and the inputs'.
template <typename T>
TVDR_INLINE void hidden_layers_backward(const T* x, int64_t inputs, const T* network, const T* kept, T* g,
                                        T* network_grad, T* x_grad) {
  T before[H];
  const int64_t second = (inputs + 1) * H, third = second + (H + 1) * H;
  relu_backward(kept + 2 * H, g);
  hidden_backward(kept + H, H, network + third, g, network_grad + third, before);
  relu_backward(kept + H, before);
  hidden_backward(kept, H, network + second, before, network_grad + second, g);
  relu_backward(kept, g);
  hidden_backward(x, inputs, network, g, network_grad, x_grad);
}

#define TVDR_CLONE(T)                                                                                              \
  TVDR_CLONES void hidden_layers_clone(const T* x, int64_t inputs, const T* network, T* kept) {                    \
    hidden_layers(x, inputs, network, kept);                                                                       \
  }                                                                                                                \
  TVDR_CLONES void hidden_layers_backward_clone(const T* x, int64_t inputs, const T* network, const T* kept, T* g, \
                                                T* network_grad, T* x_grad) {                                      \
    hidden_layers_backward(x, inputs, network, kept, g, network_grad, x_grad);                                     \
  }
TVDR_CLONE(float)
TVDR_CLONE(double)
#undef TVDR_CLONE

// Calls body(column of [K, P], its place in the parameters' tensors) for camera k.
template <typename T, typename F>
void for_each_number(const Columns<T>& columns, int64_t k, F&& body) {
  int64_t p = 0;
  for (int64_t c = 0; c < columns.count; ++c)
    for (int64_t i = 0; i < columns.widths[c]; ++i) body(p++, columns.data[c][k * columns.widths[c] + i]);
}

template <typename T>
void inputs_of(const Adjustment<T>& in, int64_t k, T* x) {
  for (int64_t p = 0; p < in.parameters; ++p) x[p] = in.values[k * in.parameters + p] / in.scale[p];
}

}  // namespace

template <typename T>
void adjust(const Adjustment<T>& in, T* kept, const Columns<T>& out, int threads) {
  const int64_t P = in.parameters;
  parallel_for(threads, in.cameras, [&](int64_t k) {
    const T* network = in.networks + k * mlp_numbers(P);
    T* layers = kept + k * mlp_kept(P);
    T x[kMlpMostParameters];
    inputs_of(in, k, x);
    hidden_layers_clone(x, P, network, layers);
    const T *last = network + mlp_numbers(P) - (H + 1) * P, *given = layers + 2 * H;
    for_each_number(out, k, [&](int64_t p, T& adjusted) {
      T sum = last[H * P + p];
      for (int64_t i = 0; i < H; ++i) sum += given[i] * last[i * P + p];
      const T output = layers[3 * H + p] = std::tanh(sum);
      T value = in.values[k * P + p] + in.share[p] * output;
      // In this order: what is not a number stays so.
      value = value < in.low[p] ? in.low[p] : value > in.high[p] ? in.high[p] : value;
      adjusted = p == in.turn ? std::fmod(value, T(360)) : value;
    });
  });
}

template <typename T>
void adjust_backward(const Adjustment<T>& in, const T* kept, const Columns<const T>& grad, T* values_grad,
                     T* networks_grad, int threads) {
  const int64_t P = in.parameters;
  parallel_for(threads, in.cameras, [&](int64_t k) {
    const T *network = in.networks + k * mlp_numbers(P), *layers = kept + k * mlp_kept(P);
    T* network_grad = networks_grad + k * mlp_numbers(P);
    T x[kMlpMostParameters], x_grad[kMlpMostParameters], sums[kMlpMostParameters], g[H];
    inputs_of(in, k, x);
    for_each_number(grad, k, [&](int64_t p, const T& of_adjusted) {
      const T output = layers[3 * H + p];
      sums[p] = of_adjusted * in.share[p] * (1 - output * output);
    });
    const int64_t begin = mlp_numbers(P) - (H + 1) * P;
    const T *last = network + begin, *given = layers + 2 * H;
    T* last_grad = network_grad + begin;
    for (int64_t i = 0; i < H; ++i) {
      g[i] = 0;
      for (int64_t p = 0; p < P; ++p) {
        last_grad[i * P + p] = given[i] * sums[p];
        g[i] += last[i * P + p] * sums[p];
      }
    }
    for (int64_t p = 0; p < P; ++p) last_grad[H * P + p] = sums[p];
    hidden_layers_backward_clone(x, P, network, layers, g, network_grad, x_grad);
    for_each_number(grad, k, [&](int64_t p, const T& of_adjusted) {
      values_grad[k * P + p] = of_adjusted + x_grad[p] / in.scale[p];
    });
  });
}

#define TVDR_INSTANTIATE(T)                                               \
  template void adjust(const Adjustment<T>&, T*, const Columns<T>&, int); \
  template void adjust_backward(const Adjustment<T>&, const T*, const Columns<const T>&, T*, T*, int);
TVDR_INSTANTIATE(float)
TVDR_INSTANTIATE(double)

}  // namespace tvdr
