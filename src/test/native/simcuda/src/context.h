// Contexts: who owns a handle, which one is current on a thread, and what error has killed it.
#pragma once
#include <unordered_set>
#include <vector>

#include "api.h"

namespace simcuda __attribute__((visibility("default"))) {  // the libraries on top of libcuda use this

struct Context {
  CUdevice device = 0;
  bool primary = false;
  int retained = 0;
  CUresult broken = CUDA_SUCCESS;  // sticky: an error of running work
  unsigned flags = 0;
  Stream* null_stream = nullptr;
};

/** The context that is current on this thread; throws if there is none or if it is destroyed or broken. */
Context& current_context();
Context* current_context_or_null();
bool initialized();
int device_count();

constexpr int DEVICES_OF_ENVIRONMENT = -1;

/** How many devices there are from now on, whatever SIMCUDA_DEVICES says. */
void show_devices(int count);

/** Every context that now lives answers every further call with the code, until it is destroyed. */
void lose_contexts(CUresult code);
void lose_contexts_of(CUdevice device, CUresult code);
bool alive(const Context* context);

}  // namespace simcuda
