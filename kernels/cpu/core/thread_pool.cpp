#include "core/thread_pool.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tvdr {
namespace {

// How often to look again before sleeping: some 200 us. Being woken takes 50 and more, and the regions of one op follow
// each other closely, as do the ops of one step.
constexpr int kLooks = 10000;

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// One parallel region. Workers hold a shared_ptr, so a late one never touches a region that has been left.
//
// The tasks are dealt out in as many runs as there are threads, and each thread begins with its own run: the first half
// of an image, say, is the same thread's in every region of every step, and stays in its core's cache, or in that of
// the cores around it, where a processor has several. Who is done helps the others.
struct Job {
  struct alignas(64) Share {
    std::atomic<int64_t> next;
    int64_t end;
  };

  TaskFunction function;
  void* context;
  std::vector<Share> shares;
  std::atomic<int64_t> unfinished;
  std::exception_ptr error;
  std::mutex mutex;
  std::condition_variable done;

  Job(TaskFunction f, void* c, int64_t tasks, int threads)
      : function(f), context(c), shares(threads), unfinished(tasks) {
    for (int i = 0; i < threads; ++i) {
      const Slice run = slice(tasks, i, threads);
      shares[i].next.store(run.first, std::memory_order_relaxed);
      shares[i].end = run.last;
    }
  }

  // thread: its number, 0 for the caller.
  void work(size_t thread) {
    for (size_t i = 0; i < shares.size(); ++i) {
      Share& share = shares[(thread + i) % shares.size()];
      for (int64_t task; (task = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) run(task);
    }
  }

 private:
  void run(int64_t task) {
    try {
      function(context, task);
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
    if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      std::lock_guard lock(mutex);
      done.notify_all();
    }
  }
};

class Pool {
 public:
  void run(const std::shared_ptr<Job>& job) {
    const int helpers = static_cast<int>(job->shares.size()) - 1;
    {
      std::lock_guard lock(mutex_);
      while (static_cast<int>(workers_.size()) < helpers) {
        workers_.emplace_back([this, number = workers_.size() + 1] { loop(number); });
        workers_.back().detach();
      }
      for (int i = 0; i < helpers; ++i) queue_.push_back(job);
      waiting_.store(static_cast<int>(queue_.size()), std::memory_order_release);
    }
    wake_.notify_all();  // not every worker may take it
    job->work(0);
    for (int look = 0; look < kLooks; ++look) {
      if (job->unfinished.load(std::memory_order_acquire) == 0) return;
      relax();
    }
    std::unique_lock lock(job->mutex);
    job->done.wait(lock, [&] { return job->unfinished.load(std::memory_order_acquire) == 0; });
  }

 private:
  void loop(size_t number) {
    for (;;) {
      std::shared_ptr<Job> job;
      for (int look = 0; look < kLooks && waiting_.load(std::memory_order_acquire) == 0; ++look) relax();
      {
        std::unique_lock lock(mutex_);
        // Of a region's threads each has a number of its own, the same one in every region. The last region first.
        auto mine = queue_.rend();
        wake_.wait(lock, [&] {
          mine = std::find_if(queue_.rbegin(), queue_.rend(), [&](const auto& j) { return number < j->shares.size(); });
          return mine != queue_.rend();
        });
        job = std::move(*mine);
        queue_.erase(std::prev(mine.base()));
        waiting_.store(static_cast<int>(queue_.size()), std::memory_order_release);
      }
      job->work(number);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Job>> queue_;
  std::atomic<int> waiting_{0};  // the queue's length, for those who look without the lock
  std::vector<std::thread> workers_;
};

// Threads do not survive fork(): a child process gets a pool of its own. Pools are never destroyed, because their
// detached workers may outlive static destruction.
Pool& pool() {
  static std::mutex mutex;
  static Pool* instance = nullptr;
  static pid_t owner = 0;
  std::lock_guard lock(mutex);
  if (owner != getpid()) {
    instance = new Pool;
    owner = getpid();
  }
  return *instance;
}

}  // namespace

void run_tasks(int threads, int64_t tasks, TaskFunction function, void* context) {
  if (tasks <= 0) return;
  if (threads <= 1 || tasks == 1) {
    for (int64_t task = 0; task < tasks; ++task) function(context, task);
    return;
  }
  const auto job = std::make_shared<Job>(function, context, tasks, static_cast<int>(std::min<int64_t>(threads, tasks)));
  pool().run(job);
  if (job->error) std::rethrow_exception(job->error);
}

}  // namespace tvdr
