// What `rast` and `rast_db` hold of a pixel, and its gradient.
#pragma once

#include "portable/geometry.hpp"

namespace tvdr {

// The triangle `id`, -1 for none, at pixel (px, py), whose z/w is `depth`. rast and db: the pixel's four numbers each;
// db may be null.
template <typename T>
void write_pixel(const T* pos, const int32_t* tri, int32_t id, T depth, const Image& image, int64_t px, int64_t py,
                 T* rast, T* db) {
  if (id < 0) {
    for (int i = 0; i < 4; ++i) rast[i] = T(0);
    for (int i = 0; db && i < 4; ++i) db[i] = T(0);
    return;
  }
  const PixelTriangle t(pos, tri + 3 * static_cast<int64_t>(id), image, image.center_x(px), image.center_y(py));
  const double scale = t.sum.z != 0 ? 1 / t.sum.z : 0;
  const double u = clamped(t.n[0].z * scale, 0.0, 1.0), v = clamped(t.n[1].z * scale, 0.0, 1.0 - u);
  rast[0] = static_cast<T>(u);
  // Rounding to T must not push u + v past 1.
  rast[1] = lesser(static_cast<T>(v), T(1) - rast[0]);
  rast[2] = depth;
  rast[3] = static_cast<T>(id + 1);
  if (db) {
    db[0] = static_cast<T>(2 * scale * (t.n[0].x - u * t.sum.x));
    db[1] = static_cast<T>(2 * scale * (t.n[0].y - u * t.sum.y));
    db[2] = static_cast<T>(2 * scale * (t.n[1].x - v * t.sum.x));
    db[3] = static_cast<T>(2 * scale * (t.n[1].y - v * t.sum.y));
  }
}

// u = n[0].z / sum.z, and du/dX = 2 (n[0].x - u sum.x) / sum.z per pixel (a pixel is two units of cx); v and Y
// likewise.
struct Barycentrics {
  double u, v, scale;

  explicit Barycentrics(const PixelTriangle& t) : scale(t.sum.z != 0 ? 1 / t.sum.z : 0) {
    u = t.n[0].z * scale;
    v = t.n[1].z * scale;
  }
};

// The gradient of the three vertices' (x, y, w) at one pixel.
template <typename T>
TVDR_INLINE void pixel_gradient(const PixelTriangle& t, const Image& image, double cx, double cy, const T* grad,
                                const T* grad_db, T* out) {
  const Barycentrics p(t);
  const double value[2] = {p.u, p.v};
  Vec3 g[3] = {};  // with respect to n[k]
  Vec3 g_sum = {};
  for (int i = 0; i < 2; ++i) {
    double g_value = grad[i];
    if (grad_db) {
      const double gx = 2 * p.scale * grad_db[2 * i], gy = 2 * p.scale * grad_db[2 * i + 1];
      g[i].x += gx;
      g[i].y += gy;
      g_sum.x -= value[i] * gx;
      g_sum.y -= value[i] * gy;
      g_sum.z -= p.scale * ((t.n[i].x - value[i] * t.sum.x) * gx + (t.n[i].y - value[i] * t.sum.y) * gy);
      g_value -= t.sum.x * gx + t.sum.y * gy;
    }
    g[i].z += p.scale * g_value;
    g_sum.z -= p.scale * value[i] * g_value;
  }
  for (Vec3& gk : g) gk += g_sum;
  Vec3 gv[3] = {};
  for (int k = 0; k < 3; ++k) {
    const int i = (k + 1) % 3, j = (k + 2) % 3;
    gv[i] += cross(t.v[j], g[k]);
    gv[j] += cross(g[k], t.v[i]);
  }
  for (int k = 0; k < 3; ++k) {
    out[3 * k + 0] = static_cast<T>(static_cast<double>(image.width) * gv[k].x);
    out[3 * k + 1] = static_cast<T>(static_cast<double>(image.height) * gv[k].y);
    out[3 * k + 2] = static_cast<T>(gv[k].z - cx * gv[k].x - cy * gv[k].y);
  }
}

// The change of one pixel's `rast` and `rast_db` along a tangent of the vertices, which is laid out as these are.
// out_db may be null.
template <typename T>
TVDR_INLINE void pixel_tangent(const PixelTriangle& t, const T* pos_tangent, const int32_t* index, const Image& image,
                               double cx, double cy, T* out, T* out_db) {
  const PixelTriangle d(pos_tangent, index, image, cx, cy);  // its v are the tangents of t.v
  Vec3 dn[3], d_sum = {};
  for (int k = 0; k < 3; ++k) {
    const int i = (k + 1) % 3, j = (k + 2) % 3;
    dn[k] = cross(d.v[i], t.v[j]) + cross(t.v[i], d.v[j]);
    d_sum += dn[k];
  }
  const Barycentrics p(t);
  const double value[2] = {p.u, p.v};
  for (int i = 0; i < 2; ++i) {
    const double dv = p.scale * (dn[i].z - value[i] * d_sum.z);
    out[i] = static_cast<T>(dv);
    if (!out_db) continue;
    const double nx = t.n[i].x - value[i] * t.sum.x, ny = t.n[i].y - value[i] * t.sum.y;
    const double dx = dn[i].x - value[i] * d_sum.x - dv * t.sum.x, dy = dn[i].y - value[i] * d_sum.y - dv * t.sum.y;
    out_db[2 * i] = static_cast<T>(2 * p.scale * (dx - nx * p.scale * d_sum.z));
    out_db[2 * i + 1] = static_cast<T>(2 * p.scale * (dy - ny * p.scale * d_sum.z));
  }
}

}  // namespace tvdr
