// NVRTC, NVIDIA's compiler as a library, without its headers. It needs no GPU.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "driver/library.hpp"

namespace tvdr {

// All members throw std::runtime_error.
class Nvrtc {
 public:
  explicit Nvrtc(const std::string& path);

  std::pair<int, int> version() const;
  std::vector<int> architectures() const;  // 90: sm_90

  // A source's machine code where the options name a real architecture, its PTX where they name a virtual one.
  // headers: their texts, by the names in the includes. Where it does not compile, what is thrown has the compiler's
  // words.
  std::string compile(const std::string& name, const std::string& source,
                      const std::map<std::string, std::string>& headers, const std::vector<std::string>& options,
                      bool machine_code) const;

 private:
  using Program = void*;
  using GetSize = int(Program, size_t*);
  using Get = int(Program, char*);

  void check(int status, const char* what) const;
  std::string text(Program program, GetSize* size, Get* get, const char* what) const;

  Library library_;
  const char* (*error_string_)(int);
  int (*version_)(int*, int*);
  int (*architecture_count_)(int*);
  int (*architectures_)(int*);
  int (*create_)(Program*, const char*, const char*, int, const char* const*, const char* const*);
  int (*destroy_)(Program*);
  int (*compile_)(Program, int, const char* const*);
  GetSize *log_size_, *cubin_size_, *ptx_size_;
  Get *log_, *cubin_, *ptx_;
};

}  // namespace tvdr
