// cuBLAS: matrix products, column-major, as work on the handle's stream.
#include <algorithm>
#include <unordered_set>

#include "call.h"
#include "capture.h"
#include "context.h"
#include "control.h"
#include "gemm.h"
#include "memory.h"
#include "poison.h"
#include "stream.h"

using namespace simcuda;

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum MathMode { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, PEDANTIC_MATH = 2, TF32_MATH = 3 };
enum ComputeType { COMPUTE_16F = 64, COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_32F_FAST_16F = 74, COMPUTE_32F_FAST_TF32 = 77 };

struct Handle {
  Context* context;
  CUstream stream;
  int math_mode, pointer_mode, atomics_mode;
  void* workspace = nullptr;  // the caller's, if any
  size_t workspace_bytes = 0;
  bool used = false;
};

std::unordered_set<Handle*> handles;

Handle& require_handle(Handle* h) {
  if (handles.count(h) == 0) refuse(NOT_INITIALIZED, "handle %p does not exist", static_cast<void*>(h));
  if (h->context != &current_context()) refuse(NOT_INITIALIZED, "the handle belongs to another context");
  return *h;
}

int blas(const char* name, const std::function<void()>& body) {
  return library_call(name, EXECUTION_FAILED, [&] {
    body();
    return SUCCESS;
  });
}

struct Matrix {
  const void* data;
  Scalar type;
  size_t leading;
  long long stride;  // elements from one batch to the next
  bool transposed;

  size_t index(size_t row, size_t column) const { return transposed ? row * leading + column : column * leading + row; }
};

struct Product {
  size_t m, n, k, batch;
  Matrix a, b, c;
  float alpha, beta;
  bool tf32;
};

Scalar scalar_of(int type) {
  if (type == 0) return Scalar::F32;
  if (type == 2) return Scalar::F16;
  refuse(NOT_SUPPORTED, "data type %d, only CUDA_R_32F and CUDA_R_16F are done here", type);
}

/** Rows and columns as stored. */
void require_matrix(const Matrix& x, size_t rows, size_t columns, size_t batch, const char* name) {
  if (x.leading < std::max<size_t>(1, rows)) refuse(INVALID_VALUE, "leading dimension of %s is %zu, but it has %zu rows", name, x.leading, rows);
  if (rows == 0 || columns == 0) return;
  const size_t elements = x.leading * (columns - 1) + rows, size = bytes_of(x.type);
  if (reinterpret_cast<uintptr_t>(x.data) % size != 0) refuse(INVALID_VALUE, "%s at %p is misaligned", name, x.data);
  for (size_t i = 0; i < batch; i++) {
    require_reachable(static_cast<const char*>(x.data) + static_cast<long long>(i) * x.stride * static_cast<long long>(size), elements * size, name);
  }
}

void require_all(const Product& p) {
  require_matrix(p.a, p.a.transposed ? p.k : p.m, p.a.transposed ? p.m : p.k, p.batch, "A");
  require_matrix(p.b, p.b.transposed ? p.n : p.k, p.b.transposed ? p.k : p.n, p.batch, "B");
  require_matrix(p.c, p.m, p.n, p.batch, "C");
}

