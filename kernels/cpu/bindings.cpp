// The Python module: array types and pointers only, the mathematics stands elsewhere. Shapes that depend on each other
// are checked by tvdrnet_nv.ops, the only caller.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>

#include "antialias.hpp"
#include "interpolate.hpp"
#include "rasterize.hpp"
#include "shade.hpp"
#include "topology.hpp"

namespace nb = nanobind;

namespace tvdr {

void bind_cameras(nb::module_& m);  // bindings_cameras.cpp
void bind_descent(nb::module_& m);  // bindings_descent.cpp
void bind_mlp(nb::module_& m);      // bindings_mlp.cpp
void bind_render(nb::module_& m);   // bindings_render.cpp
void bind_texture(nb::module_& m);  // bindings_texture.cpp

namespace {

template <typename T, typename... Shape>
using Array = nb::ndarray<nb::pytorch, T, Shape..., nb::c_contig, nb::device::cpu>;
template <typename T>
using Vertices = Array<T, nb::shape<-1, -1, 4>>;  // [B or 1, V, 4]
template <typename T>
using Pixels = Array<T, nb::shape<-1, -1, -1, 4>>;  // [B, H, W, 4]
template <typename T>
using Channels = Array<T, nb::shape<-1, -1, -1, -1>>;  // [B, H, W, C]
template <typename T>
using Attributes = Array<T, nb::shape<-1, -1, -1>>;  // [B or 1, V, A]
using Faces = Array<const int32_t, nb::shape<-1, 3>>;
using Ranges = Array<const int32_t, nb::shape<-1, 2>>;
using EdgeRecords = Array<const int32_t, nb::shape<-1, 4>>;
using CrossingRecords = Array<const int64_t, nb::shape<-1, 3>>;
using Release = nb::call_guard<nb::gil_scoped_release>;

template <typename A>
auto* data(const std::optional<A>& array) {
  return array ? array->data() : nullptr;
}

template <typename A>
Image image_of(const A& pixels) {
  return {static_cast<int64_t>(pixels.shape(0)), static_cast<int64_t>(pixels.shape(1)),
          static_cast<int64_t>(pixels.shape(2))};
}

// One image's vertices after the other, or one set for all.
template <typename A>
int64_t batch_stride(const A& array) {
  return array.shape(0) == 1 ? 0 : static_cast<int64_t>(array.shape(1) * array.shape(2));
}

template <typename T, typename A>
RasterizeInputs<T> rasterize_inputs(const Image& image, const A& pos, const Faces& tri,
                                    const std::optional<Ranges>& ranges, int threads) {
  return {image,
          pos.data(),
          batch_stride(pos),
          static_cast<int64_t>(pos.shape(1)),
          tri.data(),
          static_cast<int64_t>(tri.shape(0)),
          data(ranges),
          threads};
}

template <typename T>
AntialiasInputs<T> antialias_inputs(const Channels<const T>& color, const Pixels<const T>& rast,
                                    const Vertices<const T>& pos, const Faces& tri, const Faces& edge_rings,
                                    const EdgeRecords& edges, int walk, int threads) {
  return {image_of(rast),
          static_cast<int64_t>(color.shape(3)),
          pos.data(),
          batch_stride(pos),
          static_cast<int64_t>(pos.shape(1)),
          tri.data(),
          static_cast<int64_t>(tri.shape(0)),
          edge_rings.data(),
          reinterpret_cast<const Edge*>(edges.data()),
          static_cast<int64_t>(edges.shape(0)),
          walk,
          threads};
}

// [V, 9] vertex attributes and [B, 3] camera positions.
template <typename T>
using Surface = Array<const T, nb::shape<-1, 9>>;
template <typename T>
using Points = Array<T, nb::shape<-1, 3>>;

template <typename T>
ShadeInputs<T> shade_inputs(const Surface<T>& attributes, const Pixels<const T>& rast, const Faces& tri,
                            const Points<const T>& eye, const std::vector<double>& p, int threads) {
  if (p.size() != 10) throw nb::value_error("phong: wanted light, background, ambient, diffuse, specular, shininess");
  const PhongParameters phong{{p[0], p[1], p[2]}, {p[3], p[4], p[5]}, p[6], p[7], p[8], p[9]};
  return {image_of(rast), attributes.data(), rast.data(), tri.data(), eye.data(), phong, threads};
}

Crossings crossings_of(const CrossingRecords& records) {
  return {reinterpret_cast<const Crossing*>(records.data()), records.shape(0)};
}

template <typename T>
void bind_ops(nb::module_& m) {
  m.def(
      "rasterize",
      [](Vertices<const T> pos, Faces tri, std::optional<Ranges> ranges, std::optional<Pixels<const T>> peel,
         Pixels<T> rast, std::optional<Pixels<T>> db, int threads) {
        rasterize_forward(rasterize_inputs<T>(image_of(rast), pos, tri, ranges, threads), data(peel), rast.data(),
                          data(db));
      },
      nb::arg("pos"), nb::arg("tri"), nb::arg("ranges").none(), nb::arg("peel").none(), nb::arg("rast"),
      nb::arg("db").none(), nb::arg("threads"), Release());
  m.def(
      "rasterize_backward",
      [](Vertices<const T> pos, Faces tri, Pixels<const T> rast, Pixels<const T> grad_rast,
         std::optional<Pixels<const T>> grad_db, Vertices<T> pos_grad, int threads) {
        rasterize_backward(rasterize_inputs<T>(image_of(rast), pos, tri, {}, threads), rast.data(), grad_rast.data(),
                           data(grad_db), pos_grad.data());
      },
      nb::arg("pos"), nb::arg("tri"), nb::arg("rast"), nb::arg("grad_rast"), nb::arg("grad_db").none(),
      nb::arg("pos_grad"), nb::arg("threads"), Release());
  m.def(
      "rasterize_jvp",
      [](Vertices<const T> pos, Faces tri, Pixels<const T> rast, Vertices<const T> pos_tangent, Pixels<T> rast_tangent,
         std::optional<Pixels<T>> db_tangent, int threads) {
        rasterize_jvp(rasterize_inputs<T>(image_of(rast), pos, tri, {}, threads), rast.data(), pos_tangent.data(),
                      rast_tangent.data(), data(db_tangent));
      },
      nb::arg("pos"), nb::arg("tri"), nb::arg("rast"), nb::arg("pos_tangent"), nb::arg("rast_tangent"),
      nb::arg("db_tangent").none(), nb::arg("threads"), Release());

  m.def(
      "interpolate",
      [](Attributes<const T> attr, Pixels<const T> rast, Faces tri, std::optional<Pixels<const T>> rast_db,
         std::vector<int32_t> diff_attrs, Channels<T> out, std::optional<Channels<T>> out_da, int threads) {
        const InterpolateInputs<T> in{image_of(rast),
                                      attr.data(),
                                      batch_stride(attr),
                                      static_cast<int64_t>(attr.shape(1)),
                                      static_cast<int64_t>(attr.shape(2)),
                                      tri.data(),
                                      rast.data(),
                                      data(rast_db),
                                      &diff_attrs,
                                      threads};
        interpolate_forward(in, out.data(), data(out_da));
      },
      nb::arg("attr"), nb::arg("rast"), nb::arg("tri"), nb::arg("rast_db").none(), nb::arg("diff_attrs"),
      nb::arg("out"), nb::arg("out_da").none(), nb::arg("threads"), Release());
  m.def(
      "interpolate_backward",
      [](Attributes<const T> attr, Pixels<const T> rast, Faces tri, std::optional<Pixels<const T>> rast_db,
         std::vector<int32_t> diff_attrs, Channels<const T> grad_out, std::optional<Channels<const T>> grad_da,
         std::optional<Attributes<T>> attr_grad, std::optional<Pixels<T>> rast_grad,
         std::optional<Pixels<T>> rast_db_grad, int threads) {
        const InterpolateInputs<T> in{image_of(rast),
                                      attr.data(),
                                      batch_stride(attr),
                                      static_cast<int64_t>(attr.shape(1)),
                                      static_cast<int64_t>(attr.shape(2)),
                                      tri.data(),
                                      rast.data(),
                                      data(rast_db),
                                      &diff_attrs,
                                      threads};
        interpolate_backward(in, grad_out.data(), data(grad_da), data(attr_grad), data(rast_grad), data(rast_db_grad));
      },
      nb::arg("attr"), nb::arg("rast"), nb::arg("tri"), nb::arg("rast_db").none(), nb::arg("diff_attrs"),
      nb::arg("grad_out"), nb::arg("grad_da").none(), nb::arg("attr_grad").none(), nb::arg("rast_grad").none(),
      nb::arg("rast_db_grad").none(), nb::arg("threads"), Release());

  m.def(
      "find_crossings",
      [](Channels<const T> color, Pixels<const T> rast, Vertices<const T> pos, Faces tri, Faces edge_rings,
         EdgeRecords edges, int walk, int threads) {
        const auto in = antialias_inputs<T>(color, rast, pos, tri, edge_rings, edges, walk, threads);
        auto* crossings = new std::vector<Crossing>;
        {
          nb::gil_scoped_release release;
          *crossings = find_crossings(in, rast.data());
        }
        nb::capsule owner(crossings, [](void* p) noexcept { delete static_cast<std::vector<Crossing>*>(p); });
        return nb::ndarray<nb::pytorch, int64_t, nb::shape<-1, 3>>(crossings->data(), {crossings->size(), 3}, owner);
      },
      nb::arg("color"), nb::arg("rast"), nb::arg("pos"), nb::arg("tri"), nb::arg("edge_rings"), nb::arg("edges"),
      nb::arg("walk"), nb::arg("threads"));
  m.def(
      "antialias",
      [](Channels<const T> color, Pixels<const T> rast, Vertices<const T> pos, Faces tri, Faces edge_rings,
         EdgeRecords edges, CrossingRecords crossings, Channels<T> out, int threads) {
        antialias_forward(antialias_inputs<T>(color, rast, pos, tri, edge_rings, edges, 1, threads),
                          crossings_of(crossings), color.data(), out.data());
      },
      nb::arg("color"), nb::arg("rast"), nb::arg("pos"), nb::arg("tri"), nb::arg("edge_rings"), nb::arg("edges"),
      nb::arg("crossings"), nb::arg("out"), nb::arg("threads"), Release());
  m.def(
      "antialias_backward",
      [](Channels<const T> color, Pixels<const T> rast, Vertices<const T> pos, Faces tri, Faces edge_rings,
         EdgeRecords edges, CrossingRecords crossings, Channels<const T> grad_out, double pos_gradient_boost,
         std::optional<Channels<T>> color_grad, std::optional<Vertices<T>> pos_grad, int threads) {
        antialias_backward(antialias_inputs<T>(color, rast, pos, tri, edge_rings, edges, 1, threads),
                           crossings_of(crossings), color.data(), grad_out.data(), pos_gradient_boost, data(color_grad),
                           data(pos_grad));
      },
      nb::arg("color"), nb::arg("rast"), nb::arg("pos"), nb::arg("tri"), nb::arg("edge_rings"), nb::arg("edges"),
      nb::arg("crossings"), nb::arg("grad_out"), nb::arg("pos_gradient_boost"), nb::arg("color_grad").none(),
      nb::arg("pos_grad").none(), nb::arg("threads"), Release());
  m.def(
      "antialias_jvp",
      [](Channels<const T> color, Pixels<const T> rast, Vertices<const T> pos, Faces tri, Faces edge_rings,
         EdgeRecords edges, CrossingRecords crossings, std::optional<Channels<const T>> color_tangent,
         std::optional<Vertices<const T>> pos_tangent, Channels<T> out_tangent, int threads) {
        antialias_jvp(antialias_inputs<T>(color, rast, pos, tri, edge_rings, edges, 1, threads),
                      crossings_of(crossings), color.data(), data(color_tangent), data(pos_tangent),
                      out_tangent.data());
      },
      nb::arg("color"), nb::arg("rast"), nb::arg("pos"), nb::arg("tri"), nb::arg("edge_rings"), nb::arg("edges"),
      nb::arg("crossings"), nb::arg("color_tangent").none(), nb::arg("pos_tangent").none(), nb::arg("out_tangent"),
      nb::arg("threads"), Release());
  m.def(
      "shade",
      [](Surface<T> attributes, Pixels<const T> rast, Faces tri, Points<const T> eye, std::vector<double> phong,
         Pixels<T> out,
         int threads) { shade_forward(shade_inputs<T>(attributes, rast, tri, eye, phong, threads), out.data()); },
      nb::arg("attributes"), nb::arg("rast"), nb::arg("tri"), nb::arg("eye"), nb::arg("phong"), nb::arg("out"),
      nb::arg("threads"), Release());
  m.def(
      "shade_backward",
      [](Surface<T> attributes, Pixels<const T> rast, Faces tri, Points<const T> eye, std::vector<double> phong,
         Pixels<const T> grad_out, Pixels<T> rast_grad, Points<T> eye_grad, int threads) {
        shade_backward(shade_inputs<T>(attributes, rast, tri, eye, phong, threads), grad_out.data(), rast_grad.data(),
                       eye_grad.data());
      },
      nb::arg("attributes"), nb::arg("rast"), nb::arg("tri"), nb::arg("eye"), nb::arg("phong"), nb::arg("grad_out"),
      nb::arg("rast_grad"), nb::arg("eye_grad"), nb::arg("threads"), Release());
  m.def(
      "shade_jvp",
      [](Surface<T> attributes, Pixels<const T> rast, Faces tri, Points<const T> eye, std::vector<double> phong,
         std::optional<Pixels<const T>> rast_tangent, std::optional<Points<const T>> eye_tangent, Pixels<T> out_tangent,
         int threads) {
        shade_jvp(shade_inputs<T>(attributes, rast, tri, eye, phong, threads), data(rast_tangent), data(eye_tangent),
                  out_tangent.data());
      },
      nb::arg("attributes"), nb::arg("rast"), nb::arg("tri"), nb::arg("eye"), nb::arg("phong"),
      nb::arg("rast_tangent").none(), nb::arg("eye_tangent").none(), nb::arg("out_tangent"), nb::arg("threads"),
      Release());
  m.def(
      "rast_ids_in_range",
      [](Pixels<const T> rast, int64_t triangles) {
        const int64_t pixels = static_cast<int64_t>(rast.size() / 4);
        bool good = true;
        for (int64_t i = 0; i < pixels; ++i) {
          const T id = rast.data()[4 * i + 3];
          // In this order: what is not a number, or too large for an integer, must not be converted to one.
          good = good && id >= 0 && id <= static_cast<T>(triangles) && static_cast<T>(static_cast<int64_t>(id)) == id;
        }
        return good;
      },
      nb::arg("rast"), nb::arg("triangles"), Release());
}

}  // namespace
}  // namespace tvdr

