// Where a thread stands.
#pragma once

#include "portable/numbers.hpp"

namespace tvdr {

// Which thread it is, of how many: of its block, and in its grid of blocks.
struct Thread {
  int64_t block, blocks, lane, lanes;
  int64_t index() const { return block * lanes + lane; }
  int64_t count() const { return blocks * lanes; }
};

}  // namespace tvdr

// The kernel tvdr_NAME, whose threads each do NAME(job, thread).
#ifdef __CUDACC_RTC__
#define TVDR_KERNEL(Job, name)                                                     \
  extern "C" __global__ void tvdr_##name(const tvdr::Job job) {                    \
    tvdr::name(job, tvdr::Thread{blockIdx.x, gridDim.x, threadIdx.x, blockDim.x}); \
  }
#endif
