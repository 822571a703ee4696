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
      for (auto block = idle_.begin(); block != idle_.end(); ++block) {
        if (block->second != bytes) continue;
        void* memory = block->first;
        idle_.erase(block);
        idle_bytes_ -= bytes;
        return memory;
      }
    }
    return ::operator new(bytes, kAlignment);
  }

  // In place of blocks that nobody has asked for since longest, if there are too many.
  void give(void* memory, size_t bytes) noexcept {
    if (bytes > kIdleAtMost) return ::operator delete(memory, kAlignment);
    std::lock_guard lock(mutex_);
    while (idle_.size() == kBlocksAtMost || idle_bytes_ + bytes > kIdleAtMost) {
      ::operator delete(idle_.front().first, kAlignment);
      idle_bytes_ -= idle_.front().second;
      idle_.erase(idle_.begin());
    }
    idle_.emplace_back(memory, bytes);
    idle_bytes_ += bytes;
  }

  // Never destroyed: blocks may come back until the process ends.
  static BlockPool& instance() {
    static auto* pool = new BlockPool;
    return *pool;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static constexpr size_t kBlocksAtMost = 16;
  BlockPool() { idle_.reserve(kBlocksAtMost); }

  std::mutex mutex_;
  std::vector<std::pair<void*, size_t>> idle_;  // the one that came back last comes last
  size_t idle_bytes_ = 0;
};

}  // namespace tvdr
