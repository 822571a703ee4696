// NVIDIA's driver, libcuda, without its headers: what loads kernels and launches them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "driver/library.hpp"

namespace tvdr {

// Devices are numbered as torch numbers them. All members throw std::runtime_error, with the driver's words.
class CudaDriver {
 public:
  explicit CudaDriver(const std::string& path);

  int version() const;  // 12040: CUDA 12.4
  int attribute(int device, int which) const;

  // An image, a cubin or PTX with its zero, in the device's primary context, which is torch's. Never unloaded.
  uint64_t load(int device, const char* image);
  uint64_t function(int device, uint64_t module, const char* name);

  // Launches functions one after the other, each with the same job as its only argument.
  void launch(int device, const std::vector<uint64_t>& functions, uint32_t blocks, uint32_t lanes, uint64_t stream,
              std::string_view job);

 private:
  using Context = void*;

  // The device's primary context is the thread's while this lives.
  class Current {
   public:
    Current(CudaDriver& driver, int device);
    ~Current();
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

   private:
    CudaDriver& driver_;
  };

  Context primary(int device);
  void check(int status, const char* what) const;

  Library library_;
  std::mutex guard_;
  std::unordered_map<int, Context> contexts_;

  int (*init_)(unsigned);
  int (*version_)(int*);
  int (*device_)(int*, int);
  int (*attribute_)(int*, int, int);
  int (*retain_)(Context*, int);
  int (*push_)(Context);
  int (*pop_)(Context*);
  int (*load_)(void**, const void*);
  int (*function_)(void**, void*, const char*);
  int (*launch_)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
  int (*error_name_)(int, const char**);
  int (*error_string_)(int, const char**);
};

}  // namespace tvdr
