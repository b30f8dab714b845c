// What the functions of cuDNN here share: descriptors, and the checks that handles and descriptors are what they should be.
#pragma once
#include <unordered_set>

#include "call.h"
#include "convolution.h"

namespace simcuda::cudnn {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1001, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, EXECUTION_FAILED = 5000 };
enum Format { NCHW = 0, NHWC = 1 };
enum MathType { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, TENSOR_OP_MATH_ALLOW_CONVERSION = 2, FMA_MATH = 3 };

struct Handle {
  Context* context;
  CUstream stream;
  bool used = false;
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

/** Handles and descriptors that were made and not destroyed. */
extern std::unordered_set<void*> live;

inline int dnn(const char* name, const std::function<void()>& body) {
  return library_call(name, EXECUTION_FAILED, [&] {
    body();
    return SUCCESS;
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

Handle& require_handle(Handle* handle);

/** Whether the elements lie one behind the other in that format. */
bool is_packed(const Layout& l, int format);

}  // namespace simcuda::cudnn
