// The kernels of rasterize, for NVRTC; see kernels/cpu/device/rasterize.hpp.
#include "device/rasterize.hpp"

TVDR_KERNEL(RasterizeJob, rasterize_prepare)
TVDR_KERNEL(RasterizeJob, rasterize_draw)
TVDR_KERNEL(RasterizeJob, rasterize_draw_large)
TVDR_KERNEL(RasterizeJob, rasterize_resolve)
