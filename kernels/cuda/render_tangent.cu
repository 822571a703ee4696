// The kernels of render's forward mode, for NVRTC; see kernels/cpu/device/render_tangent.hpp.
#include "device/render_tangent.hpp"

TVDR_KERNEL(RenderTangentJob, render_tangent_pixels)
TVDR_KERNEL(RenderTangentJob, render_tangent_blend)
