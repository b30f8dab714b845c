// cuDNN: the descriptor API, as far as forward convolutions need it.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <unordered_set>

#include "call.h"
#include "context.h"
#include "control.h"
#include "convolution.h"
#include "memory.h"
#include "poison.h"
#include "stream.h"

using namespace simcuda;

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1001, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, EXECUTION_FAILED = 5000 };
enum Format { NCHW = 0, NHWC = 1 };
enum Algorithm { IMPLICIT_GEMM = 0, IMPLICIT_PRECOMP_GEMM = 1, ALGORITHMS = 8 };
enum MathType { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, TENSOR_OP_MATH_ALLOW_CONVERSION = 2, FMA_MATH = 3 };
constexpr size_t VERSION = 90500;

struct Handle {
  Context* context;
  CUstream stream;
};
struct TensorDescriptor {
  bool set = false;
  Layout layout{};
};
struct FilterDescriptor {
  bool set = false;
  Layout layout{};
  int format = NCHW;
};
struct ConvolutionDescriptor {
  bool set = false;
  int pad[2]{}, stride[2]{}, dilation[2]{}, mode = 0, compute_type = 0, math_type = DEFAULT_MATH, groups = 1, reorder = 0;
};
struct ActivationDescriptor {
  int mode = -1;
};
struct AlgorithmPerformance {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math_type, reserved[3];
};
static_assert(sizeof(AlgorithmPerformance) == 48, "as in cudnn_cnn.h");

std::unordered_set<void*> live;

struct Bad {
  Status status;
};

[[noreturn]] __attribute__((format(printf, 2, 3))) void refuse(Status status, const char* format, ...) {
  char text[300];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  report("cuDNN: %s", text);
  throw Bad{status};
}

template <class Body>
int dnn(const char* name, Body body) {
  return library_call(name, EXECUTION_FAILED, [&]() -> int {
    try {
      body();
      return SUCCESS;
    } catch (const Bad& bad) {
      return bad.status;
    }
  });
}

template <class T>
T& require(T* object, const char* what) {
  if (live.count(object) == 0) refuse(BAD_PARAM, "%s %p does not exist", what, static_cast<void*>(object));
  return *object;
}

template <class T>
const T& require_set(T* object, const char* what) {
  if (!require(object, what).set) refuse(BAD_PARAM, "%s was not set", what);
  return *object;
}

Handle& require_handle(Handle* handle) {
  Handle& h = require(handle, "handle");
  if (h.context != &current_context()) refuse(BAD_PARAM, "the handle belongs to another context");
  return h;
}

template <class T>
int create(const char* name, T** object) {
  return dnn(name, [&] {
    *object = new T;
    live.insert(*object);
    born("cudnn descriptor");
  });
}

template <class T>
int destroy(const char* name, T* object) {
  return dnn(name, [&] {
    if (object == nullptr) return;
    delete &require(object, "descriptor");
    live.erase(object);
    gone("cudnn descriptor");
  });
}

Scalar scalar_of(int type) {
  if (type == 0) return Scalar::F32;
  if (type == 2) return Scalar::F16;
  refuse(NOT_SUPPORTED, "data type %d, only float and half are done here", type);
}

Layout packed(int type, int format, const int (&extent)[4]) {
  Layout l{scalar_of(type), {}, {}};
  for (int i = 0; i < 4; i++) {
    if (extent[i] <= 0) refuse(BAD_PARAM, "extent %d is %d", i, extent[i]);
    l.extent[i] = static_cast<size_t>(extent[i]);
  }
  if (format != NCHW && format != NHWC) refuse(NOT_SUPPORTED, "format %d", format);
  const int order_nchw[4] = {3, 2, 1, 0}, order_nhwc[4] = {1, 3, 2, 0};
  size_t stride = 1;
  for (int i : format == NCHW ? order_nchw : order_nhwc) {
    l.stride[i] = stride;
    stride *= l.extent[i];
  }
  return l;
}

