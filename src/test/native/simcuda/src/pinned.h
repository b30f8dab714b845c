// Pinned host memory.
#pragma once
#include <cstddef>
#include <memory>

#include "api.h"

namespace simcuda {

/** A pinned buffer; its memory stays valid while `live` is true. */
struct Pinned {
  char* start;
  size_t bytes;
  bool live;
  bool registered;
  Context* context;
};

/** The pinned buffer that holds the range, or null; throws if the range only begins in one. */
std::shared_ptr<Pinned> pinned_around(const void* address, size_t bytes);

void release_pinned_of(Context& context);

}  // namespace simcuda
