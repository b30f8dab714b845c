// cuDNN: forward convolutions, their algorithms and workspaces.
#include <algorithm>
#include <cstring>

#include "capture.h"
#include "cudnn.h"
#include "memory.h"
#include "poison.h"
#include "stream.h"

using namespace simcuda;
using namespace simcuda::cudnn;

namespace {

enum Algorithm { IMPLICIT_GEMM = 0, IMPLICIT_PRECOMP_GEMM = 1, ALGORITHMS = 8 };

struct AlgorithmPerformance {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math_type, reserved[3];
};
static_assert(sizeof(AlgorithmPerformance) == 48, "as in cudnn_cnn.h");

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
  if (!h.used) forbid_during_capture("the first convolution of a cuDNN handle");  // it may load and allocate
  h.used = true;
  enqueue(h.stream, {"cudnn convolution", CU_GRAPH_NODE_TYPE_KERNEL, [=] {
                       check();
                       if (needed > 0) fill_poison(workspace, needed);  // so that nobody keeps anything there
                       convolve(c, x, w, y, epilogue);
                     }});
}

}  // namespace

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