void multiply(const Product& p, size_t batch) {
  const auto at = [&](const Matrix& x) {
    return static_cast<const char*>(x.data) + static_cast<long long>(batch) * x.stride * static_cast<long long>(bytes_of(x.type));
  };
  const auto value = [&](float v) { return p.tf32 ? to_tf32(v) : v; };
  const char *a = at(p.a), *b = at(p.b);
  char* c = const_cast<char*>(at(p.c));
  PackedColumns columns(p.k, p.n);
  for (size_t j = 0; j < p.n; j++) {
    for (size_t i = 0; i < p.k; i++) columns.at(i, j) = value(load(p.b.type, b, p.b.index(i, j)));
  }
  const size_t width = (p.n + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
  std::vector<float> rows(p.k * TILE_ROWS), sums(TILE_ROWS * width);
  for (size_t first = 0; first < p.m; first += TILE_ROWS) {
    const size_t count = std::min<size_t>(TILE_ROWS, p.m - first);
    for (size_t i = 0; i < p.k; i++) {
      for (size_t r = 0; r < count; r++) rows[i * TILE_ROWS + r] = value(load(p.a.type, a, p.a.index(first + r, i)));
    }
    multiply_rows(rows.data(), columns, sums.data());
    for (size_t j = 0; j < p.n; j++) {
      for (size_t r = 0; r < count; r++) {
        const size_t to = p.c.index(first + r, j);
        const float before = p.beta == 0 ? 0 : p.beta * load(p.c.type, c, to);
        store(p.c.type, c, to, p.alpha * sums[r * width + j] + before);
      }
    }
  }
}

bool transposed(int operation) {
  if (operation < 0 || operation > 2) refuse(INVALID_VALUE, "operation %d", operation);
  return operation != 0;
}

void enqueue_product(Handle& h, int m, int n, int k, int batch, Matrix a, Matrix b, Matrix c, const void* alpha, const void* beta, int compute) {
  if (m < 0 || n < 0 || k < 0 || batch < 0) refuse(INVALID_VALUE, "m=%d n=%d k=%d batch=%d", m, n, k, batch);
  if (alpha == nullptr || beta == nullptr) refuse(INVALID_VALUE, "alpha or beta is null");
  if (h.pointer_mode != 0) refuse(NOT_SUPPORTED, "alpha and beta in device memory");
  if (compute != COMPUTE_32F && compute != COMPUTE_32F_PEDANTIC && compute != COMPUTE_32F_FAST_16F && compute != COMPUTE_32F_FAST_TF32) {
    refuse(NOT_SUPPORTED, "compute type %d, only float accumulation is done here", compute);
  }
  if (a.type != b.type || (a.type == Scalar::F32 && c.type == Scalar::F16)) refuse(NOT_SUPPORTED, "this mixture of types");
  const bool tf32 = a.type == Scalar::F32 && compute != COMPUTE_32F_PEDANTIC && (compute == COMPUTE_32F_FAST_TF32 || h.math_mode == TF32_MATH);
  const Product p{static_cast<size_t>(m), static_cast<size_t>(n), static_cast<size_t>(k), static_cast<size_t>(batch), a, b, c,
                  *static_cast<const float*>(alpha), *static_cast<const float*>(beta), tf32};
  if (m == 0 || n == 0 || batch == 0) return;
  require_all(p);
  if (!h.used) forbid_during_capture("the first product of a cuBLAS handle");  // it may load and allocate
  h.used = true;
  void* workspace = h.workspace;
  const size_t workspace_bytes = h.workspace_bytes;
  enqueue(h.stream, {"cublas gemm", CU_GRAPH_NODE_TYPE_KERNEL, [=] {
                       require_all(p);
                       if (workspace_bytes > 0) {
                         require_reachable(workspace, workspace_bytes, "workspace");
                         fill_poison(workspace, workspace_bytes);  // so that nobody keeps anything there
                       }
                       for (size_t i = 0; i < p.batch; i++) multiply(p, i);
                     }});
}

}  // namespace

SIMCUDA_EXPORT int cublasCreate_v2(Handle** handle) {
  return blas("cublasCreate_v2", [&] {
    forbid_during_capture("cublasCreate");  // it allocates
    *handle = new Handle{&current_context(), nullptr, DEFAULT_MATH, 0, 0};
    handles.insert(*handle);
    born("cublas handle");
  });
}

SIMCUDA_EXPORT int cublasDestroy_v2(Handle* handle) {
  return blas("cublasDestroy_v2", [&] {
    if (handles.erase(handle) == 0) refuse(NOT_INITIALIZED, "handle %p does not exist", static_cast<void*>(handle));
    forbid_while_capturing(*handle->context, "cublasDestroy");  // it waits for the device
    gone("cublas handle");
    delete handle;
  });
}

