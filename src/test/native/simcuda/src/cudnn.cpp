// cuDNN: handles and the descriptor API, as far as forward convolutions need it.
#include "cudnn.h"

#include <cstdlib>
#include <memory>

#include "capture.h"
#include "context.h"
#include "control.h"
#include "stream.h"

using namespace simcuda;
using namespace simcuda::cudnn;

namespace {

constexpr size_t VERSION = 90500;

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

size_t most_elements() {
  const char* text = getenv("SIMCUDA_CUDNN_ELEMENTS");
  return text == nullptr ? (size_t{1} << 31) - 1 : strtoull(text, nullptr, 10);
}

void set_tensor(TensorDescriptor* d, const Layout& layout) {
  TensorDescriptor& tensor = require(d, "tensor descriptor");
  if (layout.elements_spanned() > most_elements()) refuse(NOT_SUPPORTED, "a tensor of %zu elements", layout.elements_spanned());
  tensor = {true, layout};
}

}  // namespace

namespace simcuda::cudnn {

std::unordered_set<void*> live;

Handle& require_handle(Handle* handle) {
  Handle& h = require(handle, "handle");
  if (h.context != &current_context()) refuse(BAD_PARAM, "the handle belongs to another context");
  return h;
}

bool is_packed(const Layout& l, int format) {
  const int extent[4] = {static_cast<int>(l.extent[0]), static_cast<int>(l.extent[1]), static_cast<int>(l.extent[2]), static_cast<int>(l.extent[3])};
  const Layout p = packed(l.type == Scalar::F32 ? 0 : 2, format, extent);
  for (int i = 0; i < 4; i++) {
    if (l.extent[i] > 1 && l.stride[i] != p.stride[i]) return false;
  }
  return true;
}

}  // namespace simcuda::cudnn

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
    const std::unique_ptr<Handle> found(&require(handle, "handle"));
    forbid_while_capturing(*found->context, "cudnnDestroy");  // it waits for the device
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
    set_tensor(d, packed(type, format, {n, c, h, w}));
  });
}
SIMCUDA_EXPORT int cudnnSetTensor4dDescriptorEx(TensorDescriptor* d, int type, int n, int c, int h, int w, int sn, int sc, int sh, int sw) {
  return dnn("cudnnSetTensor4dDescriptorEx", [&] {
    set_tensor(d, strided(type, {n, c, h, w}, {sn, sc, sh, sw}));
  });
}
SIMCUDA_EXPORT int cudnnSetTensorNdDescriptor(TensorDescriptor* d, int type, int dimensions, const int* e, const int* s) {
  return dnn("cudnnSetTensorNdDescriptor", [&] {
    if (dimensions != 4) refuse(NOT_SUPPORTED, "%d dimensions, only 4 are done here", dimensions);
    set_tensor(d, strided(type, {e[0], e[1], e[2], e[3]}, {s[0], s[1], s[2], s[3]}));
  });
}
SIMCUDA_EXPORT int cudnnSetTensorNdDescriptorEx(TensorDescriptor* d, int format, int type, int dimensions, const int* e) {
  return dnn("cudnnSetTensorNdDescriptorEx", [&] {
    if (dimensions != 4) refuse(NOT_SUPPORTED, "%d dimensions, only 4 are done here", dimensions);
    set_tensor(d, packed(type, format, {e[0], e[1], e[2], e[3]}));
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
SIMCUDA_EXPORT int cudnnSetActivationDescriptor(ActivationDescriptor* d, int mode, int, double) {
  return dnn("cudnnSetActivationDescriptor", [&] { require(d, "activation descriptor").mode = mode; });
}
