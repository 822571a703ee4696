// The kernel of antialias's gradients, for NVRTC; see kernels/cpu/device/antialias_grad.hpp.
#include "device/antialias_grad.hpp"

TVDR_KERNEL(AntialiasGradJob, antialias_grad_pixels)
