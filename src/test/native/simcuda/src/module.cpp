// Modules, functions and launches. A module is a library made by build-kernels.sh: either the image itself, or, for any
// image that a GPU would take, the library that stands for the project's kernels.
#include "module.h"

#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "call.h"
#include "card.h"
#include "context.h"
#include "control.h"
#include "fatbin.h"
#include "fiber.h"
#include "limits.h"
#include "memory.h"
#include "stream.h"

namespace simcuda {

struct Function {
  const Entry* entry;
  Module* module;
  size_t dynamic_shared_limit = DEFAULT_SHARED_BYTES;

  unsigned max_threads() const { return entry->max_threads > 0 ? static_cast<unsigned>(entry->max_threads) : MAX_THREADS_PER_BLOCK; }
};

struct Module {
  Context* context;
  std::shared_ptr<void> library;
  Image image;
  const Entry* first;
  std::list<Function> functions;
};

namespace {

std::list<Module> modules;

constexpr uint32_t FATBIN = 0xba55ed50, FATBIN_WRAPPER = 0x466243b1;

enum FunctionAttribute {
  FUNC_MAX_THREADS = 0,
  FUNC_SHARED_BYTES = 1,
  FUNC_CONST_BYTES = 2,
  FUNC_LOCAL_BYTES = 3,
  FUNC_REGISTERS = 4,
  FUNC_PTX_VERSION = 5,
  FUNC_BINARY_VERSION = 6,
  FUNC_CACHE_MODE = 7,
  FUNC_MAX_DYNAMIC_SHARED = 8,
  FUNC_CARVEOUT = 9,
};

std::string prebuilt_library() {
  if (const char* path = getenv("SIMCUDA_KERNELS")) return path;
  Dl_info here;
  dladdr(reinterpret_cast<void*>(&prebuilt_library), &here);
  const std::string file = here.dli_fname;
  return file.substr(0, file.rfind('/') + 1) + "libvoiceprint_kernels_sim.so";
}

std::shared_ptr<void> open_library(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  SIMCUDA_REQUIRE(handle != nullptr, CUDA_ERROR_INVALID_IMAGE, "%s", dlerror());
  return {handle, [](void* h) { dlclose(h); }};
}

/** Loads a library that lies in memory. Its length follows from its section table, which linkers put last. */
std::shared_ptr<void> open_image(const Elf64_Ehdr& elf) {
  const size_t bytes = elf.e_shoff + size_t{elf.e_shentsize} * elf.e_shnum;
  const int file = memfd_create("simcuda-module", MFD_CLOEXEC);
  const bool written = file >= 0 && write(file, &elf, bytes) == static_cast<ssize_t>(bytes);
  SIMCUDA_REQUIRE(written, CUDA_ERROR_OUT_OF_MEMORY, "no room for an image of %zu bytes", bytes);
  const std::shared_ptr<void> library = open_library("/proc/self/fd/" + std::to_string(file));
  close(file);
  return library;
}

/** The same, written in hexadecimal digits. */
std::shared_ptr<void> open_image(const char* digits) {
  std::vector<Elf64_Ehdr> image(1);
  std::string bytes;
  const auto value = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (; value(digits[0]) >= 0 && value(digits[1]) >= 0; digits += 2) bytes += static_cast<char>(value(digits[0]) << 4 | value(digits[1]));
  SIMCUDA_REQUIRE(bytes.size() > sizeof(Elf64_Ehdr), CUDA_ERROR_INVALID_IMAGE, "an embedded library of %zu bytes", bytes.size());
  image.resize(bytes.size() / sizeof(Elf64_Ehdr) + 1);
  memcpy(static_cast<void*>(image.data()), bytes.data(), bytes.size());
  return open_image(image[0]);
}

/** Machine code or PTX by itself, and libraries for this device, are taken for what this card runs. */
Image image_of(const void* image) {
  uint32_t magic;
  memcpy(&magic, image, sizeof magic);
  return magic == FATBIN ? chosen_image(image, card().compute_capability) : Image{card().compute_capability, card().compute_capability};
}

std::shared_ptr<void> library_for(const void* image) {
  SIMCUDA_REQUIRE(image != nullptr, CUDA_ERROR_INVALID_VALUE, "image is null");
  uint32_t magic;
  memcpy(&magic, image, sizeof magic);
  if (magic == FATBIN || magic == FATBIN_WRAPPER) return open_library(prebuilt_library());
  if (memcmp(image, ELFMAG, SELFMAG) == 0) {
    const auto& elf = *static_cast<const Elf64_Ehdr*>(image);
    constexpr unsigned CUDA_MACHINE = 190;
    return elf.e_machine == CUDA_MACHINE ? open_library(prebuilt_library()) : open_image(elf);
  }
  const char* const text = static_cast<const char*>(image);
  const std::string begin(text, strnlen(text, 4096));
  SIMCUDA_REQUIRE(begin.find(".version") != std::string::npos && begin.find(".target") != std::string::npos, CUDA_ERROR_INVALID_IMAGE,
                  "neither a fat binary, nor a cubin, nor PTX, nor a library for this device; it begins with %02x %02x %02x %02x", magic & 0xff,
                  magic >> 8 & 0xff, magic >> 16 & 0xff, magic >> 24);
  constexpr const char* EMBEDDED = "// simcuda-library ";  // what this device's NVRTC writes
  const size_t embedded = begin.find(EMBEDDED);
  return embedded == std::string::npos ? open_library(prebuilt_library()) : open_image(text + embedded + strlen(EMBEDDED));
}

CUmodule load(std::shared_ptr<void> library, Image image) {
  using Kernels = const Entry* (*)();
  const auto kernels = reinterpret_cast<Kernels>(dlsym(library.get(), "simcuda_kernels"));
  SIMCUDA_REQUIRE(kernels != nullptr, CUDA_ERROR_INVALID_IMAGE, "a library without kernels for this device");
  modules.push_back({&current_context(), std::move(library), image, kernels(), {}});
  born("module");
  return &modules.back();
}

CUmodule load(const void* image) {
  std::shared_ptr<void> library = library_for(image);
  return load(std::move(library), image_of(image));
}

CUmodule load_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  SIMCUDA_REQUIRE(file.good(), CUDA_ERROR_FILE_NOT_FOUND, "%s", path);
  std::vector<char> image{std::istreambuf_iterator<char>(file), {}};
  image.push_back(0);
  // Opened by its name where that will do, a library's functions have names in a debugger and in a sanitizer's report.
  const bool library = image.size() > sizeof(Elf64_Ehdr) && memcmp(image.data(), ELFMAG, SELFMAG) == 0 &&
                       reinterpret_cast<const Elf64_Ehdr*>(image.data())->e_machine == EM_X86_64;
  if (library) return load(open_library(std::filesystem::absolute(path)), image_of(image.data()));
  return load(image.data());
}

Module& require_module(CUmodule module) {
  for (Module& m : modules) {
    if (&m != module) continue;
    SIMCUDA_REQUIRE(m.context == &current_context(), CUDA_ERROR_INVALID_HANDLE, "the module belongs to another context");
    return m;
  }
  fail(CUDA_ERROR_INVALID_HANDLE, "module %p does not exist", static_cast<void*>(module));
}

Function& require_function(CUfunction function) {
  for (Module& m : modules) {
    for (Function& f : m.functions) {
      if (&f != function) continue;
      SIMCUDA_REQUIRE(m.context == &current_context(), CUDA_ERROR_INVALID_HANDLE, "function %s belongs to another context", f.entry->name);
      return f;
    }
  }
  fail(CUDA_ERROR_INVALID_HANDLE, "function %p does not exist", static_cast<void*>(function));
}

/** The arguments of one launch, copied when it is enqueued. */
struct Arguments {
  std::vector<std::max_align_t> storage;
  std::vector<size_t> offsets;
  size_t bytes = 0;

