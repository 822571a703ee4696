#include "driver/nvrtc.hpp"

namespace tvdr {

Nvrtc::Nvrtc(const std::string& path) : library_(path) {
  library_.find("nvrtcGetErrorString", error_string_);
  library_.find("nvrtcVersion", version_);
  library_.find("nvrtcGetNumSupportedArchs", architecture_count_);
  library_.find("nvrtcGetSupportedArchs", architectures_);
  library_.find("nvrtcCreateProgram", create_);
  library_.find("nvrtcDestroyProgram", destroy_);
  library_.find("nvrtcCompileProgram", compile_);
  library_.find("nvrtcGetProgramLogSize", log_size_);
  library_.find("nvrtcGetProgramLog", log_);
  library_.find("nvrtcGetCUBINSize", cubin_size_);
  library_.find("nvrtcGetCUBIN", cubin_);
  library_.find("nvrtcGetPTXSize", ptx_size_);
  library_.find("nvrtcGetPTX", ptx_);
}

void Nvrtc::check(int status, const char* what) const {
  if (status != 0) throw std::runtime_error(std::string(what) + ": " + error_string_(status));
}

std::pair<int, int> Nvrtc::version() const {
  std::pair<int, int> version;
  check(version_(&version.first, &version.second), "nvrtcVersion");
  return version;
}

std::vector<int> Nvrtc::architectures() const {
  int count = 0;
  check(architecture_count_(&count), "nvrtcGetNumSupportedArchs");
  std::vector<int> found(count);
  check(architectures_(found.data()), "nvrtcGetSupportedArchs");
  return found;
}

std::string Nvrtc::text(Program program, GetSize* size, Get* get, const char* what) const {
  size_t bytes = 0;
  check(size(program, &bytes), what);
  std::string out(bytes, '\0');
  check(get(program, out.data()), what);
  return out;
}

std::string Nvrtc::compile(const std::string& name, const std::string& source,
                           const std::map<std::string, std::string>& headers, const std::vector<std::string>& options,
                           bool machine_code) const {
  std::vector<const char*> names, texts, words;
  for (const auto& [header, content] : headers) {
    names.push_back(header.c_str());
    texts.push_back(content.c_str());
  }
  for (const std::string& option : options) words.push_back(option.c_str());
  Program made = nullptr;
  check(create_(&made, source.c_str(), name.c_str(), static_cast<int>(names.size()), texts.data(), names.data()),
        "nvrtcCreateProgram");
  struct Owner {
    const Nvrtc& nvrtc;
    Program program;
    ~Owner() { nvrtc.destroy_(&program); }
  } const owner{*this, made};
  const int status = compile_(made, static_cast<int>(words.size()), words.data());
  if (status != 0) {
    const std::string log = text(made, log_size_, log_, "nvrtcGetProgramLog").c_str();  // up to the first zero
    throw std::runtime_error(log.empty() ? error_string_(status) : log);
  }
  return machine_code ? text(made, cubin_size_, cubin_, "nvrtcGetCUBIN") : text(made, ptx_size_, ptx_, "nvrtcGetPTX");
}

}  // namespace tvdr