Layout strided(int type, const int (&extent)[4], const int (&stride)[4]) {
  Layout l = packed(type, NCHW, extent);
  for (int i = 0; i < 4; i++) {
    if (stride[i] <= 0) refuse(BAD_PARAM, "stride %d is %d", i, stride[i]);
    l.stride[i] = static_cast<size_t>(stride[i]);
  }
  return l;
}

bool is_packed(const Layout& l, int format) {
  const int extent[4] = {static_cast<int>(l.extent[0]), static_cast<int>(l.extent[1]), static_cast<int>(l.extent[2]), static_cast<int>(l.extent[3])};
  const Layout p = packed(l.type == Scalar::F32 ? 0 : 2, format, extent);
  for (int i = 0; i < 4; i++) {
    if (l.extent[i] > 1 && l.stride[i] != p.stride[i]) return false;
  }
  return true;
}

int output_extent(const ConvolutionDescriptor& c, const Layout& x, const Layout& w, int axis) {
  const int reach = c.dilation[axis] * (static_cast<int>(w.extent[2 + axis]) - 1) + 1;
  return (static_cast<int>(x.extent[2 + axis]) + 2 * c.pad[axis] - reach) / c.stride[axis] + 1;
}

/** Checks that the descriptors fit together, as the library does. */
Convolution combine(TensorDescriptor* xd, FilterDescriptor* wd, ConvolutionDescriptor* cd, TensorDescriptor* yd) {
  const Layout &x = require_set(xd, "x descriptor").layout, &y = require_set(yd, "y descriptor").layout;
  const FilterDescriptor& filter = require_set(wd, "filter descriptor");
  const ConvolutionDescriptor& c = require_set(cd, "convolution descriptor");
  const Layout& w = filter.layout;
  const size_t groups = static_cast<size_t>(c.groups);
  if (x.type != w.type || x.type != y.type) refuse(NOT_SUPPORTED, "x, w and y have different types");
  if (c.compute_type != 0) refuse(NOT_SUPPORTED, "compute type %d, only float is done here", c.compute_type);
  if (x.extent[1] != w.extent[1] * groups) refuse(BAD_PARAM, "x has %zu channels, the filter %zu in %zu groups", x.extent[1], w.extent[1], groups);
  if (y.extent[1] != w.extent[0] || w.extent[0] % groups != 0) refuse(BAD_PARAM, "y has %zu channels, the filter makes %zu in %zu groups", y.extent[1], w.extent[0], groups);
  if (y.extent[0] != x.extent[0]) refuse(BAD_PARAM, "y has N=%zu, x has N=%zu", y.extent[0], x.extent[0]);
  for (int axis = 0; axis < 2; axis++) {
    const int expected = output_extent(c, x, w, axis);
    if (static_cast<int>(y.extent[2 + axis]) != expected) refuse(BAD_PARAM, "y has %zu along axis %d, expected %d", y.extent[2 + axis], axis, expected);
  }
  if (filter.format == NHWC && !(is_packed(x, NHWC) && is_packed(y, NHWC))) refuse(NOT_SUPPORTED, "an NHWC filter needs x and y packed as NHWC");
  // Unless told otherwise the library takes tensor cores for floats, with TF32's precision.
  const bool tf32 = x.type == Scalar::F32 && c.math_type != FMA_MATH;
  return {x, w, y, {c.pad[0], c.pad[1]}, {static_cast<size_t>(c.stride[0]), static_cast<size_t>(c.stride[1])},
          {static_cast<size_t>(c.dilation[0]), static_cast<size_t>(c.dilation[1])}, groups, c.mode == 0, tf32};
}

bool supported(int algorithm) { return algorithm == IMPLICIT_GEMM || algorithm == IMPLICIT_PRECOMP_GEMM; }