NB_MODULE(_cpu, m) {
  using namespace tvdr;
  nb::set_leak_warnings(false);  // a scene that lives as long as the interpreter is no leak
  m.doc() = "CPU kernels of the op contract. Called by tvdrnet_nv.ops, which checks the arguments.";
  m.def(
      "edge_rings",
      [](Faces tri, int64_t vertices, Array<int32_t, nb::shape<-1, 3>> next) {
        build_edge_rings(tri.data(), static_cast<int64_t>(tri.shape(0)), vertices, next.data());
      },
      nb::arg("tri"), nb::arg("vertices"), nb::arg("next"), Release());
  m.def(
      "edges",
      [](Faces tri, Faces edge_rings) {
        auto* edges = new std::vector<Edge>;
        {
          nb::gil_scoped_release release;
          *edges = find_edges(tri.data(), static_cast<int64_t>(tri.shape(0)), edge_rings.data());
        }
        nb::capsule owner(edges, [](void* p) noexcept { delete static_cast<std::vector<Edge>*>(p); });
        return nb::ndarray<nb::numpy, int32_t, nb::shape<-1, 4>>(reinterpret_cast<int32_t*>(edges->data()),
                                                                 {edges->size(), 4}, owner);
      },
      nb::arg("tri"), nb::arg("edge_rings"));
  m.def(
      "index_range",
      [](Array<const int32_t, nb::shape<-1, 3>> tri) {
        int32_t low = 0, high = -1;
        for (size_t i = 0; i < tri.size(); ++i) {
          low = std::min(low, tri.data()[i]);
          high = std::max(high, tri.data()[i]);
        }
        return std::pair{low, high};
      },
      nb::arg("tri"), Release());
  bind_ops<float>(m);
  bind_ops<double>(m);
  bind_cameras(m);
  bind_descent(m);
  bind_mlp(m);
  bind_render(m);
  bind_texture(m);
}