  explicit Arguments(const Entry& entry) {
    for (int i = 0; i < entry.argument_count; i++) {
      const Argument& a = entry.arguments[i];
      bytes = (bytes + a.alignment - 1) / a.alignment * a.alignment;
      offsets.push_back(bytes);
      bytes += a.bytes;
    }
    storage.resize((bytes + 64) / sizeof(std::max_align_t) + 1);
  }
  char* at(int i) { return reinterpret_cast<char*>(storage.data()) + offsets[static_cast<size_t>(i)]; }
};

/** Reads CUDA's two ways of passing arguments: an array of pointers, or one packed buffer in `extra`. */
std::shared_ptr<Arguments> copy_arguments(const Entry& entry, void** parameters, void** extra) {
  auto arguments = std::make_shared<Arguments>(entry);
  SIMCUDA_REQUIRE(parameters == nullptr || extra == nullptr, CUDA_ERROR_INVALID_VALUE, "both kernelParams and extra are given");
  SIMCUDA_REQUIRE(arguments->bytes <= MAX_PARAMETER_BYTES, CUDA_ERROR_INVALID_VALUE, "%zu bytes of arguments", arguments->bytes);
  if (extra == nullptr) {
    SIMCUDA_REQUIRE(parameters != nullptr || entry.argument_count == 0, CUDA_ERROR_INVALID_VALUE, "kernel %s takes %d arguments, none are given", entry.name,
                    entry.argument_count);
    for (int i = 0; i < entry.argument_count; i++) {
      SIMCUDA_REQUIRE(parameters[i] != nullptr, CUDA_ERROR_INVALID_VALUE, "kernel %s: the pointer to argument %d is null", entry.name, i);
      memcpy(arguments->at(i), parameters[i], entry.arguments[i].bytes);
    }
    return arguments;
  }
  const void* buffer = nullptr;
  size_t bytes = 0;
  for (; *extra != nullptr; extra += 2) {
    const auto key = reinterpret_cast<uintptr_t>(extra[0]);
    SIMCUDA_REQUIRE(key == 1 || key == 2, CUDA_ERROR_INVALID_VALUE, "extra holds the unknown key %zu", static_cast<size_t>(key));
    if (key == 1) buffer = extra[1];
    if (key == 2) bytes = *static_cast<const size_t*>(extra[1]);
  }
  SIMCUDA_REQUIRE(buffer != nullptr && bytes == arguments->bytes, CUDA_ERROR_INVALID_VALUE, "kernel %s takes %zu bytes of arguments, but %zu are given", entry.name,
                  arguments->bytes, bytes);
  memcpy(arguments->storage.data(), buffer, bytes);
  return arguments;
}

void require_shape(const Function& f, const LaunchShape& s) {
  const char* name = f.entry->name;
  const dim3 g = s.grid, b = s.block;
  SIMCUDA_REQUIRE(g.x > 0 && g.y > 0 && g.z > 0 && b.x > 0 && b.y > 0 && b.z > 0, CUDA_ERROR_INVALID_VALUE, "kernel %s: grid (%u,%u,%u) block (%u,%u,%u)", name,
                  g.x, g.y, g.z, b.x, b.y, b.z);
  SIMCUDA_REQUIRE(g.x <= 0x7fffffff && g.y <= 65535 && g.z <= 65535, CUDA_ERROR_INVALID_VALUE, "kernel %s: grid (%u,%u,%u) is too large", name, g.x, g.y, g.z);
  const uint64_t threads = uint64_t{b.x} * b.y * b.z;
  SIMCUDA_REQUIRE(b.x <= 1024 && b.y <= 1024 && b.z <= 64 && threads <= MAX_THREADS_PER_BLOCK, CUDA_ERROR_INVALID_VALUE,
                  "kernel %s: block (%u,%u,%u) is too large", name, b.x, b.y, b.z);
  SIMCUDA_REQUIRE(threads <= f.max_threads(), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "kernel %s: block (%u,%u,%u), but its launch bounds allow %u threads", name, b.x,
                  b.y, b.z, f.max_threads());
  SIMCUDA_REQUIRE(s.shared_bytes <= f.dynamic_shared_limit, CUDA_ERROR_INVALID_VALUE, "kernel %s: %zu bytes of shared memory, its limit is %zu (%s)", name,
                  s.shared_bytes, f.dynamic_shared_limit, "CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES raises it");
}

void run(const Entry& entry, Arguments& arguments, const LaunchShape& shape) {
  std::vector<void*> pointers;
  for (int i = 0; i < entry.argument_count; i++) {
    pointers.push_back(arguments.at(i));
    if (!entry.arguments[i].pointer) continue;
    void* value;
    memcpy(&value, arguments.at(i), sizeof value);
    if (value == nullptr || reachable(value)) continue;
    char text[300];
    describe_address(value, text, sizeof text);
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, "kernel %s: argument %d is no live device memory: %s", entry.name, i, text);
  }
  run_grid(entry, pointers.data(), shape);
  check_red_zones(entry.name);
}