size_t workspace_bytes(const Convolution& c, int algorithm) {
  if (!supported(algorithm)) refuse(NOT_SUPPORTED, "algorithm %d", algorithm);
  return algorithm == IMPLICIT_GEMM ? 0 : c.w.extent[1] * c.w.extent[2] * c.w.extent[3] * 4;
}

void list_algorithms(const Convolution& c, int math_type, int requested, int* returned, AlgorithmPerformance* results) {
  if (requested < 1) refuse(BAD_PARAM, "requestedAlgoCount=%d", requested);
  const int order[ALGORITHMS] = {IMPLICIT_PRECOMP_GEMM, IMPLICIT_GEMM, 2, 3, 4, 5, 6, 7};
  *returned = std::min<int>(requested, ALGORITHMS);
  for (int i = 0; i < *returned; i++) {
    const int a = order[i];
    results[i] = {a, supported(a) ? SUCCESS : NOT_SUPPORTED, supported(a) ? 0.01f * static_cast<float>(1 + i) : -1.0f,
                  supported(a) ? workspace_bytes(c, a) : 0, 1, math_type, {}};
  }
}

void require_memory(const Layout& l, const void* data, const char* what) {
  const size_t size = bytes_of(l.type);
  if (reinterpret_cast<uintptr_t>(data) % 16 != 0) refuse(BAD_PARAM, "%s at %p is not aligned to 16 bytes", what, data);
  require_reachable(data, l.elements_spanned() * size, what);
}

void enqueue_convolution(Handle& h, const Convolution& c, const void* x, const void* w, void* y, int algorithm, void* workspace, size_t workspace_size,
                         const Epilogue& epilogue) {
  const size_t needed = workspace_bytes(c, algorithm);
  if (workspace_size < needed) refuse(BAD_PARAM, "the workspace has %zu bytes, algorithm %d needs %zu", workspace_size, algorithm, needed);
  const auto check = [=] {
    require_memory(c.x, x, "x");
    require_memory(c.w, w, "w");
    require_memory(c.y, y, "y");
    if (needed > 0) require_reachable(workspace, needed, "workspace");
    if (epilogue.z != nullptr) require_memory(c.y, epilogue.z, "z");
    if (epilogue.bias != nullptr) require_reachable(epilogue.bias, c.w.extent[0] * bytes_of(c.y.type), "bias");
  };
  check();
  if (x == y) refuse(BAD_PARAM, "x and y are the same memory");
  enqueue(h.stream, {"cudnn convolution", CU_GRAPH_NODE_TYPE_KERNEL, [=] {
                       check();
                       if (needed > 0) fill_poison(workspace, needed);  // so that nobody keeps anything there
                       convolve(c, x, w, y, epilogue);
                     }});
}

}  // namespace

SIMCUDA_EXPORT size_t cudnnGetVersion() { return VERSION; }
SIMCUDA_EXPORT size_t cudnnGetMaxDeviceVersion() { return VERSION; }
SIMCUDA_EXPORT size_t cudnnGetCudartVersion() { return 12060; }
SIMCUDA_EXPORT const char* cudnnGetErrorString(int status) {
  switch (status) {
    case SUCCESS: return "CUDNN_STATUS_SUCCESS";
    case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
    case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
    case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
    case EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
    default: return "CUDNN_UNKNOWN_STATUS";
  }
}
SIMCUDA_EXPORT int cudnnGetProperty(int type, int* value) {
  const int parts[3] = {VERSION / 10000, VERSION / 100 % 100, VERSION % 100};
  return dnn("cudnnGetProperty", [&] {
    if (type < 0 || type > 2) refuse(BAD_PARAM, "property %d", type);
    *value = parts[type];
  });
}

