// cuFFT: batches of one-dimensional transforms in single precision, as work on the plan's stream.
#include <cmath>
#include <map>

#include "call.h"
#include "capture.h"
#include "context.h"
#include "control.h"
#include "fourier.h"
#include "memory.h"
#include "poison.h"
#include "stream.h"

using namespace simcuda;

namespace {

enum Result { SUCCESS = 0, INVALID_PLAN = 1, INVALID_TYPE = 3, INVALID_VALUE = 4, EXEC_FAILED = 6, INVALID_SIZE = 8, NOT_SUPPORTED = 16 };
enum Type { R2C = 0x2a, C2R = 0x2c, C2C = 0x29 };

/** Element (batch b, index i) lies at b * distance + i * stride. */
struct Side {
  size_t stride, distance;
};
struct Plan {
  Context* context;
  CUstream stream;
  bool made;
  int type;
  size_t length, batch;
  Side in, out;
  bool allocates = true;   // its own work area, which the device then lacks
  size_t allocated = 0;    // bytes of that
  void* work = nullptr;    // the caller's

  /** NVIDIA's takes between none and eight times this. */
  size_t work_bytes() const { return batch * length * 2 * sizeof(float); }
  size_t half() const { return length / 2 + 1; }
  size_t inputs() const { return type == C2R ? half() : length; }
  size_t outputs() const { return type == R2C ? half() : length; }
};

std::map<int, Plan> plans;
int next_plan = 1;

int fft(const char* name, const std::function<void()>& body) {
  return library_call(name, EXEC_FAILED, [&] {
    body();
    return SUCCESS;
  });
}

Plan& require_plan_of(const Context* context, int handle) {
  const auto found = plans.find(handle);
  if (found == plans.end()) refuse(INVALID_PLAN, "plan %d does not exist", handle);
  if (found->second.context != context) refuse(INVALID_PLAN, "plan %d belongs to another context", handle);
  return found->second;
}

Plan& require_plan(int handle) { return require_plan_of(&current_context(), handle); }

int create() {
  plans[next_plan] = Plan{&current_context(), nullptr, false, 0, 0, 0, {}, {}};
  born("cufft plan");
  return next_plan++;
}

void make(Plan& p, int rank, const int* n, const int* in_embed, int in_stride, int in_distance, const int* out_embed, int out_stride, int out_distance, int type,
          int batch) {
  forbid_during_capture("making a cuFFT plan");  // its work area is allocated
  if (rank != 1) refuse(NOT_SUPPORTED, "rank %d, only 1 is done here", rank);
  if (type != R2C && type != C2R && type != C2C) refuse(INVALID_TYPE, "type %x, only single precision is done here", type);
  if (n[0] < 1 || batch < 1) refuse(INVALID_SIZE, "n=%d batch=%d", n[0], batch);
  p.type = type;
  p.length = static_cast<size_t>(n[0]);
  p.batch = static_cast<size_t>(batch);
  p.in = {1, p.inputs()};
  p.out = {1, p.outputs()};
  // Without embed pointers the library ignores strides and distances.
  if (in_embed != nullptr && out_embed != nullptr) {
    if (in_stride < 1 || in_distance < 1 || out_stride < 1 || out_distance < 1) {
      refuse(INVALID_VALUE, "istride=%d idist=%d ostride=%d odist=%d", in_stride, in_distance, out_stride, out_distance);
    }
    p.in = {static_cast<size_t>(in_stride), static_cast<size_t>(in_distance)};
    p.out = {static_cast<size_t>(out_stride), static_cast<size_t>(out_distance)};
  }
  p.made = true;
  if (p.allocates) {
    take_device_bytes(p.work_bytes());
    p.allocated = p.work_bytes();
  }
}

template <class T>
void require_side(const Plan& p, const Side& side, size_t count, const T* data, const char* what) {
  if (reinterpret_cast<uintptr_t>(data) % sizeof(T) != 0) refuse(INVALID_VALUE, "%s at %p is misaligned", what, static_cast<const void*>(data));
  require_reachable(data, ((p.batch - 1) * side.distance + (count - 1) * side.stride + 1) * sizeof(T), what);
}

using ComplexFloat = std::complex<float>;

double value_of(float v) { return v; }
std::complex<double> value_of(ComplexFloat v) { return v; }
void assign(float& to, std::complex<double> v) { to = static_cast<float>(v.real()); }
void assign(ComplexFloat& to, std::complex<double> v) { to = ComplexFloat(v); }

template <class In, class Out>
void run(const Plan& p, const In* in, Out* out, int sign) {
  std::vector<std::complex<double>> x(p.length);
  // Another number of transforms is another kernel, which rounds otherwise.
  const double rounding = 1 + std::ilogb(p.batch) * 0x1p-25;
  for (size_t b = 0; b < p.batch; b++) {
    for (size_t i = 0; i < p.inputs(); i++) x[i] = value_of(in[b * p.in.distance + i * p.in.stride]);
    for (size_t i = p.inputs(); i < p.length; i++) x[i] = std::conj(x[p.length - i]);
    const auto y = fourier(x, sign);
    for (size_t i = 0; i < p.outputs(); i++) assign(out[b * p.out.distance + i * p.out.stride], y[i] * rounding);
  }
}

template <class In, class Out>
void enqueue_transform(int handle, int type, const In* in, Out* out, int sign) {
  const Plan p = require_plan(handle);
  if (!p.made || p.type != type) refuse(INVALID_TYPE, "the plan was made for type %x", p.type);
  const auto check = [=] {
    require_side(p, p.in, p.inputs(), in, "input");
    require_side(p, p.out, p.outputs(), out, "output");
  };
  check();
  if (p.allocated == 0) require_reachable(p.work, p.work_bytes(), "work area");
  enqueue(p.stream, {"cufft", CU_GRAPH_NODE_TYPE_KERNEL, [=] {
                       check();
                       if (p.work != nullptr) {
                         require_reachable(p.work, p.work_bytes(), "work area");
                         fill_poison(p.work, p.work_bytes());  // so that nobody keeps anything there
                       }
                       run(p, in, out, sign);
                     }});
}

}  // namespace

