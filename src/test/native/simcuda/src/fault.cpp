// The JVM uses these signals for its own purposes (safepoints, null checks), on other threads and even while a kernel
// runs here. So the handler asks first whether the fault is a kernel's; if not, it calls the handler it replaced.
#include "fault.h"

#include <signal.h>
#include <sys/mman.h>

#include <cstdio>
#include <mutex>

#include "fiber.h"
#include "stack.h"
#include "memory.h"

namespace simcuda {

static_assert(sizeof(stack_t) <= sizeof(void* [3]), "room for a stack_t");

#if defined(__SANITIZE_ADDRESS__)

// AddressSanitizer reports faults itself, with the stack of the kernel.
FaultGuard::FaultGuard() {}
FaultGuard::~FaultGuard() {}

#else

namespace {

constexpr int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction replaced[65];

void handle(int signal, siginfo_t* info, void* context) {
  if (!launch_runs_here()) {
    const struct sigaction& old = replaced[signal];
    if (old.sa_flags & SA_SIGINFO) {
      old.sa_sigaction(signal, info, context);
    } else if (old.sa_handler == SIG_DFL) {
      sigaction(signal, &old, nullptr);  // the instruction runs again and takes the default way
    } else if (old.sa_handler != SIG_IGN) {
      old.sa_handler(signal);
    }
    return;
  }
  if (signal == SIGFPE) abandon_launch(CUDA_ERROR_LAUNCH_FAILED, "division by zero");
  if (signal == SIGILL) {
    abandon_launch(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned access, or other undefined behaviour (shift, array index, division); the AddressSanitizer build says which");
  }
  if (in_stack_guard(info->si_addr)) abandon_launch(CUDA_ERROR_ILLEGAL_ADDRESS, "the stack of the thread has overflowed");
  char text[300];
  describe_address(info->si_addr, text, sizeof text);
  abandon_launch(CUDA_ERROR_ILLEGAL_ADDRESS, text);
}

}  // namespace

FaultGuard::FaultGuard() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (int signal : SIGNALS) {
      struct sigaction action {};
      action.sa_sigaction = handle;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
      sigemptyset(&action.sa_mask);
      sigaction(signal, &action, &replaced[signal]);
    }
  });
  // A fiber that overflows has no stack left to handle that on.
  constexpr size_t BYTES = 64 << 10;
  static void* const area = mmap(nullptr, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack_t stack{};
  stack.ss_sp = area;
  stack.ss_size = BYTES;
  sigaltstack(&stack, reinterpret_cast<stack_t*>(previous_stack));
}

FaultGuard::~FaultGuard() { sigaltstack(reinterpret_cast<stack_t*>(previous_stack), nullptr); }

#endif

}  // namespace simcuda
