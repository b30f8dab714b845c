// Copies and fills. Addresses are checked when the work is enqueued and again when it runs.
#include <cstring>

#include "call.h"
#include "context.h"
#include "memory.h"
#include "pinned.h"
#include "stream.h"

namespace simcuda {

namespace {

const void* pointer(CUdeviceptr address) { return reinterpret_cast<const void*>(address); }
void* writable(CUdeviceptr address) { return reinterpret_cast<void*>(address); }

void require_live(const std::shared_ptr<Pinned>& host) {
  SIMCUDA_REQUIRE(host->live, CUDA_ERROR_ILLEGAL_ADDRESS, "the pinned buffer was freed before the copy ran");
}

void upload_async(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  if (bytes == 0) return;
  require_reachable(pointer(to), bytes, "destination");
  std::shared_ptr<Pinned> host = pinned_around(from, bytes);
  if (host == nullptr) {
    // Pageable memory: the driver takes a copy before it returns.
    SIMCUDA_REQUIRE(!capturing(require_stream(stream)), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a captured copy needs pinned host memory");
    const auto staged = std::make_shared<std::string>(static_cast<const char*>(from), bytes);
    enqueue(stream, {"upload", CU_GRAPH_NODE_TYPE_MEMCPY, [=] {
                       require_reachable(pointer(to), bytes, "destination");
                       memcpy(writable(to), staged->data(), bytes);
                     }});
    return;
  }
  enqueue(stream, {"upload", CU_GRAPH_NODE_TYPE_MEMCPY, [=] {
                     require_live(host);
                     require_reachable(pointer(to), bytes, "destination");
                     memcpy(writable(to), from, bytes);
                   }});
}

void download_async(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (bytes == 0) return;
  require_reachable(pointer(from), bytes, "source");
  std::shared_ptr<Pinned> host = pinned_around(to, bytes);
  Stream& where = require_stream(stream);
  SIMCUDA_REQUIRE(host != nullptr || !capturing(where), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a captured copy needs pinned host memory");
  enqueue(stream, {"download", CU_GRAPH_NODE_TYPE_MEMCPY, [=] {
                     if (host != nullptr) require_live(host);
                     require_reachable(pointer(from), bytes, "source");
                     memcpy(to, pointer(from), bytes);
                   }});
  if (host == nullptr) complete(where);  // pageable memory: the driver returns when the data are there
}

void copy_async(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (bytes == 0) return;
  require_reachable(pointer(to), bytes, "destination");
  require_reachable(pointer(from), bytes, "source");
  enqueue(stream, {"copy", CU_GRAPH_NODE_TYPE_MEMCPY, [=] {
                     require_reachable(pointer(to), bytes, "destination");
                     require_reachable(pointer(from), bytes, "source");
                     memmove(writable(to), pointer(from), bytes);
                   }});
}

template <class T>
void fill_async(CUdeviceptr to, T value, size_t count, CUstream stream) {
  if (count == 0) return;
  SIMCUDA_REQUIRE(to % sizeof(T) == 0, CUDA_ERROR_INVALID_VALUE, "address=%llx is not a multiple of %zu", to, sizeof(T));
  require_reachable(pointer(to), count * sizeof(T), "destination");
  enqueue(stream, {"fill", CU_GRAPH_NODE_TYPE_MEMSET, [=] {
                     require_reachable(pointer(to), count * sizeof(T), "destination");
                     T* p = static_cast<T*>(writable(to));
                     for (size_t i = 0; i < count; i++) p[i] = value;
                   }});
}

}  // namespace

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuMemcpyHtoD_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr to, const void* from, size_t bytes), (to, from, bytes)) {
  upload_async(to, from, bytes, nullptr);
  complete_null_stream();
}
SIMCUDA_CALL(cuMemcpyDtoH_v2, CONTEXT_NO_CAPTURE, (void* to, CUdeviceptr from, size_t bytes), (to, from, bytes)) {
  download_async(to, from, bytes, nullptr);
  complete_null_stream();
}
SIMCUDA_CALL(cuMemcpyDtoD_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr to, CUdeviceptr from, size_t bytes), (to, from, bytes)) {
  copy_async(to, from, bytes, nullptr);
}
SIMCUDA_CALL(cuMemcpy, CONTEXT_NO_CAPTURE, (CUdeviceptr to, CUdeviceptr from, size_t bytes), (to, from, bytes)) {
  const bool from_device = reachable(pointer(from)), to_device = reachable(pointer(to));
  SIMCUDA_REQUIRE(from_device || to_device, CUDA_ERROR_INVALID_VALUE, "neither address is known to the device");
  if (!from_device) upload_async(to, pointer(from), bytes, nullptr);
  else if (!to_device) download_async(writable(to), from, bytes, nullptr);
  else copy_async(to, from, bytes, nullptr);
  complete_null_stream();
}
SIMCUDA_CALL(cuMemcpyHtoDAsync_v2, CONTEXT, (CUdeviceptr to, const void* from, size_t bytes, CUstream stream), (to, from, bytes, stream)) {
  upload_async(to, from, bytes, stream);
}
SIMCUDA_CALL(cuMemcpyDtoHAsync_v2, CONTEXT, (void* to, CUdeviceptr from, size_t bytes, CUstream stream), (to, from, bytes, stream)) {
  download_async(to, from, bytes, stream);
}
SIMCUDA_CALL(cuMemcpyDtoDAsync_v2, CONTEXT, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream), (to, from, bytes, stream)) {
  copy_async(to, from, bytes, stream);
}

SIMCUDA_CALL(cuMemsetD8_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr to, unsigned char value, size_t count), (to, value, count)) { fill_async(to, value, count, nullptr); }
SIMCUDA_CALL(cuMemsetD16_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr to, unsigned short value, size_t count), (to, value, count)) { fill_async(to, value, count, nullptr); }
SIMCUDA_CALL(cuMemsetD32_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr to, unsigned value, size_t count), (to, value, count)) { fill_async(to, value, count, nullptr); }
SIMCUDA_CALL(cuMemsetD8Async, CONTEXT, (CUdeviceptr to, unsigned char value, size_t count, CUstream stream), (to, value, count, stream)) {
  fill_async(to, value, count, stream);
}
SIMCUDA_CALL(cuMemsetD16Async, CONTEXT, (CUdeviceptr to, unsigned short value, size_t count, CUstream stream), (to, value, count, stream)) {
  fill_async(to, value, count, stream);
}
SIMCUDA_CALL(cuMemsetD32Async, CONTEXT, (CUdeviceptr to, unsigned value, size_t count, CUstream stream), (to, value, count, stream)) {
  fill_async(to, value, count, stream);
}
