// The Python module's part for antialias and the topology that it needs; see module.cpp.
#include "antialias/antialias.hpp"

#include "antialias/topology.hpp"
#include "bindings/antialias.hpp"
#include "bindings/arrays.hpp"

namespace tvdr {
namespace {

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

template <typename T>
void bind(nb::module_& m) {
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
        return records<nb::pytorch, int64_t, 3>(crossings);
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
}

}  // namespace

void bind_antialias(nb::module_& m) {
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
        return records<nb::numpy, int32_t, 4>(edges);
      },
      nb::arg("tri"), nb::arg("edge_rings"));
  bind<float>(m);
  bind<double>(m);
}

}  // namespace tvdr