SIMCUDA_EXPORT int cufftCreate(int* handle) {
  return fft("cufftCreate", [&] { *handle = create(); });
}
SIMCUDA_EXPORT int cufftDestroy(int handle) {
  return fft("cufftDestroy", [&] {
    forbid_during_capture("cufftDestroy");
    // The context may be lost: what is held here is freed all the same.
    give_back_device_bytes(require_plan_of(current_context_or_null(), handle).allocated);
    plans.erase(handle);
    gone("cufft plan");
  });
}
SIMCUDA_EXPORT int cufftPlan1d(int* handle, int n, int type, int batch) {
  return fft("cufftPlan1d", [&] {
    Plan p{&current_context(), nullptr, false, 0, 0, 0, {}, {}};
    make(p, 1, &n, nullptr, 0, 0, nullptr, 0, 0, type, batch);
    plans[*handle = create()] = p;
  });
}
SIMCUDA_EXPORT int cufftPlanMany(int* handle, int rank, int* n, int* in_embed, int in_stride, int in_distance, int* out_embed, int out_stride, int out_distance,
                                 int type, int batch) {
  return fft("cufftPlanMany", [&] {
    Plan p{&current_context(), nullptr, false, 0, 0, 0, {}, {}};
    make(p, rank, n, in_embed, in_stride, in_distance, out_embed, out_stride, out_distance, type, batch);
    plans[*handle = create()] = p;
  });
}
SIMCUDA_EXPORT int cufftMakePlan1d(int handle, int n, int type, int batch, size_t* work) {
  return fft("cufftMakePlan1d", [&] {
    make(require_plan(handle), 1, &n, nullptr, 0, 0, nullptr, 0, 0, type, batch);
    *work = require_plan(handle).work_bytes();
  });
}
SIMCUDA_EXPORT int cufftMakePlanMany(int handle, int rank, int* n, int* in_embed, int in_stride, int in_distance, int* out_embed, int out_stride, int out_distance,
                                     int type, int batch, size_t* work) {
  return fft("cufftMakePlanMany", [&] {
    make(require_plan(handle), rank, n, in_embed, in_stride, in_distance, out_embed, out_stride, out_distance, type, batch);
    *work = require_plan(handle).work_bytes();
  });
}
SIMCUDA_EXPORT int cufftGetSize(int handle, size_t* work) {
  return fft("cufftGetSize", [&] {
    *work = require_plan(handle).work_bytes();
  });
}
SIMCUDA_EXPORT int cufftSetAutoAllocation(int handle, int automatic) {
  return fft("cufftSetAutoAllocation", [&] { require_plan(handle).allocates = automatic != 0; });
}
SIMCUDA_EXPORT int cufftSetWorkArea(int handle, void* work) {
  return fft("cufftSetWorkArea", [&] {
    forbid_during_capture("cufftSetWorkArea");  // NVIDIA does not say that it may be
    Plan& p = require_plan(handle);
    require_reachable(work, p.work_bytes(), "work area");
    give_back_device_bytes(p.allocated);
    p.allocated = 0;
    p.work = work;
  });
}
SIMCUDA_EXPORT int cufftSetStream(int handle, CUstream stream) {
  return fft("cufftSetStream", [&] {
    require_stream(stream);
    require_plan(handle).stream = stream;
  });
}
SIMCUDA_EXPORT int cufftGetVersion(int* version) {
  *version = 10900;
  return SUCCESS;
}
SIMCUDA_EXPORT int cufftGetProperty(int type, int* value) {
  const int parts[3] = {10, 9, 0};
  return fft("cufftGetProperty", [&] {
    if (type < 0 || type > 2) refuse(INVALID_VALUE, "property %d", type);
    *value = parts[type];
  });
}
SIMCUDA_EXPORT int cufftExecR2C(int handle, float* in, ComplexFloat* out) {
  return fft("cufftExecR2C", [&] { enqueue_transform(handle, R2C, in, out, -1); });
}
SIMCUDA_EXPORT int cufftExecC2R(int handle, ComplexFloat* in, float* out) {
  return fft("cufftExecC2R", [&] { enqueue_transform(handle, C2R, in, out, 1); });
}
SIMCUDA_EXPORT int cufftExecC2C(int handle, ComplexFloat* in, ComplexFloat* out, int direction) {
  return fft("cufftExecC2C", [&] {
    if (direction != -1 && direction != 1) refuse(INVALID_VALUE, "direction %d", direction);
    enqueue_transform(handle, C2C, in, out, direction);
  });
}
