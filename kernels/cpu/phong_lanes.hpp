// The arithmetic of `resolve` (rasterize.cpp) and of `Shading` (shade.cpp) for many pixels at once: the same operations
// in the same order, so the same bits, in loops that the compiler vectorises.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "shade.hpp"

namespace tvdr {

constexpr int kLanes = 64;

// A vertex's record: position and 1, normal and 0, colour and 0; world frame. Its parts stand at multiples of four.
constexpr int kRecord = 12;

// Covered pixels of one image, and what their triangles' corners hold.
template <typename T>
struct PixelLanes {
  int count = 0;
  int64_t pixel[kLanes];
  double cx[kLanes], cy[kLanes];
  T attribute[27][kLanes];  // position, normal, colour of each corner
  T u[kLanes], v[kLanes];

  // index: the face's corners; records: all vertices'.
  void add(int64_t where, double x, double y, const int32_t* index, const T* records) {
    const int i = count++;
    pixel[i] = where;
    cx[i] = x;
    cy[i] = y;
    for (int k = 0; k < 3; ++k) {
      const T* record = records + kRecord * static_cast<int64_t>(index[k]);
      for (int j = 0; j < 9; ++j) attribute[9 * k + j][i] = record[j + j / 3];
    }
  }
};

// u and v, clamped and rounded as rasterize returns them, into p.u and p.v. to_clip is [4, 4].
template <typename T>
void find_barycentrics(PixelLanes<T>& p, const Image& image, const T* to_clip);

template <typename T>
struct ColorLanes {
  T rgb[3][kLanes];
};

// The Phong model at the pixels' u and v.
template <typename T>
void shade_lanes(const PixelLanes<T>& p, const PhongParameters& phong, const T* eye, ColorLanes<T>& out);

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

// Adds the gradients that flow through the colours, g_rgb, and through u and v directly, g_uv (null where there are
// none), into the clip matrix and the eye.
template <typename T>
void shade_lanes_backward(const PixelLanes<T>& p, const Image& image, const T* to_clip, const PhongParameters& phong,
                          const T* eye, const T (&g_rgb)[3][kLanes], const T (*g_uv)[kLanes], CameraGradient& sums);

template <typename T>
struct TangentLanes {
  T u[kLanes], v[kLanes], rgb[3][kLanes];
};

// Forward mode: how u, v and the colours change along tangents of the matrix and of the eye.
template <typename T>
void shade_lanes_jvp(const PixelLanes<T>& p, const Image& image, const T* to_clip, const T* to_clip_tangent,
                     const PhongParameters& phong, const T* eye, const T* eye_tangent, TangentLanes<T>& out);

}  // namespace tvdr
