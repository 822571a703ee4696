// The kernel of rasterize's gradient, for NVRTC; see kernels/cpu/device/rasterize_grad.hpp.
#include "device/rasterize_grad.hpp"

TVDR_KERNEL(RasterizeGradJob, rasterize_grad_pixels)
