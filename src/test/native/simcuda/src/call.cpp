#include "call.h"

#include <cstdarg>
#include <cstdio>

#include "capture.h"
#include "context.h"
#include "control.h"

namespace simcuda {

namespace {

struct Name {
  CUresult code;
  const char *name, *text;
};
constexpr Name NAMES[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {CUDA_ERROR_NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {CUDA_ERROR_FILE_NOT_FOUND, "CUDA_ERROR_FILE_NOT_FOUND", "file not found"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {CUDA_ERROR_CONTEXT_IS_DESTROYED, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {CUDA_ERROR_ASSERT, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "memory is already page-locked"},
    {CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "memory is not page-locked"},
    {CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {CUDA_ERROR_NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {CUDA_ERROR_STREAM_CAPTURE_MERGE, "CUDA_ERROR_STREAM_CAPTURE_MERGE", "operation would result in a merge of separate capture sequences"},
    {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing blocking stream"},
    {CUDA_ERROR_CAPTURED_EVENT, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "attempt to terminate a thread-local capture sequence from another thread"},
    {CUDA_ERROR_UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const Name* find_name(int code) {
  for (const Name& n : NAMES) {
    if (n.code == code) return &n;
  }
  return nullptr;
}

/** What a library's function ends with. */
struct Refusal {
  int status;
};

thread_local const char* current_call = "";

std::string format_message(const char* format, va_list args) {
  char text[1000];
  vsnprintf(text, sizeof text, format, args);
  return text;
}

/**
 * Whether a call gives something back. What it fails with is then mostly the news of earlier work (CUDA Driver API: "may also
 * return error codes from previous, asynchronous launches"), and the thing is gone all the same.
 */
bool gives_back(const std::string& name) {
  for (const char* part : {"Free", "Release", "Destroy", "Unload", "Unmap"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

/** What an injected fault looks like if the test does not say: what such a call most often fails with. */
int usual_failure(const std::string& name) {
  if (name.find("Alloc") != std::string::npos || name == "cuMemCreate") return CUDA_ERROR_OUT_OF_MEMORY;
  if (name == "cuLaunchKernel") return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
  return CUDA_ERROR_UNKNOWN;
}

/** Statuses that stay with the context ("sticky" in CUDA's words). */
bool loses_context(int code) {
  return code == CUDA_ERROR_ILLEGAL_ADDRESS || code == CUDA_ERROR_ASSERT || code == CUDA_ERROR_MISALIGNED_ADDRESS ||
         code == CUDA_ERROR_LAUNCH_FAILED;
}

}  // namespace

std::recursive_mutex& device_lock() {
  static std::recursive_mutex mutex;
  return mutex;
}

void report(const char* format, ...) {
  va_list args;
  va_start(args, format);
  const std::string message = format_message(format, args);
  va_end(args);
  fprintf(stderr, "simcuda: %s\n", message.c_str());
  set_last_message(message);
}

void fail(CUresult code, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const std::string message = format_message(format, args);
  va_end(args);
  const Name* n = find_name(code);
  report("%s: %s: %s", current_call, n == nullptr ? "?" : n->name, message.c_str());
  throw Error{code};
}

CUresult call(const char* name, Needs needs, const std::function<void()>& body) {
  wait_while_held(name);
  std::lock_guard lock(device_lock());
  const char* outer = current_call;
  current_call = name;
  CUresult result = CUDA_SUCCESS;
  try {
    if (needs != Needs::NOTHING && !initialized()) fail(CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called");
    const int injected = injected_fault(name, usual_failure(name));
    if (injected == 0 || gives_back(name)) {
      if (needs >= Needs::CONTEXT) current_context();
      if (needs == Needs::CONTEXT_NO_CAPTURE) forbid_during_capture(name);
      body();
    }
    if (injected != 0) {
      if (loses_context(injected)) lose_contexts(static_cast<CUresult>(injected));
      throw Error{static_cast<CUresult>(injected)};
    }
  } catch (const Error& error) {
    result = error.code;
  } catch (const std::bad_alloc&) {
    report("%s: the host is out of memory", name);
    result = CUDA_ERROR_OUT_OF_MEMORY;
  }
  current_call = outer;
  return result;
}

void refuse(int status, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const std::string message = format_message(format, args);
  va_end(args);
  report("%s: %s", current_call, message.c_str());
  throw Refusal{status};
}

int library_call(const char* name, int failed, const std::function<int()>& body) {
  std::lock_guard lock(device_lock());
  const char* outer = current_call;
  current_call = name;
  const int injected = injected_fault(name, failed);
  int result = injected;
  if (injected == 0 || gives_back(name)) {
    try {
      const int of_body = body();
      if (injected == 0) result = of_body;
    } catch (const Refusal& refusal) {
      result = refusal.status;
    } catch (const Error&) {
      result = failed;
    }
  }
  if (loses_context(injected)) {  // a status of the driver's, which a library has no such word for
    lose_contexts(static_cast<CUresult>(injected));
    result = failed;
  }
  current_call = outer;
  return result;
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_EXPORT CUresult cuGetErrorName(CUresult code, const char** name) {
  const Name* n = find_name(code);
  *name = n == nullptr ? nullptr : n->name;
  return n == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

SIMCUDA_EXPORT CUresult cuGetErrorString(CUresult code, const char** text) {
  const Name* n = find_name(code);
  *text = n == nullptr ? nullptr : n->text;
  return n == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}
