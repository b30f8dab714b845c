// How a kernel library tells the device what kernels it has. build-kernels.sh appends one SIMCUDA_ENTRY per
// `extern "C" __global__` function to each source.
#pragma once
#include <type_traits>
#include <utility>

#include "thread.h"

namespace simcuda {

struct Argument {
  size_t bytes, alignment;
  bool pointer;
};

/** One kernel: its name, how to call it from CUDA's array of argument pointers, and what it takes. */
struct Entry {
  const char* name;
  void (*call)(void** arguments);
  const Argument* arguments;
  int argument_count;
  int max_threads;  // from __launch_bounds__, 0 if it has none
  const Entry* next;
};

/** The kernels of this library; each library has its own list (hidden symbol). */
__attribute__((visibility("hidden"))) extern const Entry* first_entry;

template <class... Args>
struct Signature {
  template <void (*kernel)(Args...), size_t... i>
  static void unpack(void** arguments, std::index_sequence<i...>) {
    (void)arguments;
    kernel(*static_cast<std::remove_const_t<Args>*>(arguments[i])...);
  }
  template <void (*kernel)(Args...)>
  static void call(void** arguments) {
    unpack<kernel>(arguments, std::index_sequence_for<Args...>());
  }
  static constexpr int count = sizeof...(Args);
  static constexpr Argument arguments[sizeof...(Args) + 1] = {{sizeof(Args), alignof(Args), std::is_pointer_v<Args>}..., {}};
};
template <class... Args>
Signature<Args...> signature_of(void (*)(Args...));

struct Registration {
  Entry entry;
  Registration(const char* name, void (*call)(void**), const Argument* arguments, int count, int max_threads)
      : entry{name, call, arguments, count, max_threads, first_entry} {
    first_entry = &entry;
  }
};

}  // namespace simcuda

#define SIMCUDA_ENTRY(kernel, max_threads)                                                             \
  static const simcuda::Registration simcuda_entry_##kernel(                                           \
      #kernel, &decltype(simcuda::signature_of(&kernel))::template call<&kernel>,                      \
      decltype(simcuda::signature_of(&kernel))::arguments, decltype(simcuda::signature_of(&kernel))::count, max_threads);
