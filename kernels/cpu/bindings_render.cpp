// The Python module's part for render and statistics; see bindings.cpp.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <type_traits>
#include <utility>

#include "block_pool.hpp"
#include "render.hpp"
#include "statistics.hpp"

namespace nb = nanobind;

namespace tvdr {
namespace {

template <typename T, typename... Shape>
using Array = nb::ndarray<nb::pytorch, T, Shape..., nb::c_contig, nb::device::cpu>;
template <typename T>
using Pixels = Array<T, nb::shape<-1, -1, -1, 4>>;  // [B, H, W, 4]
template <typename T>
using Matrices = Array<T, nb::shape<-1, 4, 4>>;
template <typename T>
using Points = Array<T, nb::shape<-1, 3>>;
using Faces = Array<const int32_t, nb::shape<-1, 3>>;
using EdgeRecords = Array<const int32_t, nb::shape<-1, 4>>;
// The memory of an ImageJacobian; nobody else looks inside.
using Memory = Array<uint8_t, nb::ndim<1>>;
using CrossingRecords = Array<const int64_t, nb::shape<-1, 3>>;

// The mesh, as tvdrnet_nv.ops.PhongScene holds it.
template <typename T>
struct Scene {
  Array<const T, nb::shape<-1, 4>> vertices;
  Array<const T, nb::shape<-1, 12>> records;
  Faces tri;
  Array<const int32_t, nb::shape<-1>> ids;
  Faces edge_rings;
  EdgeRecords edges;

