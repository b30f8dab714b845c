#include "stack.h"

#include <sys/mman.h>

#include <vector>

#include "fiber.h"
#include "poison.h"

asm(R"(
.text
.globl simcuda_switch
.hidden simcuda_switch
.type simcuda_switch, @function
simcuda_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simcuda_switch, .-simcuda_switch
)");

namespace simcuda {

namespace {

constexpr size_t PAGE = 4096;

std::vector<Stack> free_stacks;
std::vector<Stack> all_stacks;

}  // namespace

Stack take_stack() {
  if (!free_stacks.empty()) {
    const Stack stack = free_stacks.back();
    free_stacks.pop_back();
    return stack;
  }
  void* area = mmap(nullptr, PAGE + STACK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (area == MAP_FAILED) throw KernelFailure{CUDA_ERROR_OUT_OF_MEMORY, "no memory for a fiber's stack"};
  char* base = static_cast<char*>(area) + PAGE;
  mprotect(base, STACK_BYTES, PROT_READ | PROT_WRITE);
  all_stacks.push_back({base});
  return {base};
}

void give_back(Stack stack) { free_stacks.push_back(stack); }

void give_all_back() {
  free_stacks = all_stacks;
  for (const Stack& stack : all_stacks) permit(stack.base, STACK_BYTES);
}

bool in_stack_guard(const void* address) {
  const char* at = static_cast<const char*>(address);
  for (const Stack& stack : all_stacks) {
    if (at >= stack.base - PAGE && at < stack.base) return true;
  }
  return false;
}

void* fresh_stack_pointer(Stack stack, void (*start)()) {
  void** top = reinterpret_cast<void**>(stack.base + STACK_BYTES);
  *--top = nullptr;  // the function finds the alignment that a call would have left
  *--top = reinterpret_cast<void*>(start);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  return top;
}

}  // namespace simcuda
