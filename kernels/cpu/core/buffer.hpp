// Memory for numbers that are written before they are read: unlike std::vector it writes none of its own, so that pages
// of it that nobody uses are never there.
#pragma once

#include <cstddef>
#include <memory>

namespace tvdr {

template <typename T>
class Buffer {
 public:
  // Room for so many. What was in it may be lost; less room than there is gives none back.
  void make_room(size_t count) {
    if (count <= size_) return;
    memory_.reset();
    memory_ = std::make_unique_for_overwrite<T[]>(count);
    size_ = count;
  }
  size_t size() const { return size_; }
  T* data() const { return memory_.get(); }

 private:
  std::unique_ptr<T[]> memory_;
  size_t size_ = 0;
};

}  // namespace tvdr
