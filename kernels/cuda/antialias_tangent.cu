// The kernel of antialias's forward mode, for NVRTC; see kernels/cpu/device/antialias_tangent.hpp.
#include "device/antialias_tangent.hpp"

TVDR_KERNEL(AntialiasTangentJob, antialias_tangent)
