// The arithmetic of `resolve` (rasterize.cpp) and of `Shading` (shade.cpp) for many pixels at once: the same operations
// in the same order, so the same bits, in loops that the compiler vectorises.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "shade/shade.hpp"

namespace tvdr {

constexpr int kLanes = 64;

// A vertex's record: position and 1, normal and 0, colour and 0; world frame. Its parts stand at multiples of four.
constexpr int kRecord = 12;

// Covered pixels of one image, and what their triangles' corners hold.
template <typename T>
struct PixelLanes {
  int count = 0;
  int16_t x[kLanes], y[kLanes];
  int32_t index[3][kLanes];  // the corners
  T attribute[27][kLanes];   // position, normal, colour of each corner
  T u[kLanes], v[kLanes];
};

// The corners' attributes, from all vertices' records.
template <typename T>
void load_attributes(PixelLanes<T>& p, const T* records);

// How these pixels change with the camera: a `PixelChange` of portable/phong.hpp each. This is all that the derivatives
// of `render` need, forward and backward.
template <typename T>
struct alignas(64) JacobianLanes {
  int32_t count;
  int16_t x[kLanes], y[kLanes];
  T color_x[3][kLanes], color_y[3][kLanes];  // with q's first number, with its second
  T u_x[kLanes], u_y[kLanes], v_x[kLanes], v_y[kLanes];
  T point[3][kLanes], color_eye[3][kLanes];
};

// u and v, clamped and rounded as rasterize returns them, into p.u and p.v, and how they change into `jacobian`, if
// that is not null, with the pixels and their number. to_clip is [4, 4].
template <typename T>
void find_barycentrics(PixelLanes<T>& p, const Image& image, const T* to_clip, JacobianLanes<T>* jacobian);

template <typename T>
struct ColorLanes {
  T rgb[3][kLanes];
  T highlight[kLanes];  // what is raised to the power of the shininess
};

// The Phong model at the pixels' u and v.
template <typename T>
void shade_lanes(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye, ColorLanes<T>& out);

// How the colours change, and the points: the rest of `jacobian`.
template <typename T>
void find_color_jacobian(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye,
                         const ColorLanes<T>& shaded, JacobianLanes<T>& jacobian);

// Sums of gradients: of a clip matrix's rows x, y and w, and of the eye. In a fixed number of lanes, so that the order
// of summation is the same on every machine.
struct CameraGradient {
  static constexpr int kSums = 15, kWidth = 8;
  double sum[kSums][kWidth] = {};

  void add(int which, double value) { sum[which][0] += value; }
  double total(int which) const {
    double result = 0;
    for (double part : sum[which]) result += part;
    return result;
  }
};

// A part of an image, or all of it, from the pixel (x0, y0) on; four numbers to a pixel.
template <typename T>
struct Window {
  const T* data = nullptr;
  int64_t x0 = 0, y0 = 0, width = 0;

  int64_t at(int64_t x, int64_t y) const { return 4 * ((y - y0) * width + x - x0); }
};

// Adds the gradients that flow through pixels of `image`: through their colours, grad_out, and through u and v
// directly, grad_rast. Either may be without data.
template <typename T>
void add_gradient(const JacobianLanes<T>& jacobian, const Image& image, const Window<T>& grad_out,
                  const Window<T>& grad_rast, CameraGradient& sums);

// Forward mode: the changes of colours, u and v, into images [H, W, 4], along tangents of the matrix and of the eye.
template <typename T>
void add_tangent(const JacobianLanes<T>& jacobian, const Image& image, const T* to_clip_tangent, const T* eye_tangent,
                 T* out_tangent, T* rast_tangent);

}  // namespace tvdr
