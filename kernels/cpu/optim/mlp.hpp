// TVDRNet's networks, one per camera, and the camera parameters that they adjust; see
// tvdrnet_nv.optimization.steps.camera_mlp.CameraMLP.
#pragma once

#include <cstdint>

namespace tvdr {

constexpr int64_t kMlpHidden = 64;  // units in each of the three hidden layers
constexpr int64_t kMlpMostParameters = 16;

// P inputs, three hidden layers with ReLU, P outputs with tanh. A network's numbers stand in one row, layer after
// layer, the weights [in, out] and then the biases [out].
constexpr int64_t mlp_numbers(int64_t parameters) {
  return (parameters + 1) * kMlpHidden + 2 * (kMlpHidden + 1) * kMlpHidden + (kMlpHidden + 1) * parameters;
}
// What `adjust` keeps of a camera for `adjust_backward`: what the hidden layers and the last one gave.
constexpr int64_t mlp_kept(int64_t parameters) { return 3 * kMlpHidden + parameters; }

template <typename T>
struct Adjustment {
  int64_t cameras, parameters;
  const T* values;         // [K, P]
  const T* networks;       // [K, mlp_numbers(P)]
  const T *scale, *share;  // [P]: the networks see values / scale, and share times what they give is added
  const T *low, *high;     // [P]
  int64_t turn;            // the column taken modulo 360, or -1
};

// A tensor of each parameter: [K, width], the widths adding up to P.
template <typename T>
struct Columns {
  int64_t count;
  const int64_t* widths;
  T* const* data;
};

template <typename T>
void adjust(const Adjustment<T>& in, T* kept, const Columns<T>& out, int threads);
// A limit lets the gradient through.
template <typename T>
void adjust_backward(const Adjustment<T>& in, const T* kept, const Columns<const T>& grad, T* values_grad,
                     T* networks_grad, int threads);

}  // namespace tvdr
