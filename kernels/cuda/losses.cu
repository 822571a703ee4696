// The kernels of the losses, for NVRTC; see kernels/cpu/device/losses.hpp.
#include "device/losses.hpp"

TVDR_KERNEL(SquaredErrorJob, squared_error_rows)
TVDR_KERNEL(SquaredErrorJob, squared_error_totals)
TVDR_KERNEL(SquaredErrorJob, squared_error_grad)
TVDR_KERNEL(StatisticsJob, statistics_rows)
TVDR_KERNEL(StatisticsJob, statistics_totals)
TVDR_KERNEL(StatisticsJob, statistics_grad)
