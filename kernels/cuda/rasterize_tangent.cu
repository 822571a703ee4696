// The kernel of rasterize's forward mode, for NVRTC; see kernels/cpu/device/rasterize_tangent.hpp.
#include "device/rasterize_tangent.hpp"

TVDR_KERNEL(RasterizeTangentJob, rasterize_tangent)
