// The kernels of interpolate and of its gradients, for NVRTC; see kernels/cpu/device/interpolate.hpp.
#include "device/interpolate.hpp"

TVDR_KERNEL(InterpolateJob, interpolate_pixels)
TVDR_KERNEL(InterpolateJob, interpolate_grad_pixels)
TVDR_KERNEL(InterpolateJob, interpolate_owners)
TVDR_KERNEL(InterpolateJob, interpolate_attr_sums)
