#include "emulated/kernels.hpp"

#include <cstring>
#include <stdexcept>
#include <string>

#include "device/antialias.hpp"
#include "device/antialias_grad.hpp"
#include "device/antialias_tangent.hpp"
#include "device/interpolate.hpp"
#include "device/losses.hpp"
#include "device/rasterize.hpp"
#include "device/rasterize_grad.hpp"
#include "device/rasterize_tangent.hpp"
#include "device/render.hpp"
#include "device/render_grad.hpp"
#include "device/render_tangent.hpp"
#include "device/vertex_sums.hpp"

namespace tvdr {
namespace {

template <typename Job, void (*kernel)(const Job&, const Thread&)>
void run(const void* bytes, const Grid& grid, int threads) {
  Job job;
  std::memcpy(&job, bytes, sizeof(job));
  launch(threads, grid, job, kernel);
}

struct Kernel {
  std::string_view name;
  size_t size;
  void (*run)(const void* job, const Grid& grid, int threads);
};

#define TVDR_EMULATED(Job, name) {#name, sizeof(Job), run<Job, name>}
constexpr Kernel kKernels[] = {
    TVDR_EMULATED(RasterizeJob, rasterize_prepare),
    TVDR_EMULATED(RasterizeJob, rasterize_draw),
    TVDR_EMULATED(RasterizeJob, rasterize_draw_large),
    TVDR_EMULATED(RasterizeJob, rasterize_resolve),
    TVDR_EMULATED(RasterizeGradJob, rasterize_grad_pixels),
    TVDR_EMULATED(RasterizeTangentJob, rasterize_tangent),
    TVDR_EMULATED(AntialiasJob, antialias_find),
    TVDR_EMULATED(AntialiasJob, antialias_blend),
    TVDR_EMULATED(AntialiasGradJob, antialias_grad_pixels),
    TVDR_EMULATED(AntialiasTangentJob, antialias_tangent),
    TVDR_EMULATED(VertexSumsJob, vertex_sums),
    TVDR_EMULATED(InterpolateJob, interpolate_pixels),
    TVDR_EMULATED(InterpolateJob, interpolate_grad_pixels),
    TVDR_EMULATED(InterpolateJob, interpolate_owners),
    TVDR_EMULATED(InterpolateJob, interpolate_attr_sums),
    TVDR_EMULATED(RenderJob, render_prepare),
    TVDR_EMULATED(RenderJob, render_shade),
    TVDR_EMULATED(RenderJob, render_find),
    TVDR_EMULATED(RenderJob, render_blend),
    TVDR_EMULATED(RenderGradJob, render_grad_pixels),
    TVDR_EMULATED(RenderGradJob, render_grad_tiles),
    TVDR_EMULATED(RenderGradJob, render_grad_totals),
    TVDR_EMULATED(RenderTangentJob, render_tangent_pixels),
    TVDR_EMULATED(RenderTangentJob, render_tangent_blend),
    TVDR_EMULATED(SquaredErrorJob, squared_error_rows),
    TVDR_EMULATED(SquaredErrorJob, squared_error_totals),
    TVDR_EMULATED(SquaredErrorJob, squared_error_grad),
    TVDR_EMULATED(StatisticsJob, statistics_rows),
    TVDR_EMULATED(StatisticsJob, statistics_totals),
    TVDR_EMULATED(StatisticsJob, statistics_grad),
};

}  // namespace

void emulate(std::string_view kernel, const void* job, size_t size, const Grid& grid, int threads) {
  for (const Kernel& known : kKernels) {
    if (known.name != kernel) continue;
    if (known.size != size)
      throw std::invalid_argument(std::string(kernel) + ": the job has " + std::to_string(size) + " bytes instead of " +
                                  std::to_string(known.size));
    return known.run(job, grid, threads);
  }
  throw std::invalid_argument("there is no kernel " + std::string(kernel));
}

}  // namespace tvdr
