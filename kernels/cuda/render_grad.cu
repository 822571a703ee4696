// The kernels of render's gradient, for NVRTC; see kernels/cpu/device/render_grad.hpp.
#include "device/render_grad.hpp"

TVDR_KERNEL(RenderGradJob, render_grad_pixels)
TVDR_KERNEL(RenderGradJob, render_grad_tiles)
TVDR_KERNEL(RenderGradJob, render_grad_totals)