SIMCUDA_EXPORT int cublasSetStream_v2(Handle* handle, CUstream stream) {
  return blas("cublasSetStream_v2", [&] {
    require_stream(stream);
    Handle& h = require_handle(handle);
    h.stream = stream;
    h.workspace_bytes = 0;  // a new stream makes it forget the workspace
  });
}
SIMCUDA_EXPORT int cublasGetStream_v2(Handle* handle, CUstream* stream) {
  return blas("cublasGetStream_v2", [&] { *stream = require_handle(handle).stream; });
}
SIMCUDA_EXPORT int cublasSetMathMode(Handle* handle, int mode) {
  return blas("cublasSetMathMode", [&] { require_handle(handle).math_mode = mode & 0xf; });
}
SIMCUDA_EXPORT int cublasGetMathMode(Handle* handle, int* mode) {
  return blas("cublasGetMathMode", [&] { *mode = require_handle(handle).math_mode; });
}
SIMCUDA_EXPORT int cublasSetPointerMode_v2(Handle* handle, int mode) {
  return blas("cublasSetPointerMode_v2", [&] { require_handle(handle).pointer_mode = mode; });
}
SIMCUDA_EXPORT int cublasGetPointerMode_v2(Handle* handle, int* mode) {
  return blas("cublasGetPointerMode_v2", [&] { *mode = require_handle(handle).pointer_mode; });
}
SIMCUDA_EXPORT int cublasSetAtomicsMode(Handle* handle, int mode) {
  return blas("cublasSetAtomicsMode", [&] { require_handle(handle).atomics_mode = mode; });
}
SIMCUDA_EXPORT int cublasGetAtomicsMode(Handle* handle, int* mode) {
  return blas("cublasGetAtomicsMode", [&] { *mode = require_handle(handle).atomics_mode; });
}
SIMCUDA_EXPORT int cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t bytes) {
  return blas("cublasSetWorkspace_v2", [&] {
    Handle& h = require_handle(handle);
    if (reinterpret_cast<uintptr_t>(workspace) % 256 != 0) refuse(INVALID_VALUE, "the workspace is not aligned to 256 bytes");
    if (bytes > 0) require_reachable(workspace, bytes, "workspace");
    h.workspace = workspace;
    h.workspace_bytes = bytes;
  });
}
SIMCUDA_EXPORT int cublasGetVersion_v2(Handle*, int* version) {
  return blas("cublasGetVersion_v2", [&] { *version = 120600; });
}
SIMCUDA_EXPORT const char* cublasGetStatusName(int status) { return status == SUCCESS ? "CUBLAS_STATUS_SUCCESS" : "CUBLAS_STATUS"; }
SIMCUDA_EXPORT const char* cublasGetStatusString(int status) { return status == SUCCESS ? "success" : "failure; the message is on stderr"; }

SIMCUDA_EXPORT int cublasSgemm_v2(Handle* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                                  const float* beta, float* c, int ldc) {
  return blas("cublasSgemm_v2", [&] {
    enqueue_product(require_handle(handle), m, n, k, 1, {a, Scalar::F32, static_cast<size_t>(lda), 0, transposed(ta)},
                    {b, Scalar::F32, static_cast<size_t>(ldb), 0, transposed(tb)}, {c, Scalar::F32, static_cast<size_t>(ldc), 0, false}, alpha, beta,
                    COMPUTE_32F);
  });
}

SIMCUDA_EXPORT int cublasSgemmStridedBatched(Handle* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, long long stride_a,
                                             const float* b, int ldb, long long stride_b, const float* beta, float* c, int ldc, long long stride_c, int batch) {
  return blas("cublasSgemmStridedBatched", [&] {
    enqueue_product(require_handle(handle), m, n, k, batch, {a, Scalar::F32, static_cast<size_t>(lda), stride_a, transposed(ta)},
                    {b, Scalar::F32, static_cast<size_t>(ldb), stride_b, transposed(tb)}, {c, Scalar::F32, static_cast<size_t>(ldc), stride_c, false}, alpha,
                    beta, COMPUTE_32F);
  });
}

SIMCUDA_EXPORT int cublasGemmEx(Handle* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int type_a, int lda, const void* b, int type_b,
                                int ldb, const void* beta, void* c, int type_c, int ldc, int compute, int) {
  return blas("cublasGemmEx", [&] {
    enqueue_product(require_handle(handle), m, n, k, 1, {a, scalar_of(type_a), static_cast<size_t>(lda), 0, transposed(ta)},
                    {b, scalar_of(type_b), static_cast<size_t>(ldb), 0, transposed(tb)}, {c, scalar_of(type_c), static_cast<size_t>(ldc), 0, false}, alpha,
                    beta, compute);
  });
}

SIMCUDA_EXPORT int cublasGemmStridedBatchedEx(Handle* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int type_a, int lda,
                                              long long stride_a, const void* b, int type_b, int ldb, long long stride_b, const void* beta, void* c, int type_c,
                                              int ldc, long long stride_c, int batch, int compute, int) {
  return blas("cublasGemmStridedBatchedEx", [&] {
    enqueue_product(require_handle(handle), m, n, k, batch, {a, scalar_of(type_a), static_cast<size_t>(lda), stride_a, transposed(ta)},
                    {b, scalar_of(type_b), static_cast<size_t>(ldb), stride_b, transposed(tb)},
                    {c, scalar_of(type_c), static_cast<size_t>(ldc), stride_c, false}, alpha, beta, compute);
  });
}