SIMCUDA_EXPORT int cudnnCreate(Handle** handle) {
  return dnn("cudnnCreate", [&] {
    forbid_during_capture("cudnnCreate");  // it allocates
    *handle = new Handle{&current_context(), nullptr};
    live.insert(*handle);
    born("cudnn handle");
  });
}
SIMCUDA_EXPORT int cudnnDestroy(Handle* handle) {
  return dnn("cudnnDestroy", [&] {
    forbid_while_capturing(current_context(), "cudnnDestroy");  // it waits for the device
    delete &require(handle, "handle");
    live.erase(handle);
    gone("cudnn handle");
  });
}
SIMCUDA_EXPORT int cudnnSetStream(Handle* handle, CUstream stream) {
  return dnn("cudnnSetStream", [&] {
    require_stream(stream);
    require_handle(handle).stream = stream;
  });
}
SIMCUDA_EXPORT int cudnnGetStream(Handle* handle, CUstream* stream) {
  return dnn("cudnnGetStream", [&] { *stream = require_handle(handle).stream; });
}

SIMCUDA_EXPORT int cudnnCreateTensorDescriptor(TensorDescriptor** d) { return create("cudnnCreateTensorDescriptor", d); }
SIMCUDA_EXPORT int cudnnDestroyTensorDescriptor(TensorDescriptor* d) { return destroy("cudnnDestroyTensorDescriptor", d); }
SIMCUDA_EXPORT int cudnnCreateFilterDescriptor(FilterDescriptor** d) { return create("cudnnCreateFilterDescriptor", d); }
SIMCUDA_EXPORT int cudnnDestroyFilterDescriptor(FilterDescriptor* d) { return destroy("cudnnDestroyFilterDescriptor", d); }
SIMCUDA_EXPORT int cudnnCreateConvolutionDescriptor(ConvolutionDescriptor** d) { return create("cudnnCreateConvolutionDescriptor", d); }
SIMCUDA_EXPORT int cudnnDestroyConvolutionDescriptor(ConvolutionDescriptor* d) { return destroy("cudnnDestroyConvolutionDescriptor", d); }
SIMCUDA_EXPORT int cudnnCreateActivationDescriptor(ActivationDescriptor** d) { return create("cudnnCreateActivationDescriptor", d); }
SIMCUDA_EXPORT int cudnnDestroyActivationDescriptor(ActivationDescriptor* d) { return destroy("cudnnDestroyActivationDescriptor", d); }

SIMCUDA_EXPORT int cudnnSetTensor4dDescriptor(TensorDescriptor* d, int format, int type, int n, int c, int h, int w) {
  return dnn("cudnnSetTensor4dDescriptor", [&] {
    require(d, "tensor descriptor").layout = packed(type, format, {n, c, h, w});
    d->set = true;
  });
}
SIMCUDA_EXPORT int cudnnSetTensor4dDescriptorEx(TensorDescriptor* d, int type, int n, int c, int h, int w, int sn, int sc, int sh, int sw) {
  return dnn("cudnnSetTensor4dDescriptorEx", [&] {
    require(d, "tensor descriptor").layout = strided(type, {n, c, h, w}, {sn, sc, sh, sw});
    d->set = true;
  });
}
SIMCUDA_EXPORT int cudnnSetTensorNdDescriptor(TensorDescriptor* d, int type, int dimensions, const int* e, const int* s) {
  return dnn("cudnnSetTensorNdDescriptor", [&] {
    if (dimensions != 4) refuse(NOT_SUPPORTED, "%d dimensions, only 4 are done here", dimensions);
    require(d, "tensor descriptor").layout = strided(type, {e[0], e[1], e[2], e[3]}, {s[0], s[1], s[2], s[3]});
    d->set = true;
  });
}
SIMCUDA_EXPORT int cudnnSetTensorNdDescriptorEx(TensorDescriptor* d, int format, int type, int dimensions, const int* e) {
  return dnn("cudnnSetTensorNdDescriptorEx", [&] {
    if (dimensions != 4) refuse(NOT_SUPPORTED, "%d dimensions, only 4 are done here", dimensions);
    require(d, "tensor descriptor").layout = packed(type, format, {e[0], e[1], e[2], e[3]});
    d->set = true;
  });
}
SIMCUDA_EXPORT int cudnnGetTensorSizeInBytes(TensorDescriptor* d, size_t* bytes) {
  return dnn("cudnnGetTensorSizeInBytes", [&] {
    const Layout& l = require_set(d, "tensor descriptor").layout;
    *bytes = l.elements_spanned() * bytes_of(l.type);
  });
}
SIMCUDA_EXPORT int cudnnSetFilter4dDescriptor(FilterDescriptor* d, int type, int format, int k, int c, int h, int w) {
  return dnn("cudnnSetFilter4dDescriptor", [&] {
    require(d, "filter descriptor").layout = packed(type, format, {k, c, h, w});
    d->format = format;
    d->set = true;
  });
}
SIMCUDA_EXPORT int cudnnSetFilterNdDescriptor(FilterDescriptor* d, int type, int format, int dimensions, const int* e) {
  return dnn("cudnnSetFilterNdDescriptor", [&] {
    if (dimensions != 4) refuse(NOT_SUPPORTED, "%d dimensions, only 4 are done here", dimensions);
    require(d, "filter descriptor").layout = packed(type, format, {e[0], e[1], e[2], e[3]});
    d->format = format;
    d->set = true;
  });
}
SIMCUDA_EXPORT int cudnnGetFilterSizeInBytes(FilterDescriptor* d, size_t* bytes) {
  return dnn("cudnnGetFilterSizeInBytes", [&] {
    const Layout& l = require_set(d, "filter descriptor").layout;
    *bytes = l.elements_spanned() * bytes_of(l.type);
  });
}

