// The scheduler. A fiber is a stack and a saved stack pointer. A thread that leaves the kernel without ever waiting gives its stack to the next one, so a kernel
// without barriers runs on one warm stack.
#include "fiber.h"

#include <cstdarg>
#include <ctime>
#include <numeric>
#include <vector>

#include "../include/simcuda/warp.h"
#include "fault.h"
#include "shared.h"
#include "stack.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace simcuda {

ThreadState running;

namespace {

constexpr unsigned WARP = 32;
uint64_t order_state = 0x9e3779b97f4a7c15;

struct Fiber {
  enum State { FRESH, READY, AT_BARRIER, AT_WARP, DONE } state;
  void* stack_pointer;
  Stack stack;
  uint3 thread_idx;
  // Where it waits, and with what.
  const char* file;
  int line;
  bool predicate;
  int barrier_count;
  unsigned mask;
  LaneData data;
  const void* collective_context;
  Collective collective;
  std::vector<AsyncCopy> copies;
  void* fake_stack;  // AddressSanitizer's, while it is switched out
};

/** Bit i: lane i. Lanes that the block does not have count as gone. */
struct Warp {
  unsigned waiting, gone;
};

struct Launch {
  const Entry* kernel;
  void** arguments;
  LaunchShape shape;
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  std::vector<unsigned> ready;
  unsigned current = 0, done = 0, at_barrier = 0;
  bool on_fiber = false;
  CUresult failure = CUDA_SUCCESS;
  char message[512];
  void* scheduler_stack_pointer;
  void* scheduler_fake_stack = nullptr;
  const void* scheduler_stack_base = nullptr;
  size_t scheduler_stack_bytes = 0;
};

// One launch runs at a time (the device lock is held); the handler of a fault asks whether it hit the thread that runs it.
Launch* launch;
thread_local bool runs_here __attribute__((tls_model("initial-exec"))) = false;

void to_scheduler(bool leaves) {
  Fiber& me = launch->fibers[launch->current];
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(leaves ? nullptr : &me.fake_stack, launch->scheduler_stack_base, launch->scheduler_stack_bytes);
#endif
  (void)leaves;
  switch_stack(&me.stack_pointer, launch->scheduler_stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(me.fake_stack, &launch->scheduler_stack_base, &launch->scheduler_stack_bytes);
#endif
}

extern "C" void simcuda_fiber_main() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &launch->scheduler_stack_base, &launch->scheduler_stack_bytes);
#endif
  launch->kernel->call(launch->arguments);
  launch->fibers[launch->current].state = Fiber::DONE;
  to_scheduler(true);
  __builtin_unreachable();
}

void enter(unsigned index) {
  Fiber& fiber = launch->fibers[index];
  if (fiber.state == Fiber::FRESH) {
    fiber.stack = take_stack();
    fiber.stack_pointer = fresh_stack_pointer(fiber.stack, &simcuda_fiber_main);
  }
  fiber.state = Fiber::READY;
  launch->current = index;
  running.thread_idx = fiber.thread_idx;
  running.lane = index % WARP;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&launch->scheduler_fake_stack, fiber.stack.base, STACK_BYTES);
#endif
  launch->on_fiber = runs_here = true;
  switch_stack(&launch->scheduler_stack_pointer, fiber.stack_pointer);
  launch->on_fiber = runs_here = false;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(launch->scheduler_fake_stack, nullptr, nullptr);
#endif
  if (launch->failure != CUDA_SUCCESS) throw KernelFailure{launch->failure, launch->message};
}

[[noreturn]] __attribute__((format(printf, 2, 3))) void give_up(CUresult code, const char* format, ...) {
  char text[400];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  abandon_launch(code, text);
}

bool same_place(const Fiber& a, const Fiber& b) { return a.line == b.line && (a.file == b.file || strcmp(a.file, b.file) == 0); }

const char* place(const Fiber& f) {
  static char text[300];
  if (f.state == Fiber::DONE) return "has left the kernel";
  const char* state = f.state == Fiber::AT_BARRIER ? "__syncthreads" : "a warp operation";
  snprintf(text, sizeof text, "waits at %s (%s:%d, mask=%08x)", state, f.file, f.line, f.mask);
  return text;
}

