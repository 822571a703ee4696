// A fork-safe pool of worker threads that help each other. Not OpenMP's, of which each region waits for all its threads
// to be there, done or not: where others use the cores too, that takes many times as long as the work.
#pragma once

#include <cstdint>
#include <type_traits>

namespace tvdr {

// Part `part` of `parts`, of a run of things that is divided evenly.
struct Slice {
  int64_t first, last;
};
inline Slice slice(int64_t count, int64_t part, int64_t parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

using TaskFunction = void (*)(void* context, int64_t task);

// Runs function(context, task) for every task in [0, tasks) on up to `threads` threads, the caller's among them, and
// returns when all are done. Each thread begins with a run of them of its own, and takes the others' one by one when it
// is done, so uneven ones balance. Which thread runs a task must not matter to its result: that is what makes the ops
// independent of the number of threads.
void run_tasks(int threads, int64_t tasks, TaskFunction function, void* context);

template <typename F>
void parallel_for(int threads, int64_t tasks, F&& body) {
  using Body = std::remove_reference_t<F>;
  run_tasks(
      threads, tasks, [](void* context, int64_t task) { (*static_cast<Body*>(context))(task); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

// Calls body(image, threads) for each image, with so many threads for its own work: many images one to a thread, so
// that what an image needs stays in one core's cache; few ones one after another, each with all threads.
template <typename F>
void for_each_image(int threads, int64_t images, F&& body) {
  constexpr int64_t kEnough = 4;  // to a thread
  if (threads > 1 && images >= kEnough * threads) {
    parallel_for(threads, images, [&](int64_t image) { body(image, 1); });
  } else {
    for (int64_t image = 0; image < images; ++image) body(image, threads);
  }
}

}  // namespace tvdr