static void set_convolution(ConvolutionDescriptor* d, const int (&pad)[2], const int (&stride)[2], const int (&dilation)[2], int mode, int type) {
  require(d, "convolution descriptor");
  for (int i = 0; i < 2; i++) {
    if (pad[i] < 0 || stride[i] < 1 || dilation[i] < 1) refuse(BAD_PARAM, "axis %d: pad=%d stride=%d dilation=%d", i, pad[i], stride[i], dilation[i]);
    d->pad[i] = pad[i], d->stride[i] = stride[i], d->dilation[i] = dilation[i];
  }
  if (mode != 0 && mode != 1) refuse(BAD_PARAM, "mode %d", mode);
  d->mode = mode;
  d->compute_type = type;
  d->set = true;
}
SIMCUDA_EXPORT int cudnnSetConvolution2dDescriptor(ConvolutionDescriptor* d, int ph, int pw, int u, int v, int dh, int dw, int mode, int type) {
  return dnn("cudnnSetConvolution2dDescriptor", [&] { set_convolution(d, {ph, pw}, {u, v}, {dh, dw}, mode, type); });
}
SIMCUDA_EXPORT int cudnnSetConvolutionNdDescriptor(ConvolutionDescriptor* d, int dimensions, const int* p, const int* s, const int* e, int mode, int type) {
  return dnn("cudnnSetConvolutionNdDescriptor", [&] {
    if (dimensions != 2) refuse(NOT_SUPPORTED, "%d spatial dimensions, only 2 are done here", dimensions);
    set_convolution(d, {p[0], p[1]}, {s[0], s[1]}, {e[0], e[1]}, mode, type);
  });
}
SIMCUDA_EXPORT int cudnnSetConvolutionMathType(ConvolutionDescriptor* d, int type) {
  return dnn("cudnnSetConvolutionMathType", [&] {
    if (type < DEFAULT_MATH || type > FMA_MATH) refuse(BAD_PARAM, "math type %d", type);
    require(d, "convolution descriptor").math_type = type;
  });
}
SIMCUDA_EXPORT int cudnnGetConvolutionMathType(ConvolutionDescriptor* d, int* type) {
  return dnn("cudnnGetConvolutionMathType", [&] { *type = require(d, "convolution descriptor").math_type; });
}
SIMCUDA_EXPORT int cudnnSetConvolutionGroupCount(ConvolutionDescriptor* d, int groups) {
  return dnn("cudnnSetConvolutionGroupCount", [&] {
    if (groups < 1) refuse(BAD_PARAM, "groups=%d", groups);
    require(d, "convolution descriptor").groups = groups;
  });
}
SIMCUDA_EXPORT int cudnnGetConvolutionGroupCount(ConvolutionDescriptor* d, int* groups) {
  return dnn("cudnnGetConvolutionGroupCount", [&] { *groups = require(d, "convolution descriptor").groups; });
}
SIMCUDA_EXPORT int cudnnSetConvolutionReorderType(ConvolutionDescriptor* d, int type) {
  return dnn("cudnnSetConvolutionReorderType", [&] { require(d, "convolution descriptor").reorder = type; });
}
SIMCUDA_EXPORT int cudnnGetConvolution2dForwardOutputDim(ConvolutionDescriptor* d, TensorDescriptor* x, FilterDescriptor* w, int* n, int* c, int* h, int* wide) {
  return dnn("cudnnGetConvolution2dForwardOutputDim", [&] {
    const ConvolutionDescriptor& cd = require_set(d, "convolution descriptor");
    const Layout &xl = require_set(x, "x descriptor").layout, &wl = require_set(w, "filter descriptor").layout;
    *n = static_cast<int>(xl.extent[0]);
    *c = static_cast<int>(wl.extent[0]);
    *h = output_extent(cd, xl, wl, 0);
    *wide = output_extent(cd, xl, wl, 1);
  });
}

