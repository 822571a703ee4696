// Threads that share one counter of tasks: OpenMP's, where the kernels are built with it, or a pool of our own.
#pragma once

#include <cstdint>
#include <type_traits>

namespace tvdr {

using TaskFunction = void (*)(void* context, int64_t task);

// Runs function(context, task) for every task in [0, tasks) on up to `threads` threads, the caller's among them, and
// returns when all are done. Tasks are handed out one by one, so uneven ones balance. Which thread runs a task must not
// matter to its result: that is what makes the ops independent of the number of threads.
void run_tasks(int threads, int64_t tasks, TaskFunction function, void* context);

template <typename F>
void parallel_for(int threads, int64_t tasks, F&& body) {
  using Body = std::remove_reference_t<F>;
  run_tasks(
      threads, tasks, [](void* context, int64_t task) { (*static_cast<Body*>(context))(task); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace tvdr
