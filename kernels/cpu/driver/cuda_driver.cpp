#include "driver/cuda_driver.hpp"

namespace tvdr {
namespace {

// cuLaunchKernel's words for how arguments are handed over as bytes.
void* const kBytes = reinterpret_cast<void*>(1);
void* const kSize = reinterpret_cast<void*>(2);

void* handle(uint64_t number) { return reinterpret_cast<void*>(number); }
uint64_t number(void* handle) { return reinterpret_cast<uint64_t>(handle); }

}  // namespace

CudaDriver::CudaDriver(const std::string& path) : library_(path) {
  library_.find("cuInit", init_);
  library_.find("cuDriverGetVersion", version_);
  library_.find("cuDeviceGet", device_);
  library_.find("cuDeviceGetAttribute", attribute_);
  library_.find("cuDevicePrimaryCtxRetain", retain_);
  library_.find("cuCtxPushCurrent_v2", push_);
  library_.find("cuCtxPopCurrent_v2", pop_);
  library_.find("cuModuleLoadData", load_);
  library_.find("cuModuleGetFunction", function_);
  library_.find("cuLaunchKernel", launch_);
  library_.find("cuGetErrorName", error_name_);
  library_.find("cuGetErrorString", error_string_);
  check(init_(0), "cuInit");
}

void CudaDriver::check(int status, const char* what) const {
  if (status == 0) return;
  const char *name = nullptr, *text = nullptr;
  if (error_name_(status, &name) != 0 || !name) name = "an error unknown to it";
  if (error_string_(status, &text) != 0 || !text) text = "no more is said";
  throw std::runtime_error(std::string(what) + ": " + name + " (" + std::to_string(status) + "): " + text);
}

int CudaDriver::version() const {
  int version = 0;
  check(version_(&version), "cuDriverGetVersion");
  return version;
}

int CudaDriver::attribute(int device, int which) const {
  int handle = 0, value = 0;
  check(device_(&handle, device), "cuDeviceGet");
  check(attribute_(&value, which, handle), "cuDeviceGetAttribute");
  return value;
}

CudaDriver::Context CudaDriver::primary(int device) {
  const std::lock_guard lock(guard_);
  const auto found = contexts_.find(device);
  if (found != contexts_.end()) return found->second;
  int handle = 0;
  check(device_(&handle, device), "cuDeviceGet");
  Context context = nullptr;
  check(retain_(&context, handle), "cuDevicePrimaryCtxRetain");
  contexts_[device] = context;
  return context;
}

CudaDriver::Current::Current(CudaDriver& driver, int device) : driver_(driver) {
  driver.check(driver.push_(driver.primary(device)), "cuCtxPushCurrent");
}

CudaDriver::Current::~Current() {
  Context popped = nullptr;
  driver_.pop_(&popped);
}

uint64_t CudaDriver::load(int device, const char* image) {
  const Current current(*this, device);
  void* module = nullptr;
  check(load_(&module, image), "cuModuleLoadData");
  return number(module);
}

uint64_t CudaDriver::function(int device, uint64_t module, const char* name) {
  const Current current(*this, device);
  void* found = nullptr;
  check(function_(&found, handle(module), name), "cuModuleGetFunction");
  return number(found);
}

void CudaDriver::launch(int device, const std::vector<uint64_t>& functions, uint32_t blocks, uint32_t lanes,
                        uint64_t stream, std::string_view job) {
  const Current current(*this, device);
  size_t size = job.size();
  void* arguments[] = {kBytes, const_cast<char*>(job.data()), kSize, &size, nullptr};
  for (const uint64_t function : functions)
    check(launch_(handle(function), blocks, 1, 1, lanes, 1, 1, 0, handle(stream), nullptr, arguments),
          "cuLaunchKernel");
}

}  // namespace tvdr