SIMCUDA_EXPORT int cudnnGetConvolutionForwardAlgorithmMaxCount(Handle* handle, int* count) {
  return dnn("cudnnGetConvolutionForwardAlgorithmMaxCount", [&] {
    require_handle(handle);
    *count = ALGORITHMS;
  });
}
SIMCUDA_EXPORT int cudnnGetConvolutionForwardAlgorithm_v7(Handle* handle, TensorDescriptor* x, FilterDescriptor* w, ConvolutionDescriptor* c, TensorDescriptor* y,
                                                          int requested, int* returned, AlgorithmPerformance* results) {
  return dnn("cudnnGetConvolutionForwardAlgorithm_v7", [&] {
    require_handle(handle);
    list_algorithms(combine(x, w, c, y), c->math_type, requested, returned, results);
  });
}
SIMCUDA_EXPORT int cudnnFindConvolutionForwardAlgorithm(Handle* handle, TensorDescriptor* x, FilterDescriptor* w, ConvolutionDescriptor* c, TensorDescriptor* y,
                                                        int requested, int* returned, AlgorithmPerformance* results) {
  return dnn("cudnnFindConvolutionForwardAlgorithm", [&] {
    require_handle(handle);
    forbid_during_capture("cudnnFindConvolutionForwardAlgorithm");
    list_algorithms(combine(x, w, c, y), c->math_type, requested, returned, results);
  });
}
SIMCUDA_EXPORT int cudnnFindConvolutionForwardAlgorithmEx(Handle* handle, TensorDescriptor* xd, const void* x, FilterDescriptor* wd, const void* w,
                                                          ConvolutionDescriptor* cd, TensorDescriptor* yd, void* y, int requested, int* returned,
                                                          AlgorithmPerformance* results, void* workspace, size_t workspace_size) {
  return dnn("cudnnFindConvolutionForwardAlgorithmEx", [&] {
    Handle& h = require_handle(handle);
    forbid_during_capture("cudnnFindConvolutionForwardAlgorithmEx");
    const Convolution c = combine(xd, wd, cd, yd);
    // Trying the algorithms overwrites y and the workspace.
    enqueue_convolution(h, c, x, w, y, IMPLICIT_GEMM, nullptr, 0, {1, 0, nullptr, 0, nullptr, false});
    complete(require_stream(h.stream));
    if (workspace_size > 0) {
      require_reachable(workspace, workspace_size, "workspace");
      fill_poison(workspace, workspace_size);
    }
    list_algorithms(c, cd->math_type, requested, returned, results);
  });
}
SIMCUDA_EXPORT int cudnnGetConvolutionForwardWorkspaceSize(Handle* handle, TensorDescriptor* x, FilterDescriptor* w, ConvolutionDescriptor* c, TensorDescriptor* y,
                                                           int algorithm, size_t* bytes) {
  return dnn("cudnnGetConvolutionForwardWorkspaceSize", [&] {
    require_handle(handle);
    *bytes = workspace_bytes(combine(x, w, c, y), algorithm);
  });
}