std::string name(const Fiber& f) {
  char text[80];
  snprintf(text, sizeof text, "thread (%u,%u,%u)", f.thread_idx.x, f.thread_idx.y, f.thread_idx.z);
  return text;
}

/** Nobody can go on. Says why: threads at different barriers, some that left, or a lane that never comes. */
[[noreturn]] void deadlock() {
  const Fiber* waiting = nullptr;
  for (const Fiber& f : launch->fibers) {
    if (f.state == Fiber::AT_BARRIER || f.state == Fiber::AT_WARP) {
      waiting = &f;
      break;
    }
  }
  for (const Fiber& f : launch->fibers) {
    if (f.state != waiting->state || f.mask != waiting->mask || !same_place(f, *waiting)) {
      const std::string first = name(*waiting) + " " + place(*waiting);
      give_up(CUDA_ERROR_LAUNCH_FAILED, "divergent barrier or deadlock: %s but %s %s", first.c_str(), name(f).c_str(), place(f));
    }
  }
  give_up(CUDA_ERROR_LAUNCH_FAILED, "deadlock: %s %s for a lane that is not there", name(*waiting).c_str(), place(*waiting));
}

/** If all lanes that the thread's mask names are there, computes their results and lets them go on. */
void complete_rendezvous(unsigned index) {
  const Fiber& me = launch->fibers[index];
  Warp& warp = launch->warps[index / WARP];
  const unsigned expected = me.mask & ~warp.gone;
  if (expected & ~warp.waiting) return;
  const unsigned first = index / WARP * WARP;
  LaneData data[WARP];
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (!(expected >> lane & 1)) continue;
    const Fiber& f = launch->fibers[first + lane];
    if (f.mask != me.mask || !same_place(f, me)) {
      give_up(CUDA_ERROR_LAUNCH_FAILED, "warp operation at %s:%d with mask=%08x, but lane %u is at %s:%d with mask=%08x", me.file, me.line,
              me.mask, lane, f.file, f.line, f.mask);
    }
    data[lane] = f.data;
  }
  me.collective(me.collective_context, expected, data);
  warp.waiting &= ~expected;
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (!(expected >> lane & 1)) continue;
    launch->fibers[first + lane].state = Fiber::READY;
    launch->ready.push_back(first + lane);
  }
}

/** A lane has left: those that wait for it need not wait any longer. */
void leave(unsigned index) {
  Warp& warp = launch->warps[index / WARP];
  warp.gone |= 1u << index % WARP;
  while (true) {
    const unsigned before = warp.waiting;
    for (unsigned lane = 0; lane < WARP; lane++) {
      if (warp.waiting >> lane & 1) complete_rendezvous(index / WARP * WARP + lane);
    }
    if (warp.waiting == before) return;
  }
}

void release_barrier() {
  const Fiber& first = launch->fibers[0];
  int count = 0;
  for (const Fiber& f : launch->fibers) {
    if (!same_place(f, first)) deadlock();
    count += f.predicate;
  }
  for (unsigned i = 0; i < launch->fibers.size(); i++) {
    launch->fibers[i].barrier_count = count;
    launch->fibers[i].state = Fiber::READY;
    launch->ready.push_back(i);
  }
  launch->at_barrier = 0;
}

void run_block() {
  const unsigned threads = static_cast<unsigned>(launch->fibers.size());
  launch->ready.clear();
  launch->done = launch->at_barrier = 0;
  launch->warps.assign((threads + WARP - 1) / WARP, {0, 0});
  if (threads % WARP != 0) launch->warps.back().gone = ~0u << threads % WARP;
  for (unsigned i = 0; i < threads; i++) {
    Fiber& f = launch->fibers[i];
    f.state = Fiber::FRESH;
    f.copies.clear();
    f.file = "";
    f.line = 0;
    f.mask = 0;
    launch->ready.push_back(i);
  }
  while (launch->done < threads) {
    if (launch->ready.empty()) {
      if (launch->at_barrier != threads) deadlock();
      release_barrier();
    }
    const size_t pick = (random_order() & 0xffffffffu) * launch->ready.size() >> 32;  // a division would cost as much as a switch
    const unsigned index = launch->ready[pick];
    launch->ready[pick] = launch->ready.back();
    launch->ready.pop_back();
    enter(index);
    Fiber& f = launch->fibers[index];
    if (f.state != Fiber::DONE) continue;
    give_back(f.stack);
    launch->done++;
    leave(index);
  }
}

