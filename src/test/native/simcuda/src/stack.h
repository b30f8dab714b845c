// Stacks of fibers, and the switch from one to another.
#pragma once
#include <cstddef>

namespace simcuda {

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t STACK_BYTES = 512 << 10;
#else
constexpr size_t STACK_BYTES = 128 << 10;
#endif

struct Stack {
  char* base;  // lowest usable byte; a guard page lies below
};

/** The stack that was given back last, or a new one. */
Stack take_stack();
void give_back(Stack stack);
/** Takes back every stack there is, whatever lies on them. */
void give_all_back();
bool in_stack_guard(const void* address);

/** What to switch to, so that the function starts on an empty stack; it must not return. */
void* fresh_stack_pointer(Stack stack, void (*start)());

/** Saves the callee-saved registers of the System V ABI and the stack pointer, and goes on where `load` was saved. */
extern "C" void switch_stack(void** save, void* load) __asm__("simcuda_switch");

}  // namespace simcuda
