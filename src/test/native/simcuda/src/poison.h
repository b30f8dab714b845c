// Patterns for memory that nobody has written yet and for memory that nobody may write. Both are NaN as binary16, float and
// double, and a huge value as int. Every red zone has its own, a signalling NaN, so that neither a copy from one red zone into
// another nor arithmetic on one writes the same bits again.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace simcuda {

constexpr uint16_t POISON = 0x7fff;
inline uint16_t red(long zone) { return static_cast<uint16_t>(0x7f81 + zone % 61); }

inline unsigned char pattern_byte(uint16_t pattern, uintptr_t address) { return static_cast<unsigned char>(address % 2 == 0 ? pattern : pattern >> 8); }

inline void fill_pattern(void* p, size_t bytes, uint16_t pattern) {
  unsigned char* b = static_cast<unsigned char*>(p);
  unsigned char word[8];
  for (size_t i = 0; i < sizeof word; i++) word[i] = pattern_byte(pattern, reinterpret_cast<uintptr_t>(b) + i);
  size_t i = 0;
  for (; i + sizeof word <= bytes; i += sizeof word) memcpy(b + i, word, sizeof word);
  memcpy(b + i, word, bytes - i);
}

inline void fill_poison(void* p, size_t bytes) { fill_pattern(p, bytes, POISON); }

/** Lifts what forbid() has set; only AddressSanitizer minds. */
inline void permit(void* p, size_t bytes) {
  (void)p, (void)bytes;
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(p, bytes);
#endif
}

/** Makes a red zone: a write is found by first_damage, and AddressSanitizer stops at any access. */
inline void forbid(void* p, size_t bytes, uint16_t pattern) {
  permit(p, bytes);
  fill_pattern(p, bytes, pattern);
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(p, bytes);
#endif
}

/** Offset of the first byte of a red zone that was overwritten, or -1. */
inline ptrdiff_t first_damage(const void* p, size_t bytes, uint16_t pattern) {
#if defined(__SANITIZE_ADDRESS__)
  (void)p, (void)bytes, (void)pattern;  // it stops at the write itself
#else
  const unsigned char* b = static_cast<const unsigned char*>(p);
  for (size_t i = 0; i < bytes; i++) {
    if (b[i] != pattern_byte(pattern, reinterpret_cast<uintptr_t>(b) + i)) return static_cast<ptrdiff_t>(i);
  }
#endif
  return -1;
}

}  // namespace simcuda
