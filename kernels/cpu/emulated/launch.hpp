// The kernels of a GPU on the CPU: blocks run side by side on the pool's threads, in any order, and the threads of a
// block one after the other.
#pragma once

#include "core/thread_pool.hpp"
#include "device/thread.hpp"

namespace tvdr {

// Blocks of so many threads.
struct Grid {
  int64_t blocks, lanes;
};

// kernel(job, thread) for each thread of a grid.
template <typename Job, typename Kernel>
void launch(int threads, const Grid& grid, const Job& job, Kernel kernel) {
  parallel_for(threads, grid.blocks, [&](int64_t block) {
    for (int64_t lane = 0; lane < grid.lanes; ++lane) kernel(job, Thread{block, grid.blocks, lane, grid.lanes});
  });
}

}  // namespace tvdr
