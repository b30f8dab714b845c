// Turns a memory fault or a trap of a running kernel into a CUDA error.
#pragma once

namespace simcuda {

/** While one exists, SIGSEGV, SIGBUS, SIGFPE and SIGILL of this thread's kernel end its launch; all others go where they went before. */
class FaultGuard {
 public:
  FaultGuard();
  ~FaultGuard();
  FaultGuard(const FaultGuard&) = delete;

 private:
  void* previous_stack[3];
};

}  // namespace simcuda
