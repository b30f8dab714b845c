#include "context.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "call.h"
#include "capture.h"
#include "card.h"
#include "control.h"
#include "limits.h"
#include "memory.h"
#include "module.h"
#include "pinned.h"
#include "stream.h"

namespace simcuda {

namespace {

bool driver_ready;
int devices_shown = DEVICES_OF_ENVIRONMENT;
std::unordered_set<Context*> contexts;
std::unordered_map<CUdevice, Context*> primaries;
thread_local std::vector<Context*> stack;


void require_device(CUdevice device) {
  SIMCUDA_REQUIRE(device >= 0 && device < device_count(), CUDA_ERROR_INVALID_DEVICE, "device=%d but there are %d", device, device_count());
}

/** Of a device; null if nobody retains it. */
Context* primary_of(CUdevice device) {
  require_device(device);
  const auto found = primaries.find(device);
  return found == primaries.end() ? nullptr : found->second;
}

Context* create(CUdevice device, bool is_primary, unsigned flags) {
  Context* context = new Context;
  context->device = device;
  context->primary = is_primary;
  context->flags = flags;
  contexts.insert(context);
  context->null_stream = new_null_stream(*context);
  born("context");
  return context;
}

void destroy(Context* context) {
  destroy_streams_of(*context);
  destroy_modules_of(*context);
  release_memory_of(*context);
  release_pinned_of(*context);
  contexts.erase(context);
  gone("context");
  if (context->primary) primaries.erase(context->device);
  delete context;
}

}  // namespace

int device_count() {
  if (devices_shown != DEVICES_OF_ENVIRONMENT) return devices_shown;
  const char* text = getenv("SIMCUDA_DEVICES");
  return text == nullptr ? 1 : atoi(text);
}

void show_devices(int count) { devices_shown = count; }

bool initialized() { return driver_ready; }
bool alive(const Context* context) { return contexts.count(const_cast<Context*>(context)) != 0; }
Context* current_context_or_null() { return stack.empty() ? nullptr : stack.back(); }

Context& current_context() {
  Context* context = current_context_or_null();
  SIMCUDA_REQUIRE(context != nullptr, CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
  SIMCUDA_REQUIRE(alive(context), CUDA_ERROR_CONTEXT_IS_DESTROYED, "the current context was destroyed");
  if (context->broken != CUDA_SUCCESS) throw Error{context->broken};
  return *context;
}

void lose_contexts(CUresult code) {
  report("the device is lost: %zu contexts broken with status %d", contexts.size(), code);
  for (Context* context : contexts) context->broken = code;
}

void lose_contexts_of(CUdevice device, CUresult code) {
  report("device %d is lost with status %d", device, code);
  for (Context* context : contexts) {
    if (context->device == device) context->broken = code;
  }
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuInit, NOTHING, (unsigned flags), (flags)) {
  SIMCUDA_REQUIRE(flags == 0, CUDA_ERROR_INVALID_VALUE, "flags=%u", flags);
  if (device_count() == 0) throw Error{CUDA_ERROR_NO_DEVICE};
  driver_ready = true;
}

SIMCUDA_CALL(cuDriverGetVersion, NOTHING, (int* version), (version)) {
  const char* text = getenv("SIMCUDA_DRIVER");
  *version = text == nullptr ? DRIVER_VERSION : atoi(text);
}

SIMCUDA_CALL(cuDeviceGetCount, DRIVER, (int* count), (count)) { *count = device_count(); }

SIMCUDA_CALL(cuDeviceGet, DRIVER, (CUdevice * device, int ordinal), (device, ordinal)) {
  SIMCUDA_REQUIRE(ordinal >= 0 && ordinal < device_count(), CUDA_ERROR_INVALID_DEVICE, "ordinal=%d but there are %d devices", ordinal, device_count());
  *device = ordinal;
}

SIMCUDA_CALL(cuDeviceGetName, DRIVER, (char* name, int length, CUdevice device), (name, length, device)) {
  require_device(device);
  snprintf(name, static_cast<size_t>(length), "simcuda software device");
}

SIMCUDA_CALL(cuDeviceGetUuid, DRIVER, (CUuuid * uuid, CUdevice device), (uuid, device)) {
  require_device(device);
  memcpy(uuid->bytes, "simcuda-device-0", sizeof uuid->bytes);
  uuid->bytes[sizeof uuid->bytes - 1] = static_cast<char>('0' + device);
}

SIMCUDA_CALL(cuDeviceGetPCIBusId, DRIVER, (char* id, int length, CUdevice device), (id, length, device)) {
  require_device(device);
  snprintf(id, static_cast<size_t>(length), "0000:%02x:00.0", static_cast<unsigned>(device));
}

SIMCUDA_CALL(cuDeviceTotalMem_v2, DRIVER, (size_t * bytes, CUdevice device), (bytes, device)) {
  require_device(device);
  *bytes = device_bytes_total();
}

SIMCUDA_CALL(cuDeviceComputeCapability, DRIVER, (int* major, int* minor, CUdevice device), (major, minor, device)) {
  require_device(device);
  *major = card().compute_capability / 10;
  *minor = card().compute_capability % 10;
}

SIMCUDA_CALL(cuDeviceGetAttribute, DRIVER, (int* value, int attribute, CUdevice device), (value, attribute, device)) {
  require_device(device);
  switch (attribute) {
    case 1: *value = MAX_THREADS_PER_BLOCK; return;
    case 2: case 3: *value = 1024; return;   // block x, y
    case 4: *value = 64; return;             // block z
    case 5: *value = 0x7fffffff; return;     // grid x
    case 6: case 7: *value = 65535; return;  // grid y, z
    case 8: *value = DEFAULT_SHARED_BYTES; return;
    case 9: *value = 64 << 10; return;       // constant memory
    case 10: *value = 32; return;            // warp size
    case 11: *value = 0x7fffffff; return;    // pitch
    case 12: case 82: *value = 65536; return;  // registers per block, per multiprocessor
    case 13: *value = 1000000; return;       // clock, kHz
    case 14: *value = 512; return;           // texture alignment
    case 15: case 31: *value = 1; return;    // overlap of copies, concurrent kernels
    case 16: *value = card().multiprocessors; return;
    case 17: case 18: case 32: *value = 0; return;  // kernel timeout, integrated, ECC
    case 19: *value = 1; return;             // can map host memory
    case 20: case 33: case 34: case 50: *value = 0; return;  // compute mode, PCI bus, device, domain
    case 35: *value = 0; return;             // TCC
    case 36: *value = 1000000; return;       // memory clock, kHz
    case 37: *value = 128; return;           // memory bus, bits
    case 38: *value = 4 << 20; return;       // L2 bytes
    case 39: *value = card().threads_per_multiprocessor; return;
    case 40: *value = 1; return;             // copy engines
    case 41: *value = 1; return;             // unified addressing
    case 75: *value = card().compute_capability / 10; return;
    case 76: *value = card().compute_capability % 10; return;
    case 78: *value = 1; return;             // stream priorities
    case 81: *value = static_cast<int>(card().shared_bytes_per_multiprocessor); return;
    case 83: case 84: case 85: *value = 0; return;  // managed memory, multi-GPU board
    case 95: *value = 0; return;             // cooperative launch
    case 97: *value = static_cast<int>(card().shared_bytes_per_block); return;
    case 102: *value = 1; return;            // virtual memory management
    case 106: *value = card().blocks_per_multiprocessor; return;           // blocks per multiprocessor
    case 108: case 109: *value = 0; return;  // persisting L2, access policy window
    case 111: *value = 1 << 10; return;      // reserved shared memory per block
    case 115: *value = 1; return;            // memory pools
    default: fail(CUDA_ERROR_INVALID_VALUE, "device attribute %d is not known here", attribute);
  }
}

SIMCUDA_CALL(cuDevicePrimaryCtxRetain, DRIVER, (CUcontext * context, CUdevice device), (context, device)) {
  Context* primary = primary_of(device);
  if (primary == nullptr) primary = primaries[device] = create(device, true, 0);
  primary->retained++;
  *context = primary;
}

SIMCUDA_CALL(cuDevicePrimaryCtxRelease_v2, DRIVER, (CUdevice device), (device)) {
  Context* primary = primary_of(device);
  SIMCUDA_REQUIRE(primary != nullptr, CUDA_ERROR_INVALID_CONTEXT, "the primary context is not retained");
  if (--primary->retained == 0) destroy(primary);
}

SIMCUDA_CALL(cuDevicePrimaryCtxReset_v2, DRIVER, (CUdevice device), (device)) {
  Context* primary = primary_of(device);
  if (primary != nullptr) destroy(primary);
}

SIMCUDA_CALL(cuDevicePrimaryCtxSetFlags_v2, DRIVER, (CUdevice device, unsigned flags), (device, flags)) {
  Context* primary = primary_of(device);
  if (primary != nullptr) primary->flags = flags;
}

SIMCUDA_CALL(cuDevicePrimaryCtxGetState, DRIVER, (CUdevice device, unsigned* flags, int* active), (device, flags, active)) {
  const Context* primary = primary_of(device);
  *active = primary != nullptr;
  *flags = primary == nullptr ? 0 : primary->flags;
}

SIMCUDA_CALL(cuCtxCreate_v2, DRIVER, (CUcontext * context, unsigned flags, CUdevice device), (context, flags, device)) {
  require_device(device);
  *context = create(device, false, flags);
  stack.push_back(*context);
}

SIMCUDA_CALL(cuCtxDestroy_v2, DRIVER, (CUcontext context), (context)) {
  SIMCUDA_REQUIRE(alive(context), CUDA_ERROR_INVALID_CONTEXT, "context %p does not exist", static_cast<void*>(context));
  SIMCUDA_REQUIRE(!context->primary, CUDA_ERROR_INVALID_CONTEXT, "a primary context is released, not destroyed");
  if (!stack.empty() && stack.back() == context) stack.pop_back();
  destroy(context);
}

SIMCUDA_CALL(cuCtxPushCurrent_v2, DRIVER, (CUcontext context), (context)) {
  SIMCUDA_REQUIRE(alive(context), CUDA_ERROR_INVALID_CONTEXT, "context %p does not exist", static_cast<void*>(context));
  stack.push_back(context);
}

SIMCUDA_CALL(cuCtxPopCurrent_v2, DRIVER, (CUcontext * context), (context)) {
  SIMCUDA_REQUIRE(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
  if (context != nullptr) *context = stack.back();
  stack.pop_back();
}

SIMCUDA_CALL(cuCtxSetCurrent, DRIVER, (CUcontext context), (context)) {
  SIMCUDA_REQUIRE(context == nullptr || alive(context), CUDA_ERROR_INVALID_CONTEXT, "context %p does not exist", static_cast<void*>(context));
  if (!stack.empty()) stack.pop_back();
  if (context != nullptr) stack.push_back(context);
}

SIMCUDA_CALL(cuCtxGetCurrent, DRIVER, (CUcontext * context), (context)) { *context = current_context_or_null(); }

SIMCUDA_CALL(cuCtxGetDevice, CONTEXT, (CUdevice * device), (device)) { *device = current_context().device; }

SIMCUDA_CALL(cuCtxGetApiVersion, DRIVER, (CUcontext, unsigned* version), ({}, version)) { *version = 3020; }

SIMCUDA_CALL(cuCtxGetFlags, CONTEXT, (unsigned* flags), (flags)) { *flags = current_context().flags; }

SIMCUDA_CALL(cuCtxGetStreamPriorityRange, CONTEXT, (int* least, int* greatest), (least, greatest)) {
  if (least != nullptr) *least = 0;
  if (greatest != nullptr) *greatest = -5;
}

SIMCUDA_CALL(cuProfilerStart, CONTEXT, (), ()) {}

SIMCUDA_CALL(cuProfilerStop, CONTEXT, (), ()) {}

SIMCUDA_CALL(cuCtxSynchronize, CONTEXT, (), ()) {
  forbid_while_capturing(current_context(), "cuCtxSynchronize");
  complete_all(current_context());
}
