// The kernel that adds up gradients of vertices, for NVRTC; see kernels/cpu/device/vertex_sums.hpp.
#include "device/vertex_sums.hpp"

TVDR_KERNEL(VertexSumsJob, vertex_sums)