void run_blocks(SharedMemory& shared) {
  const dim3 grid = launch->shape.grid;
  const uint64_t blocks = uint64_t{grid.x} * grid.y * grid.z;
  // A step that shares no factor with the number of blocks visits each block once.
  uint64_t step = random_order() % blocks | 1;
  while (std::gcd(step, blocks) != 1) step++;
  uint64_t b = random_order() % blocks;
  for (uint64_t i = 0; i < blocks; i++, b = (b + step) % blocks) {
    running.block_idx = {static_cast<unsigned>(b % grid.x), static_cast<unsigned>(b / grid.x % grid.y),
                         static_cast<unsigned>(b / (uint64_t{grid.x} * grid.y))};
    shared.poison();
    run_block();
    if (const char* damage = shared.damage()) abandon_launch(CUDA_ERROR_ILLEGAL_ADDRESS, damage);
  }
}

}  // namespace

void seed_order(uint64_t seed) { order_state = seed * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019; }

uint64_t random_order() {
  order_state ^= order_state << 13;
  order_state ^= order_state >> 7;
  order_state ^= order_state << 17;
  return order_state >> 16;
}

bool launch_runs_here() { return runs_here; }

void abandon_launch(CUresult code, const char* what) {
  const Fiber& f = launch->fibers[launch->current];
  launch->failure = code;
  snprintf(launch->message, sizeof launch->message, "kernel %s, block (%u,%u,%u), thread (%u,%u,%u): %s", launch->kernel->name,
           running.block_idx.x, running.block_idx.y, running.block_idx.z, f.thread_idx.x, f.thread_idx.y, f.thread_idx.z, what);
  if (!launch->on_fiber) throw KernelFailure{code, launch->message};
  to_scheduler(true);  // for good; works from a signal handler too, which is left as by a jump
  __builtin_unreachable();
}

void run_grid(const Entry& kernel, void** arguments, const LaunchShape& shape) {
  Launch mine;
  mine.kernel = &kernel;
  mine.arguments = arguments;
  mine.shape = shape;
  mine.fibers.resize(size_t{shape.block.x} * shape.block.y * shape.block.z);
  const dim3 block = shape.block;
  for (unsigned i = 0; i < mine.fibers.size(); i++) mine.fibers[i].thread_idx = {i % block.x, i / block.x % block.y, i / (block.x * block.y)};
  running.grid_dim = shape.grid;
  running.block_dim = shape.block;
  launch = &mine;
  SharedMemory shared(shape.shared_bytes);
  FaultGuard guard;
  try {
    run_blocks(shared);
  } catch (const KernelFailure&) {
    give_all_back();  // the fibers that were under way are gone
    launch = nullptr;
    throw;
  }
  launch = nullptr;
}

// What kernels call; see include/simcuda.

int block_barrier(bool predicate, const char* file, int line) {
  Fiber& me = launch->fibers[launch->current];
  me.state = Fiber::AT_BARRIER;
  me.predicate = predicate;
  me.file = file;
  me.line = line;
  me.mask = ~0u;
  launch->at_barrier++;
  to_scheduler(false);
  return launch->fibers[launch->current].barrier_count;
}

void warp_rendezvous(unsigned mask, LaneData mine, const void* context, Collective function, const char* file, int line) {
  const unsigned index = launch->current, lane = index % WARP;
  if (!(mask >> lane & 1)) {
    give_up(CUDA_ERROR_LAUNCH_FAILED, "warp operation at %s:%d with mask=%08x by lane %u, which is not in it", file, line, mask, lane);
  }
  Fiber& me = launch->fibers[index];
  me.state = Fiber::AT_WARP;
  me.mask = mask;
  me.data = mine;
  me.collective_context = context;
  me.collective = function;
  me.file = file;
  me.line = line;
  launch->warps[index / WARP].waiting |= 1u << lane;
  complete_rendezvous(index);
  to_scheduler(false);
}

void trap(const char* what) { abandon_launch(CUDA_ERROR_ASSERT, what); }

std::vector<AsyncCopy>& pending_copies() { return launch->fibers[launch->current].copies; }

}  // namespace simcuda

long long clock64() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}
