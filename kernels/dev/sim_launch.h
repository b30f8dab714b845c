// Launches on the software device, straight on its scheduler. Included by harness.h.
#pragma once

#include <tuple>

#include "fiber.h"

namespace simcuda {
// The device's allocator, which could say what lies at a bad address, takes no part here.
void describe_address(const void* address, char* text, size_t bytes) { snprintf(text, bytes, "%p", address); }
}  // namespace simcuda

namespace sim {

template <auto kernel, class... P, size_t... i, class... A>
void launchAs(const char* name, void (*)(P...), std::index_sequence<i...>, const simcuda::LaunchShape& shape,
              A... given) {
  using Call = simcuda::Signature<P...>;
  std::tuple<P...> arguments{static_cast<P>(given)...};
  void* pointers[] = {const_cast<void*>(static_cast<const void*>(&std::get<i>(arguments)))...};
  const simcuda::Entry entry = {name, &Call::template call<kernel>, Call::arguments, Call::count, 0, nullptr};
  try {
    simcuda::run_grid(entry, pointers, shape);
  } catch (const simcuda::KernelFailure& failure) {
    fprintf(stderr, "FAILED: %s\n", failure.message.c_str());
    exit(1);
  }
}

template <auto kernel, class... A>
void launch(const char* name, dim3 grid, dim3 block, size_t shared, A... arguments) {
  launchAs<kernel>(name, kernel, std::index_sequence_for<A...>(), {grid, block, shared}, arguments...);
}

}  // namespace sim

#define LAUNCH(kernel, ...) sim::launch<kernel>(#kernel, __VA_ARGS__)
