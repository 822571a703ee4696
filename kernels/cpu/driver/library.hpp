// A shared library that is opened when it is first needed, and its functions.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace tvdr {

class Library {
 public:
  // Throws std::runtime_error with the linker's words.
  explicit Library(const std::string& path) : path_(path), handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_) throw std::runtime_error(std::string(dlerror()));
  }
  ~Library() { dlclose(handle_); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  // Throws std::runtime_error where the library has no such function.
  template <typename Function>
  void find(const char* name, Function*& function) const {
    void* found = dlsym(handle_, name);
    if (!found) throw std::runtime_error(path_ + " has no " + name);
    function = reinterpret_cast<Function*>(found);
  }

 private:
  std::string path_;
  void* handle_;
};

}  // namespace tvdr
