// The kernels of antialias, for NVRTC; see kernels/cpu/device/antialias.hpp.
#include "device/antialias.hpp"

TVDR_KERNEL(AntialiasJob, antialias_find)
TVDR_KERNEL(AntialiasJob, antialias_blend)