SIMCUDA_EXPORT int cudnnConvolutionForward(Handle* handle, const float* alpha, TensorDescriptor* xd, const void* x, FilterDescriptor* wd, const void* w,
                                           ConvolutionDescriptor* cd, int algorithm, void* workspace, size_t workspace_size, const float* beta,
                                           TensorDescriptor* yd, void* y) {
  return dnn("cudnnConvolutionForward", [&] {
    Handle& h = require_handle(handle);
    enqueue_convolution(h, combine(xd, wd, cd, yd), x, w, y, algorithm, workspace, workspace_size, {*alpha, *beta, nullptr, 0, nullptr, false});
  });
}

SIMCUDA_EXPORT int cudnnSetActivationDescriptor(ActivationDescriptor* d, int mode, int, double) {
  return dnn("cudnnSetActivationDescriptor", [&] { require(d, "activation descriptor").mode = mode; });
}
SIMCUDA_EXPORT int cudnnConvolutionBiasActivationForward(Handle* handle, const float* alpha1, TensorDescriptor* xd, const void* x, FilterDescriptor* wd,
                                                         const void* w, ConvolutionDescriptor* cd, int algorithm, void* workspace, size_t workspace_size,
                                                         const float* alpha2, TensorDescriptor* zd, const void* z, TensorDescriptor* bd, const void* bias,
                                                         ActivationDescriptor* ad, TensorDescriptor* yd, void* y) {
  return dnn("cudnnConvolutionBiasActivationForward", [&] {
    constexpr int RELU = 1, IDENTITY = 5;
    Handle& h = require_handle(handle);
    const Convolution c = combine(xd, wd, cd, yd);
    const Layout &zl = require_set(zd, "z descriptor").layout, &bl = require_set(bd, "bias descriptor").layout;
    const int mode = require(ad, "activation descriptor").mode;
    if (mode != RELU && mode != IDENTITY) refuse(NOT_SUPPORTED, "activation %d, the library knows only RELU and IDENTITY here", mode);
    if (mode == RELU && algorithm != IMPLICIT_PRECOMP_GEMM && algorithm != IMPLICIT_GEMM) refuse(NOT_SUPPORTED, "algorithm %d", algorithm);
    if (mode == IDENTITY && algorithm != IMPLICIT_PRECOMP_GEMM) refuse(NOT_SUPPORTED, "IDENTITY goes only with IMPLICIT_PRECOMP_GEMM");
    if (memcmp(&zl.extent, &c.y.extent, sizeof zl.extent) != 0 || memcmp(&zl.stride, &c.y.stride, sizeof zl.stride) != 0 || zl.type != c.y.type) {
      refuse(NOT_SUPPORTED, "z and y have different layouts");
    }
    if (bl.extent[1] != c.w.extent[0] || bl.elements_spanned() != c.w.extent[0]) refuse(BAD_PARAM, "bias has %zu channels, expected %zu", bl.extent[1], c.w.extent[0]);
    enqueue_convolution(h, c, x, w, y, algorithm, workspace, workspace_size, {*alpha1, 0, *alpha2 == 0 ? nullptr : z, *alpha2, bias, mode == RELU});
  });
}
