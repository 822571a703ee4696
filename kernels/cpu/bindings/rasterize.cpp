// The Python module's part for rasterize; see module.cpp.
#include "raster/rasterize.hpp"

#include "bindings/arrays.hpp"

namespace tvdr {
namespace {

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
void bind(nb::module_& m) {
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

void bind_rasterize(nb::module_& m) {
  bind<float>(m);
  bind<double>(m);
}

}  // namespace tvdr