int blocks_per_multiprocessor(const Function& f, int block, size_t shared) {
  SIMCUDA_REQUIRE(block > 0, CUDA_ERROR_INVALID_VALUE, "blockSize=%d", block);
  if (static_cast<unsigned>(block) > f.max_threads() || shared > f.dynamic_shared_limit) return 0;
  const int by_threads = card().threads_per_multiprocessor / ((block + 31) / 32 * 32);
  const int by_shared = static_cast<int>(card().shared_bytes_per_multiprocessor / (shared + 1024));
  return std::min({by_threads, by_shared, card().blocks_per_multiprocessor});
}

}  // namespace

void destroy_modules_of(Context& context) {
  modules.remove_if([&](const Module& m) {
    if (m.context != &context) return false;
    gone("module");
    return true;
  });
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuModuleLoadData, CONTEXT_NO_CAPTURE, (CUmodule * module, const void* image), (module, image)) { *module = load(image); }

SIMCUDA_CALL(cuModuleLoadDataEx, CONTEXT_NO_CAPTURE, (CUmodule * module, const void* image, unsigned, int*, void**), (module, image, 0, nullptr, nullptr)) {
  *module = load(image);
}

SIMCUDA_CALL(cuModuleLoadFatBinary, CONTEXT_NO_CAPTURE, (CUmodule * module, const void* image), (module, image)) { *module = load(image); }

