// A libcuda and a libnvrtc in one, without a GPU: they note what they are asked for, refuse what NVIDIA's would refuse,
// and hand each launch to a function of the test's.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a test may set.
int stub_init_status = 0, stub_load_status = 0, stub_launch_status = 0;
int stub_capturing = 0;  // a graph: what would wait for the GPU, or take memory of it, is refused
int stub_driver_version = 13000, stub_capability = 90;
int stub_nvrtc_major = 13, stub_nvrtc_minor = 0, stub_compile_status = 0;
int stub_architectures[4] = {75, 80, 90, 120};
void (*stub_on_launch)(const char* kernel, const void* job, uint64_t size, uint32_t blocks, uint32_t lanes) = 0;

// What a test may read: a line for each call that matters.
char stub_log[1 << 20];
static void note(const char* line) { strncat(stub_log, line, sizeof(stub_log) - strlen(stub_log) - 1); }

enum { SUCCESS = 0, INVALID_VALUE = 1, INVALID_CONTEXT = 201, NOT_FOUND = 500, CAPTURING = 900 };

static void* current[16];
static int depth = 0;
static void* context_of(int device) { return (void*)(uintptr_t)(0x1000 + device); }
static void* now(void) { return depth > 0 ? current[depth - 1] : 0; }

struct module {
  void* context;
  char* image;
};
struct function {
  void* context;
  char* name;
};

int cuInit(unsigned flags) { return flags == 0 ? stub_init_status : INVALID_VALUE; }
int cuDriverGetVersion(int* version) { return *version = stub_driver_version, SUCCESS; }
int cuDeviceGet(int* device, int ordinal) { return *device = 40 + ordinal, SUCCESS; }  // handles are no ordinals
int cuDeviceGetAttribute(int* value, int which, int device) {
  if (device < 40) return INVALID_VALUE;
  *value = which == 16 ? 10 : which == 75 ? stub_capability / 10 : which == 76 ? stub_capability % 10 : -1;
  return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int device) {
  if (stub_capturing) return CAPTURING;
  note("retain\n");
  return *context = context_of(device - 40), SUCCESS;
}
int cuCtxPushCurrent_v2(void* context) { return current[depth++] = context, SUCCESS; }
int cuCtxPopCurrent_v2(void** context) { return *context = current[--depth], SUCCESS; }

int cuModuleLoadData(void** module, const void* image) {
  if (!now()) return INVALID_CONTEXT;
  if (stub_capturing) return CAPTURING;
  if (stub_load_status) return stub_load_status;
  struct module* made = malloc(sizeof(struct module));
  made->context = now();
  made->image = strdup(image);
  char line[200];
  const char* text = image;
  snprintf(line, sizeof(line), "load %.*s on %d\n", (int)strcspn(text, "\n"), text, (int)((uintptr_t)now() - 0x1000));
  note(line);
  return *module = made, SUCCESS;
}

int cuModuleGetFunction(void** function, void* module, const char* name) {
  const struct module* from = module;
  if (now() != from->context) return INVALID_CONTEXT;
  if (stub_capturing) return CAPTURING;
  // The image holds the source, in which a kernel stands as TVDR_KERNEL(Job, name).
  char wanted[200];
  snprintf(wanted, sizeof(wanted), " %s)", name + strlen("tvdr_"));
  if (!strstr(from->image, wanted)) return NOT_FOUND;
  struct function* made = malloc(sizeof(struct function));
  made->context = now();
  made->name = strdup(name);
  return *function = made, SUCCESS;
}

int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void* stream, void** parameters, void** extra) {
  const struct function* of = function;
  if (now() != of->context) return INVALID_CONTEXT;
  if (gy != 1 || gz != 1 || by != 1 || bz != 1 || shared != 0 || parameters || !gx || !bx) return INVALID_VALUE;
  if (extra[0] != (void*)1 || extra[2] != (void*)2 || extra[4] != 0) return INVALID_VALUE;
  if (stub_launch_status) return stub_launch_status;
  const uint64_t size = *(const size_t*)extra[3];
  char line[300];
  snprintf(line, sizeof(line), "launch %s %u x %u, %llu bytes, stream %#llx on %d\n", of->name, gx, bx,
           (unsigned long long)size, (unsigned long long)(uintptr_t)stream, (int)((uintptr_t)now() - 0x1000));
  note(line);
  if (stub_on_launch) stub_on_launch(of->name, extra[1], size, gx, bx);
  return SUCCESS;
}

int cuGetErrorName(int status, const char** name) {
  *name = status == 209 ? "CUDA_ERROR_NO_BINARY_FOR_GPU" : status == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" : 0;
  return *name ? SUCCESS : INVALID_VALUE;
}
int cuGetErrorString(int status, const char** text) {
  *text = status == 209 ? "no kernel image is available" : status == 803 ? "driver and library differ" : 0;
  return *text ? SUCCESS : INVALID_VALUE;
}

// A program's machine code is a line that names what it was compiled for, and its source.
struct program {
  char *name, *source, code[1 << 16];
};

const char* nvrtcGetErrorString(int status) { return status == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }
int nvrtcVersion(int* major, int* minor) { return *major = stub_nvrtc_major, *minor = stub_nvrtc_minor, SUCCESS; }
int nvrtcGetNumSupportedArchs(int* count) { return *count = 4, SUCCESS; }
int nvrtcGetSupportedArchs(int* out) { return memcpy(out, stub_architectures, sizeof(stub_architectures)), SUCCESS; }
int nvrtcCreateProgram(void** program, const char* source, const char* name, int count, const char* const* texts,
                       const char* const* names) {
  struct program* made = calloc(1, sizeof(struct program));
  made->name = strdup(name);
  made->source = strdup(source);
  for (int i = 0; i < count; ++i)
    if (!strlen(texts[i]) || !strchr(names[i], '/')) return INVALID_VALUE;
  return *program = made, SUCCESS;
}
int nvrtcDestroyProgram(void** program) { return *program = 0, SUCCESS; }
int nvrtcCompileProgram(void* program, int count, const char* const* options) {
  struct program* of = program;
  for (int i = 0; i < count; ++i)
    if (!strncmp(options[i], "--gpu-architecture=", 19))
      snprintf(of->code, sizeof(of->code), "%s for %s\n%s", of->name, options[i] + 19, of->source);
  note("compile ");
  note(of->name);
  note("\n");
  return stub_compile_status;
}
int nvrtcGetProgramLogSize(void* program, size_t* size) { return *size = 32, SUCCESS; }
int nvrtcGetProgramLog(void* program, char* log) { return strcpy(log, "x.cu(1): error: no such thing"), SUCCESS; }
int nvrtcGetCUBINSize(void* program, size_t* size) {
  return *size = strlen(((struct program*)program)->code) + 1, SUCCESS;
}
int nvrtcGetCUBIN(void* program, char* out) { return strcpy(out, ((struct program*)program)->code), SUCCESS; }
int nvrtcGetPTXSize(void* program, size_t* size) { return nvrtcGetCUBINSize(program, size); }
int nvrtcGetPTX(void* program, char* out) { return nvrtcGetCUBIN(program, out); }
