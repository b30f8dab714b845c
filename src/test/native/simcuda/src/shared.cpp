#include "shared.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../include/simcuda/memory.h"
#include "limits.h"
#include "poison.h"

namespace simcuda {

std::vector<AsyncCopy>& pending_copies();

namespace {

constexpr size_t PAGE = 4096, RED_ZONE = 256;
constexpr long ZONE = 0;  // allocations count from 1
constexpr size_t AREA = (MAX_SHARED_BYTES + RED_ZONE + PAGE - 1) / PAGE * PAGE;

unsigned char* current;

unsigned char* area() {
  static unsigned char* const base = [] {
    void* p = mmap(nullptr, AREA + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(static_cast<char*>(p) + AREA, PAGE, PROT_NONE);
    return static_cast<unsigned char*>(p);
  }();
  return base;
}

}  // namespace

SharedMemory::SharedMemory(size_t bytes) : start(area() + AREA - (bytes + 15) / 16 * 16), bytes(bytes) {
  current = start;
  forbid(start - RED_ZONE, RED_ZONE, red(ZONE));
  forbid(start + bytes, static_cast<size_t>(area() + AREA - start) - bytes, red(ZONE));
}

SharedMemory::~SharedMemory() {
  permit(area(), AREA);
  current = nullptr;
}

void SharedMemory::poison() { fill_poison(start, bytes); }

const char* SharedMemory::damage() const {
  static char text[120];
  const ptrdiff_t before = first_damage(start - RED_ZONE, RED_ZONE, red(ZONE));
  if (before >= 0) {
    snprintf(text, sizeof text, "out-of-bounds write %td bytes before the dynamic shared memory of %zu bytes", RED_ZONE - before, bytes);
    return text;
  }
  const ptrdiff_t behind = first_damage(start + bytes, static_cast<size_t>(area() + AREA - start) - bytes, red(ZONE));
  if (behind >= 0) {
    snprintf(text, sizeof text, "out-of-bounds write at offset %zu of the dynamic shared memory of %zu bytes", bytes + behind, bytes);
    return text;
  }
  return nullptr;
}

void* dynamic_shared_memory() { return current; }

void async_copy(void* destination, const void* source, size_t bytes, size_t valid) {
  if ((bytes != 4 && bytes != 8 && bytes != 16) || valid > bytes) trap("async_copy: bytes must be 4, 8 or 16, valid no more than that");
  if (reinterpret_cast<uintptr_t>(destination) % bytes != 0 || reinterpret_cast<uintptr_t>(source) % bytes != 0) {
    trap("async_copy: misaligned address");
  }
  fill_poison(destination, bytes);
  pending_copies().push_back({destination, source, bytes, valid, false});
}

void async_commit() { pending_copies().push_back({nullptr, nullptr, 0, 0, true}); }

void async_wait(int pending) {
  std::vector<AsyncCopy>& copies = pending_copies();
  const auto groups = std::count_if(copies.begin(), copies.end(), [](const AsyncCopy& c) { return c.committed_marker; });
  auto complete = groups - pending;
  auto c = copies.begin();
  for (; c != copies.end() && complete > 0; ++c) {
    if (c->committed_marker) {
      complete--;
      continue;
    }
    memcpy(c->destination, c->source, c->valid);
    memset(static_cast<char*>(c->destination) + c->valid, 0, c->bytes - c->valid);
  }
  copies.erase(copies.begin(), c);
}

}  // namespace simcuda
