// The kernels of render, for NVRTC; see kernels/cpu/device/render.hpp.
#include "device/render.hpp"

TVDR_KERNEL(RenderJob, render_prepare)
TVDR_KERNEL(RenderJob, render_shade)
TVDR_KERNEL(RenderJob, render_find)
TVDR_KERNEL(RenderJob, render_blend)
