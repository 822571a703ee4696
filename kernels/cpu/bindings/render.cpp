// The Python module's part for render; see module.cpp.
#include "render/render.hpp"

#include <memory>

#include "bindings/antialias.hpp"
#include "bindings/arrays.hpp"
#include "bindings/phong.hpp"
#include "raster/memory_order.hpp"
#include "render/blocked_scene.hpp"

namespace tvdr {
namespace {

template <typename T>
using Matrices = Array<T, nb::shape<-1, 4, 4>>;
// The memory of an ImageJacobian; nobody else looks inside.
using Memory = Array<uint8_t, nb::ndim<1>>;

using Ids = Array<const int32_t, nb::shape<-1>>;
using Places = Array<int32_t, nb::shape<-1>>;

// The mesh, as tvdrnet_nv.ops.PhongScene holds it. Without edges it finds them itself, and is drawn in blocks.
template <typename T>
struct Scene {
  Array<const T, nb::shape<-1, 4>> vertices;
  Array<const T, nb::shape<-1, 12>> records;
  Faces tri;
  Ids ids;
  Faces edge_tri;
  Faces edge_rings;
  EdgeRecords edges;
  std::unique_ptr<BlockedScene<T>> blocked;  // null for a small one

  RenderInputs<T> inputs(const Image& image, const T* to_clip, const T* eye, const std::vector<double>& phong, int walk,
                         int threads) const {
    return {image,
            vertices.data(),
            static_cast<int64_t>(vertices.shape(0)),
            records.data(),
            tri.data(),
            static_cast<int64_t>(tri.shape(0)),
            ids.data(),
            edge_tri.data(),
            edge_rings.data(),
            edges.is_valid() ? reinterpret_cast<const Edge*>(edges.data()) : nullptr,
            edges.is_valid() ? static_cast<int64_t>(edges.shape(0)) : 0,
            to_clip,
            eye,
            phong_parameters(phong),
            walk,
            threads,
            blocked.get()};
  }
};

// How each crossing's blend changes, as records.
template <typename T>
using Changes = Array<const T, nb::shape<-1, 16>>;

template <typename T>
BlendedView<T> view(const CrossingRecords& crossings, const Changes<T>& changes) {
  static_assert(sizeof(BlendChange<T>) == 16 * sizeof(T));
  return {crossings_of(crossings), reinterpret_cast<const BlendChange<T>*>(changes.data())};
}

template <typename T>
void bind_scene(nb::module_& m, const char* name) {
  nb::class_<Scene<T>>(m, name)
      .def(
          "__init__",
          [](Scene<T>* scene, Array<const T, nb::shape<-1, 4>> vertices, Array<const T, nb::shape<-1, 12>> records,
             Faces tri, Ids ids, Faces edge_tri, Faces edge_rings, std::optional<EdgeRecords> edges) {
            std::unique_ptr<BlockedScene<T>> blocked;
            if (!edges)
              blocked = std::make_unique<BlockedScene<T>>(vertices.data(), tri.data(), edge_tri.data(),
                                                          static_cast<int64_t>(tri.shape(0)), edge_rings.data(),
                                                          edge_rings.shape(0) == tri.shape(0));
            new (scene) Scene<T>{
                vertices, records, tri, ids, edge_tri, edge_rings, edges ? *edges : EdgeRecords(), std::move(blocked)};
          },
          nb::arg("vertices"), nb::arg("records"), nb::arg("tri"), nb::arg("ids"), nb::arg("edge_tri"),
          nb::arg("edge_rings"), nb::arg("edges").none())
      .def(
          "blocks",
          [](const Scene<T>& scene) {
            return scene.blocked ? std::pair<int64_t, int64_t>{scene.blocked->drawn, scene.blocked->blocks.count()}
                                 : std::pair<int64_t, int64_t>{0, 0};
          },
          "How many blocks were drawn of the image that was rendered last, and how many there are.")
      .def_static(
          "jacobian_bytes",
          [](int64_t batch, int64_t height, int64_t width) { return ImageJacobian<T>::bytes({batch, height, width}); },
          nb::arg("batch"), nb::arg("height"), nb::arg("width"))
      .def(
          "to_clip",
          [](const Scene<T>& scene, Matrices<const T> to_clip, Array<T, nb::shape<-1, -1, 4>> out, int threads) {
            const Image image{static_cast<int64_t>(to_clip.shape(0)), 0, 0};
            transform_vertices(scene.inputs(image, to_clip.data(), nullptr, std::vector<double>(10), 0, threads),
                               out.data());
          },
          nb::arg("to_clip"), nb::arg("out"), nb::arg("threads"), Release())
      .def(
          "render",
          [](const Scene<T>& scene, Matrices<const T> to_clip, Points<const T> eye, std::vector<double> phong, int walk,
             Pixels<T> rast, Pixels<T> out, std::optional<Memory> jacobian, int threads,
             std::optional<Array<double, nb::shape<kStages>>> seconds) {
            auto* blended = new Blended<T>;
            nb::capsule owner(blended, [](void* p) noexcept { delete static_cast<Blended<T>*>(p); });
            {
              nb::gil_scoped_release release;
              auto in = scene.inputs(image_of(out), to_clip.data(), eye.data(), phong, walk, threads);
              in.seconds = seconds ? seconds->data() : nullptr;
              std::optional<ImageJacobian<T>> changes;
              if (jacobian) changes.emplace(in.image, jacobian->data());
              *blended = render_forward(in, rast.data(), out.data(), changes ? &*changes : nullptr);
            }
            const size_t count = blended->crossings.size();
            return std::pair{
                nb::ndarray<nb::pytorch, int64_t, nb::shape<-1, 3>>(blended->crossings.data(), {count, 3}, owner),
                nb::ndarray<nb::pytorch, T, nb::shape<-1, 16>>(reinterpret_cast<T*>(blended->changes.data()),
                                                               {count, 16}, owner)};
          },
          nb::arg("to_clip"), nb::arg("eye"), nb::arg("phong"), nb::arg("walk"), nb::arg("rast"), nb::arg("out"),
          nb::arg("jacobian").none(), nb::arg("threads"), nb::arg("seconds").none());
}

template <typename T>
void bind_memory_order(nb::module_& m) {
  m.def(
      "memory_order",
      [](Array<const T, nb::shape<-1, 4>> vertices, Faces tri, Places faces, Places order, Places places) {
        const auto triangles = static_cast<int64_t>(tri.shape(0));
        order_along_curve(vertices.data(), tri.data(), triangles, faces.data());
        order_by_first_use(tri.data(), triangles, faces.data(), static_cast<int64_t>(vertices.shape(0)), order.data(),
                           places.data());
      },
      nb::arg("vertices"), nb::arg("tri"), nb::arg("faces"), nb::arg("order"), nb::arg("places"), Release());
}

template <typename T>
void bind_derivatives(nb::module_& m) {
  using Resolution = std::pair<int64_t, int64_t>;
  m.def(
      "render_backward",
      [](Matrices<const T> to_clip, Points<const T> eye, Resolution size, Memory jacobian, CrossingRecords crossings,
         Changes<T> blends, std::optional<Pixels<const T>> grad_out, std::optional<Pixels<const T>> grad_rast,
         Matrices<T> to_clip_grad, Points<T> eye_grad, int threads) {
        const Image image{static_cast<int64_t>(to_clip.shape(0)), size.first, size.second};
        const ImageJacobian<T> changes(image, jacobian.data());
        render_backward<T>({image, to_clip.data(), eye.data(), changes, view<T>(crossings, blends), threads},
                           grad_out ? grad_out->data() : nullptr, grad_rast ? grad_rast->data() : nullptr,
                           to_clip_grad.data(), eye_grad.data());
      },
      nb::arg("to_clip"), nb::arg("eye"), nb::arg("resolution"), nb::arg("jacobian"), nb::arg("crossings"),
      nb::arg("blends"), nb::arg("grad_out").none(), nb::arg("grad_rast").none(), nb::arg("to_clip_grad"),
      nb::arg("eye_grad"), nb::arg("threads"), Release());
  m.def(
      "render_jvp",
      [](Matrices<const T> to_clip, Points<const T> eye, Resolution size, Memory jacobian, CrossingRecords crossings,
         Changes<T> blends, Matrices<const T> to_clip_tangent, Points<const T> eye_tangent, Pixels<T> out_tangent,
         Pixels<T> rast_tangent, int threads) {
        const Image image{static_cast<int64_t>(to_clip.shape(0)), size.first, size.second};
        const ImageJacobian<T> changes(image, jacobian.data());
        render_jvp<T>({image, to_clip.data(), eye.data(), changes, view<T>(crossings, blends), threads},
                      to_clip_tangent.data(), eye_tangent.data(), out_tangent.data(), rast_tangent.data());
      },
      nb::arg("to_clip"), nb::arg("eye"), nb::arg("resolution"), nb::arg("jacobian"), nb::arg("crossings"),
      nb::arg("blends"), nb::arg("to_clip_tangent"), nb::arg("eye_tangent"), nb::arg("out_tangent"),
      nb::arg("rast_tangent"), nb::arg("threads"), Release());
}

}  // namespace

void bind_render(nb::module_& m) {
  using Written = Array<int32_t, nb::shape<-1, 3>>;
  m.def(
      "renumber",
      [](Faces tri, Ids faces, Ids places, Written out) {
        renumber(tri.data(), static_cast<int64_t>(tri.shape(0)), faces.data(), places.data(), out.data());
      },
      nb::arg("tri"), nb::arg("faces"), nb::arg("places"), nb::arg("out"), Release());
  m.def(
      "reorder_rings",
      [](Faces rings, Ids faces, Written out) {
        reorder_rings(rings.data(), static_cast<int64_t>(rings.shape(0)), faces.data(), out.data());
      },
      nb::arg("rings"), nb::arg("faces"), nb::arg("out"), Release());
  bind_memory_order<float>(m);
  bind_memory_order<double>(m);
  bind_derivatives<float>(m);
  bind_derivatives<double>(m);
  bind_scene<float>(m, "PhongScene32");
  bind_scene<double>(m, "PhongScene64");
}

}  // namespace tvdr