SIMCUDA_CALL(cuModuleLoad, CONTEXT_NO_CAPTURE, (CUmodule * module, const char* path), (module, path)) { *module = load_file(path); }

SIMCUDA_CALL(cuModuleUnload, CONTEXT_NO_CAPTURE, (CUmodule module), (module)) {
  Module& m = require_module(module);
  complete_all(*m.context);
  modules.remove_if([&](const Module& other) { return &other == &m; });
  gone("module");
}

SIMCUDA_CALL(cuModuleGetFunction, CONTEXT, (CUfunction * function, CUmodule module, const char* name), (function, module, name)) {
  Module& m = require_module(module);
  for (Function& f : m.functions) {
    if (strcmp(f.entry->name, name) == 0) {
      *function = &f;
      return;
    }
  }
  for (const Entry* e = m.first; e != nullptr; e = e->next) {
    if (strcmp(e->name, name) != 0) continue;
    m.functions.push_back({e, &m});
    *function = &m.functions.back();
    return;
  }
  fail(CUDA_ERROR_NOT_FOUND, "no kernel is named %s", name);
}

SIMCUDA_CALL(cuModuleGetGlobal_v2, CONTEXT, (CUdeviceptr*, size_t*, CUmodule module, const char* name), (nullptr, nullptr, module, name)) {
  require_module(module);
  fail(CUDA_ERROR_NOT_FOUND, "%s: module variables are not kept here; pass the address as an argument", name);
}

