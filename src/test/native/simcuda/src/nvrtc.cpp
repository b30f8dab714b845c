// NVRTC: compiles with the host compiler through build-kernels.sh. A "cubin" is the library itself; "PTX", which must be
// text, carries the library in hexadecimal digits in a comment.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "call.h"

using namespace simcuda;
namespace fs = std::filesystem;

namespace {

enum Result { SUCCESS = 0, INVALID_INPUT = 3, INVALID_PROGRAM = 4, INVALID_OPTION = 5, COMPILATION = 6, INTERNAL_ERROR = 11 };

struct Program {
  std::string name, source, log, image;
  std::map<std::string, std::string> headers;
  bool real_architecture = false;  // sm_xx: a cubin may be asked for
  bool default_device = false;     // functions without annotation, generic lambdas among them, are the device's
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/** Options for the host compiler; those that only concern a GPU are left out, unknown ones are an error. */
bool translate(int count, const char* const* options, Program& p, std::string& flags) {
  const char* const ignored[] = {"-std=", "--std=", "-lineinfo", "--generate-line-info", "-default-device", "--device-as-default-execution-space", "-use_fast_math",
                                 "--use_fast_math", "-fmad=", "--fmad=", "--maxrregcount=", "--restrict", "--extra-device-vectorization", "-w", "-opt-info"};
  for (int i = 0; i < count; i++) {
    const std::string option = options[i];
    const auto begins = [&](const char* prefix) { return option.rfind(prefix, 0) == 0; };
    if (begins("-D") || begins("-I")) {
      flags += " " + option;
    } else if (begins("--define-macro=")) {
      flags += " -D" + option.substr(15);
    } else if (begins("--include-path=")) {
      flags += " -I" + option.substr(15);
    } else if (begins("-arch=") || begins("--gpu-architecture=")) {
      p.real_architecture = option.find("=sm_") != std::string::npos;
    } else {
      p.default_device = p.default_device || begins("-default-device") || begins("--device-as-default-execution-space");
      bool known = false;
      for (const char* prefix : ignored) known = known || begins(prefix);
      if (!known) {
        p.log = "nvrtc: error: unrecognized option " + option + " found\n";
        return false;
      }
    }
  }
  return true;
}

/** Whether a lambda's first parameter is declared "auto". */
bool has_generic_lambda(const std::string& source) {
  return source.find("](auto ") != std::string::npos || source.find("](const auto") != std::string::npos;
}

Result compile(Program& p, const std::string& flags) {
  if (!p.default_device && has_generic_lambda(p.source)) {
    p.log = p.name + ": error: a generic lambda is considered a host function, and host functions are not allowed in JIT mode";
    return COMPILATION;
  }
  char pattern[] = "/tmp/simcuda-nvrtc-XXXXXX";
  if (mkdtemp(pattern) == nullptr) return INTERNAL_ERROR;
  const fs::path work = pattern;
  std::string file = fs::path(p.name).filename();
  if (file.empty() || file == "default_program") file = "default_program.cu";
  if (fs::path(file).extension() != ".cu") file += ".cu";
  write(work / file, p.source);
  for (const auto& [name, text] : p.headers) write(work / name, text);
  const std::string command = "SIMCUDA_FLAGS=" + quoted("-I" + work.string() + flags) + " bash " + quoted(SIMCUDA_SOURCE "/build-kernels.sh") + " " +
                              quoted(work / "program.so") + " " + quoted(work / file) + " > " + quoted(work / "log") + " 2>&1";
  const int status = std::system(command.c_str());
  p.log = read(work / "log");
  p.image = status == 0 ? read(work / "program.so") : "";
  fs::remove_all(work);
  return status == 0 ? SUCCESS : COMPILATION;
}

std::string as_ptx(const std::string& image) {
  std::string text = ".version 8.5\n.target sm_86\n.address_size 64\n// simcuda-library ";
  for (unsigned char c : image) {
    text += "0123456789abcdef"[c >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text + "\n";
}

int rtc(const char* name, const std::function<int()>& body) { return library_call(name, INTERNAL_ERROR, body); }

int give(const std::string& text, size_t extra, size_t* size) {
  *size = text.size() + extra;
  return SUCCESS;
}

}  // namespace

SIMCUDA_EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 99;  // never that of a real one, so that a cache of compiled kernels cannot mix them up
  return SUCCESS;
}
SIMCUDA_EXPORT const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case COMPILATION: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR_INTERNAL_ERROR";
  }
}
SIMCUDA_EXPORT int nvrtcGetNumSupportedArchs(int* count) {
  *count = 1;
  return SUCCESS;
}
SIMCUDA_EXPORT int nvrtcGetSupportedArchs(int* archs) {
  *archs = 86;
  return SUCCESS;
}
SIMCUDA_EXPORT int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers, const char* const* texts, const char* const* names) {
  return rtc("nvrtcCreateProgram", [&]() -> int {
    if (source == nullptr || headers < 0) return INVALID_INPUT;
    auto p = std::make_unique<Program>();
    p->source = source;
    p->name = name == nullptr ? "default_program" : name;
    for (int i = 0; i < headers; i++) p->headers[names[i]] = texts[i];
    *program = p.release();
    return SUCCESS;
  });
}
SIMCUDA_EXPORT int nvrtcDestroyProgram(Program** program) {
  return rtc("nvrtcDestroyProgram", [&]() -> int {
    delete *program;
    *program = nullptr;
    return SUCCESS;
  });
}
SIMCUDA_EXPORT int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  return rtc("nvrtcCompileProgram", [&]() -> int {
    if (program == nullptr) return INVALID_PROGRAM;
    std::string flags;
    if (!translate(count, options, *program, flags)) return INVALID_OPTION;
    return compile(*program, flags);
  });
}
SIMCUDA_EXPORT int nvrtcGetProgramLogSize(Program* p, size_t* size) { return give(p->log, 1, size); }
SIMCUDA_EXPORT int nvrtcGetProgramLog(Program* p, char* log) {
  memcpy(log, p->log.c_str(), p->log.size() + 1);
  return SUCCESS;
}
SIMCUDA_EXPORT int nvrtcGetCUBINSize(Program* p, size_t* size) {
  if (!p->real_architecture) return give("", 0, size);
  return give(p->image, 0, size);
}
SIMCUDA_EXPORT int nvrtcGetCUBIN(Program* p, char* image) {
  if (!p->real_architecture) return INVALID_PROGRAM;
  memcpy(image, p->image.data(), p->image.size());
  return SUCCESS;
}
SIMCUDA_EXPORT int nvrtcGetPTXSize(Program* p, size_t* size) {
  if (p->image.empty()) return INVALID_PROGRAM;
  return give(as_ptx(p->image), 1, size);
}
SIMCUDA_EXPORT int nvrtcGetPTX(Program* p, char* text) {
  const std::string ptx = as_ptx(p->image);
  memcpy(text, ptx.c_str(), ptx.size() + 1);
  return SUCCESS;
}
