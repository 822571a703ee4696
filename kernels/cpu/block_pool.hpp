// Large blocks of memory, used again. Memory of many megabytes that is fresh from the system costs more in page faults
// than in anything that is done with it, and the C library gives such blocks back as soon as they are free.
#pragma once

#include <cstddef>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace tvdr {

class BlockPool {
 public:
  static constexpr size_t kIdleAtMost = size_t{1} << 30;  // bytes kept for later

  void* take(size_t bytes) {
    {
      std::lock_guard lock(mutex_);
      for (auto& block : idle_) {
        if (block.second != bytes) continue;
        void* memory = block.first;
        block = idle_.back();
        idle_.pop_back();
        idle_bytes_ -= bytes;
        return memory;
      }
    }
    return ::operator new(bytes, kAlignment);
  }

  void give(void* memory, size_t bytes) noexcept {
    {
      std::lock_guard lock(mutex_);
      if (idle_bytes_ + bytes <= kIdleAtMost && idle_.size() < idle_.capacity()) {
        idle_.emplace_back(memory, bytes);
        idle_bytes_ += bytes;
        return;
      }
    }
    ::operator delete(memory, kAlignment);
  }

  // Never destroyed: blocks may come back until the process ends.
  static BlockPool& instance() {
    static auto* pool = new BlockPool;
    return *pool;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  BlockPool() { idle_.reserve(16); }

  std::mutex mutex_;
  std::vector<std::pair<void*, size_t>> idle_;
  size_t idle_bytes_ = 0;
};

}  // namespace tvdr