SIMCUDA_CALL(cuFuncGetModule, CONTEXT, (CUmodule * module, CUfunction function), (module, function)) { *module = require_function(function).module; }

SIMCUDA_CALL(cuFuncGetAttribute, CONTEXT, (int* value, int attribute, CUfunction function), (value, attribute, function)) {
  const Function& f = require_function(function);
  switch (attribute) {
    case FUNC_MAX_THREADS: *value = static_cast<int>(f.max_threads()); return;
    case FUNC_REGISTERS: *value = 32; return;
    case FUNC_SHARED_BYTES: case FUNC_CONST_BYTES: case FUNC_LOCAL_BYTES: case FUNC_CACHE_MODE: *value = 0; return;
    case FUNC_PTX_VERSION: *value = f.module->image.ptx; return;
    case FUNC_BINARY_VERSION: *value = f.module->image.binary; return;
    case FUNC_MAX_DYNAMIC_SHARED: *value = static_cast<int>(f.dynamic_shared_limit); return;
    case FUNC_CARVEOUT: *value = -1; return;
    default: fail(CUDA_ERROR_INVALID_VALUE, "function attribute %d is not known here", attribute);
  }
}

SIMCUDA_CALL(cuFuncSetAttribute, CONTEXT, (CUfunction function, int attribute, int value), (function, attribute, value)) {
  Function& f = require_function(function);
  if (attribute == FUNC_CARVEOUT) return;
  SIMCUDA_REQUIRE(attribute == FUNC_MAX_DYNAMIC_SHARED, CUDA_ERROR_INVALID_VALUE, "function attribute %d cannot be set here", attribute);
  SIMCUDA_REQUIRE(value >= 0 && static_cast<size_t>(value) <= card().shared_bytes_per_block, CUDA_ERROR_INVALID_VALUE, "kernel %s: %d bytes of shared memory, at most %zu",
                  f.entry->name, value, card().shared_bytes_per_block);
  f.dynamic_shared_limit = static_cast<size_t>(value);
}

SIMCUDA_CALL(cuFuncSetCacheConfig, CONTEXT, (CUfunction function, int), (function, 0)) { require_function(function); }

SIMCUDA_CALL(cuOccupancyMaxActiveBlocksPerMultiprocessor, CONTEXT, (int* blocks, CUfunction function, int block, size_t shared), (blocks, function, block, shared)) {
  *blocks = blocks_per_multiprocessor(require_function(function), block, shared);
}

SIMCUDA_CALL(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, CONTEXT, (int* blocks, CUfunction function, int block, size_t shared, unsigned),
             (blocks, function, block, shared, 0)) {
  *blocks = blocks_per_multiprocessor(require_function(function), block, shared);
}

SIMCUDA_CALL(cuLaunchKernel, CONTEXT,
             (CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared_bytes, CUstream stream,
              void** parameters, void** extra),
             (function, gx, gy, gz, bx, by, bz, shared_bytes, stream, parameters, extra)) {
  const Function& f = require_function(function);
  const LaunchShape shape{{gx, gy, gz}, {bx, by, bz}, shared_bytes};
  require_shape(f, shape);
  const Entry& entry = *f.entry;
  const std::shared_ptr<void> library = f.module->library;
  const auto arguments = copy_arguments(entry, parameters, extra);
  const CUdevice device = current_context().device;
  enqueue(stream, {entry.name, CU_GRAPH_NODE_TYPE_KERNEL, [library, &entry, arguments, shape, device] {
                     count_launch(device);
                     run(entry, *arguments, shape);
                   }});
}
