// render as the threads of a GPU do it: vertices to the screen, the triangles by the kernels of rasterize.hpp, then
// shading, crossings and blending. Images, and what derivatives need, are the CPU's, bit for bit.
#pragma once

#include "device/rasterize.hpp"
#include "portable/blend.hpp"
#include "portable/light.hpp"
#include "portable/phong.hpp"

namespace tvdr {

// What `PixelChange` has of a pixel, as planes [batch, kChanges, height, width]: neighbours' numbers side by side.
constexpr int64_t kChanges = 16;

// One call of render: the arguments, and memory to work in.
struct RenderJob {
  Image image;
  const float* vertices;  // [vertex_count, 4], world frame, and 1
  int64_t vertex_count;
  const float* normals;  // [vertex_count, 3]
  const float* colors;   // the same
  const int32_t* tri;    // [triangles, 3]
  int64_t triangles;
  const int32_t* edge_tri;    // the same places, with vertices shared where the surface goes on
  const int32_t* edge_rings;  // [triangles, 3]
  const float* to_clip;       // [batch, 4, 4]
  const float* eye;           // [batch, 3]
  PhongParameters phong;
  int32_t walk;                 // 0: no antialiasing
  float* pos;                   // [batch, vertex_count, 4]
  ScreenVertex* screen;         // [batch, vertex_count]
  int64_t* visible;             // [batch, height, width]
  int64_t* large_count;         // one number
  float* rast;                  // [batch, height, width, 4]
  float* shaded;                // the same; may be `out` without antialiasing
  float* out;                   // the same
  Crossing* crossings;          // [batch, height, width, 2], see AntialiasJob
  float* changes;               // [batch, kChanges, height, width], or null: no derivative will be asked for
  BlendChange<float>* blended;  // [batch, height, width, 2], where there is a crossing; or null

  // What the pixels show, as `Pair` asks for it.
  int32_t triangle(int64_t pixel) const { return triangle_of_key(visible[pixel]); }
  float depth(int64_t pixel) const { return depth_of_key(visible[pixel]); }
  Surface<float> surface(int64_t b) const { return {image, pos + 4 * b * vertex_count, edge_tri, edge_rings}; }
};

// First kernel: nothing is visible yet, and the vertices in clip space and on the screen.
inline void render_prepare(const RenderJob& job, const Thread& thread) {
  if (thread.index() == 0) *job.large_count = 0;
  for (int64_t i = thread.index(); i < job.image.batch * job.image.pixels(); i += thread.count())
    job.visible[i] = nothing_key();
  const Viewport<float> view(job.image);
  for (int64_t i = thread.index(); i < job.image.batch * job.vertex_count; i += thread.count()) {
    const float *m = job.to_clip + 16 * (i / job.vertex_count), *v = job.vertices + 4 * (i % job.vertex_count);
    float* pos = job.pos + 4 * i;
    for (int r = 0; r < 4; ++r)
      pos[r] = m[4 * r] * v[0] + m[4 * r + 1] * v[1] + m[4 * r + 2] * v[2] + m[4 * r + 3] * v[3];
    project(pos, view, job.screen[i]);
  }
}

// What a triangle's corners hold, as portable/phong.hpp asks for it.
struct CornerAttributes {
  const float *vertices, *normals, *colors;
  int64_t index[3];

