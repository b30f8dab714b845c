// What every API function has in common: the device lock, the checks, injected faults, and errors as exceptions.
#pragma once
#include <functional>
#include <mutex>
#include <string>

#include "api.h"

namespace simcuda __attribute__((visibility("default"))) {  // the libraries on top of libcuda use this

struct Error {
  CUresult code;
};

/** Records a message (also on stderr) and throws. */
[[noreturn]] __attribute__((format(printf, 2, 3))) void fail(CUresult code, const char* format, ...);
__attribute__((format(printf, 1, 2))) void report(const char* format, ...);

/** What a function needs before it may run. */
enum class Needs {
  NOTHING,
  DRIVER,             // cuInit was called
  CONTEXT,            // and a healthy context is current
  CONTEXT_NO_CAPTURE  // and no capture forbids "potentially unsafe" calls
};

/** Runs the body of an API function of that name and returns its status. */
CUresult call(const char* name, Needs needs, const std::function<void()>& body);

/**
 * For the libraries on top of the driver: the same, without a context check. Gives the status of the body or of `refuse`, that of an
 * injected fault, or `failed` if the driver throws or the device is lost in this call.
 */
int library_call(const char* name, int failed, const std::function<int()>& body);

/** Records a message and ends the library call with the status. */
[[noreturn]] __attribute__((format(printf, 2, 3))) void refuse(int status, const char* format, ...);

std::recursive_mutex& device_lock();

#define SIMCUDA_REQUIRE(condition, code, ...) \
  do {                                        \
    if (!(condition)) ::simcuda::fail(code, __VA_ARGS__); \
  } while (false)

}  // namespace simcuda

/** Defines an API function: SIMCUDA_CALL(cuMemFree_v2, CONTEXT, (CUdeviceptr p)) { ... } with a body that throws. */
#define SIMCUDA_CALL(name, needs, parameters, arguments)                            \
  static void name##_body parameters;                                               \
  SIMCUDA_EXPORT CUresult name parameters {                                         \
    return ::simcuda::call(#name, ::simcuda::Needs::needs, [&] { name##_body arguments; }); \
  }                                                                                 \
  static void name##_body parameters