  RenderInputs<T> inputs(const Image& image, const T* to_clip, const T* eye, const std::vector<double>& p, int walk,
                         int threads) const {
    if (p.size() != 10) throw nb::value_error("phong: wanted light, background, ambient, diffuse, specular, shininess");
    return {image,
            vertices.data(),
            static_cast<int64_t>(vertices.shape(0)),
            records.data(),
            tri.data(),
            static_cast<int64_t>(tri.shape(0)),
            ids.data(),
            edge_rings.data(),
            reinterpret_cast<const Edge*>(edges.data()),
            static_cast<int64_t>(edges.shape(0)),
            to_clip,
            eye,
            {{p[0], p[1], p[2]}, {p[3], p[4], p[5]}, p[6], p[7], p[8], p[9]},
            walk,
            threads};
  }
};

template <typename A>
Image image_of(const A& pixels) {
  return {static_cast<int64_t>(pixels.shape(0)), static_cast<int64_t>(pixels.shape(1)),
          static_cast<int64_t>(pixels.shape(2))};
}

// How each crossing's blend changes, as records.
template <typename T>
using Changes = Array<const T, nb::shape<-1, 16>>;

template <typename T>
BlendedView<T> view(const CrossingRecords& crossings, const Changes<T>& changes) {
  static_assert(sizeof(BlendChange<T>) == 16 * sizeof(T));
  return {{reinterpret_cast<const Crossing*>(crossings.data()), crossings.shape(0)},
          reinterpret_cast<const BlendChange<T>*>(changes.data())};
}

template <typename T>
void bind(nb::module_& m, const char* name) {
  nb::class_<Scene<T>>(m, name)
      .def(nb::init<Array<const T, nb::shape<-1, 4>>, Array<const T, nb::shape<-1, 12>>, Faces,
                    Array<const int32_t, nb::shape<-1>>, Faces, EdgeRecords>(),
           nb::arg("vertices"), nb::arg("records"), nb::arg("tri"), nb::arg("ids"), nb::arg("edge_rings"),
           nb::arg("edges"))
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
          nb::arg("to_clip"), nb::arg("out"), nb::arg("threads"), nb::call_guard<nb::gil_scoped_release>())
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
void bind_derivatives(nb::module_& m) {
  using Resolution = std::pair<int64_t, int64_t>;
  using Release = nb::call_guard<nb::gil_scoped_release>;
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

template <typename T>
void bind_statistics(nb::module_& m) {
  using Rows = Array<T, nb::shape<-1, 3>>;
  using ConstRows = Array<const T, nb::shape<-1, 3>>;
  using Target = Array<const T, nb::shape<-1, -1, 3>>;
  using Release = nb::call_guard<nb::gil_scoped_release>;
  m.def(
      "image_statistics",
      [](Pixels<const T> image, Rows out, int threads) {
        statistics_forward<T>({image_of(image), image.data(), threads}, reinterpret_cast<T(*)[3]>(out.data()));
      },
      nb::arg("image"), nb::arg("out"), nb::arg("threads"), Release());
  m.def(
      "image_statistics_backward",
      [](Pixels<const T> image, ConstRows statistics, ConstRows grad_out, Pixels<T> grad, int threads) {
        statistics_backward<T>({image_of(image), image.data(), threads},
                               reinterpret_cast<const T(*)[3]>(statistics.data()),
                               reinterpret_cast<const T(*)[3]>(grad_out.data()), grad.data());
      },
      nb::arg("image"), nb::arg("statistics"), nb::arg("grad_out"), nb::arg("grad"), nb::arg("threads"), Release());
  m.def(
      "view_heuristic",
      [](Pixels<const T> image, Rows statistics, Array<T, nb::shape<-1>> loss, int threads) {
        view_heuristic_forward<T>({image_of(image), image.data(), threads},
                                  reinterpret_cast<T(*)[3]>(statistics.data()), loss.data());
      },
      nb::arg("image"), nb::arg("statistics"), nb::arg("loss"), nb::arg("threads"), Release());
  m.def(
      "view_heuristic_backward",
      [](Pixels<const T> image, ConstRows statistics, Array<const T, nb::shape<-1>> grad_out, Pixels<T> grad,
         int threads) {
        view_heuristic_backward<T>({image_of(image), image.data(), threads},
                                   reinterpret_cast<const T(*)[3]>(statistics.data()), grad_out.data(), grad.data());
      },
      nb::arg("image"), nb::arg("statistics"), nb::arg("grad_out"), nb::arg("grad"), nb::arg("threads"), Release());
  m.def(
      "squared_error",
      [](Pixels<const T> image, Target target, Array<T, nb::shape<-1>> out, int threads) {
        squared_error_forward<T>({image_of(image), image.data(), threads}, target.data(), out.data());
      },
      nb::arg("image"), nb::arg("target"), nb::arg("out"), nb::arg("threads"), Release());
  m.def(
      "squared_error_backward",
      [](Pixels<const T> image, Target target, Array<const T, nb::shape<-1>> grad_out, Pixels<T> grad, int threads) {
        squared_error_backward<T>({image_of(image), image.data(), threads}, target.data(), grad_out.data(),
                                  grad.data());
      },
      nb::arg("image"), nb::arg("target"), nb::arg("grad_out"), nb::arg("grad"), nb::arg("threads"), Release());
}

}  // namespace

// A tensor in a recycled block, not initialised.
template <typename T>
nb::ndarray<nb::pytorch, T> recycled(const std::vector<size_t>& shape) {
  struct Block {
    void* memory;
    size_t bytes;
  };
  auto* block = new Block{nullptr, sizeof(T)};
  for (const size_t size : shape) block->bytes *= size;
  nb::capsule owner(block, [](void* p) noexcept {
    auto* done = static_cast<Block*>(p);
    if (done->memory) BlockPool::instance().give(done->memory, done->bytes);
    delete done;
  });
  block->memory = BlockPool::instance().take(block->bytes);
  return nb::ndarray<nb::pytorch, T>(static_cast<T*>(block->memory), shape.size(), shape.data(), owner);
}

void bind_render(nb::module_& m) {
  m.def("recycled32", &recycled<float>, nb::arg("shape"));
  m.def("recycled64", &recycled<double>, nb::arg("shape"));
  m.def("recycled8", &recycled<uint8_t>, nb::arg("shape"));
  bind_statistics<float>(m);
  bind_statistics<double>(m);
  bind_derivatives<float>(m);
  bind_derivatives<double>(m);
  bind<float>(m, "PhongScene32");
  bind<double>(m, "PhongScene64");
}

}  // namespace tvdr