  TVDR_INLINE float operator()(int which) const {
    const int64_t vertex = index[which / 9];
    const int j = which % 9;
    return j < 3 ? vertices[4 * vertex + j] : j < 6 ? normals[3 * vertex + j - 3] : colors[3 * vertex + j - 6];
  }
};

// Fourth kernel, after those that draw: what is visible, shaded.
inline void render_shade(const RenderJob& job, const Thread& thread) {
  const Image& image = job.image;
  const PhongParameters& phong = job.phong;
  const float light[3] = {static_cast<float>(phong.light[0]), static_cast<float>(phong.light[1]),
                          static_cast<float>(phong.light[2])};
  const auto ambient = static_cast<float>(phong.ambient), diffuse = static_cast<float>(phong.diffuse),
             specular = static_cast<float>(phong.specular),
             gloss = static_cast<float>(phong.specular * phong.shininess);
  const double width = static_cast<double>(image.width), height = static_cast<double>(image.height);
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), in_image = i % image.pixels();
    const int64_t py = in_image / image.width, px = in_image % image.width;
    float *rast = job.rast + 4 * i, *out = job.shaded + 4 * i;
    const int32_t id = job.triangle(i);
    if (id < 0) {
      for (int k = 0; k < 4; ++k) rast[k] = 0;
      for (int k = 0; k < 3; ++k) out[k] = static_cast<float>(phong.background[k]);
      out[3] = 0;
      continue;
    }
    const int32_t* index = job.tri + 3 * static_cast<int64_t>(id);
    const CornerAttributes attribute{job.vertices, job.normals, job.colors, {index[0], index[1], index[2]}};
    const float* eye = job.eye + 3 * b;
    const Corners<float> corners(attribute, image.center_x(px), image.center_y(py), job.to_clip + 16 * b, width,
                                 height);
    float u, v;
    corners.barycentrics(u, v);
    const Terms<float> terms(attribute, u, v, light, eye);
    const float lit = terms.lit(ambient, diffuse);
    const float shine = terms.highlight > 0 ? specular * power(terms.highlight, phong.shininess) : 0.0f;
    out[0] = lit * terms.at.red + shine;
    out[1] = lit * terms.at.green + shine;
    out[2] = lit * terms.at.blue + shine;
    out[3] = 1;
    rast[0] = u;
    rast[1] = v;
    rast[2] = job.depth(i);
    rast[3] = named(id, float());
    if (!job.changes) continue;
    const float sharp = terms.highlight > 0 ? gloss * power(terms.highlight, phong.shininess - 1) : 0.0f;
    PixelChange<float> c;
    corners.changes(c.u_x, c.u_y, c.v_x, c.v_y);
    terms.moved(attribute, c.u_x, c.v_x, lit, diffuse, sharp, c.red_x, c.green_x, c.blue_x);
    terms.moved(attribute, c.u_y, c.v_y, lit, diffuse, sharp, c.red_y, c.green_y, c.blue_y);
    terms.eye_change(sharp, c.ex, c.ey, c.ez);
    const float planes[kChanges] = {c.red_x, c.green_x, c.blue_x,    c.red_y,     c.green_y,   c.blue_y, c.u_x, c.u_y,
                                    c.v_x,   c.v_y,     terms.at.px, terms.at.py, terms.at.pz, c.ex,     c.ey,  c.ez};
    for (int64_t k = 0; k < kChanges; ++k) job.changes[(b * kChanges + k) * image.pixels() + in_image] = planes[k];
  }
}

// A pixel's change, as `render_shade` left it.
inline PixelChange<float> kept_change(const float* changes, const Image& image, int64_t b, int64_t in_image) {
  const float* p = changes + b * kChanges * image.pixels() + in_image;
  const int64_t n = image.pixels();
  return {p[0],     p[n],     p[2 * n],  p[3 * n],  p[4 * n],  p[5 * n],  p[6 * n],  p[7 * n],
          p[8 * n], p[9 * n], p[10 * n], p[11 * n], p[12 * n], p[13 * n], p[14 * n], p[15 * n]};
}

// Fifth kernel: the crossings, and how they change.
inline void render_find(const RenderJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const int64_t b = i / image.pixels(), py = i % image.pixels() / image.width, px = i % image.width;
    const Surface<float> surface = job.surface(b);
    for (int upwards = 0; upwards < 2; ++upwards) {
      Crossing& found = job.crossings[2 * i + upwards];
      const bool inside = upwards ? py + 1 < image.height : px + 1 < image.width;
      Pair pair;
      if (!inside || !pair.look(job, image, i, upwards != 0) || !find_between(surface, pair, job.walk, found)) {
        found.face = -1;
        continue;
      }
      if (!job.blended) continue;
      BlendChange<float>& change = job.blended[2 * i + upwards];
      const Blend blend(found, image);
      for (int j = 0; j < 4; ++j) change.difference[j] = job.shaded[4 * blend.from + j] - job.shaded[4 * blend.to + j];
      blend_by_matrix(surface, job.vertices, found, change.matrix);
    }
  }
}

// Where the crossings stand that may change a pixel, in the order of their pixels: from below and from the left, and
// its own two; -1 where the image ends.
struct Around {
  int64_t at[4];

  TVDR_INLINE Around(const Image& image, int64_t i, int64_t px, int64_t py)
      : at{py > 0 ? 2 * (i - image.width) + 1 : -1, px > 0 ? 2 * (i - 1) : -1, 2 * i, 2 * i + 1} {}
};

// Sixth kernel: the blended image.
inline void render_blend(const RenderJob& job, const Thread& thread) {
  const Image& image = job.image;
  for (int64_t i = thread.index(); i < image.batch * image.pixels(); i += thread.count()) {
    const float* own = job.shaded + 4 * i;
    float out[4] = {own[0], own[1], own[2], own[3]};
    const Around around(image, i, i % image.width, i % image.pixels() / image.width);
    for (const int64_t place : around.at) {
      if (place < 0 || job.crossings[place].face < 0) continue;
      const Blend blend(job.crossings[place], image);
      if (blend.to != i) continue;
      const float* from = job.shaded + 4 * blend.from;
      for (int c = 0; c < 4; ++c) out[c] += static_cast<float>(blend.weight) * (from[c] - own[c]);
    }
    for (int c = 0; c < 4; ++c) job.out[4 * i + c] = out[c];
  }
}

}  // namespace tvdr
