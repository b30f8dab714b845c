// Loads and stores with cache hints, atomics, and asynchronous copies.
#pragma once
#include "half.h"

template <class T> inline T __ldg(const T* p) { return *p; }
template <class T> inline T __ldca(const T* p) { return *p; }
template <class T> inline T __ldcg(const T* p) { return *p; }
template <class T> inline T __ldcs(const T* p) { return *p; }
template <class T> inline T __ldcv(const T* p) { return *p; }
template <class T> inline void __stcg(T* p, T v) { *p = v; }
template <class T> inline void __stcs(T* p, T v) { *p = v; }
template <class T> inline void __stwt(T* p, T v) { *p = v; }

namespace simcuda {

/** Threads run one at a time and are never interrupted between two barriers, so read-modify-write is atomic. */
template <class T, class F>
inline T update(T* p, F f) {
  const T old = *p;
  *p = f(old);
  return old;
}

/**
 * Host twin of cp.async: the copy happens when the thread waits for it. Until then the destination holds poison, so
 * that a missing wait shows. `bytes` is 4, 8 or 16; the rest of `bytes` beyond `valid` becomes zero, as with cp.async's src-size.
 */
SIMCUDA_SHARED void async_copy(void* shared_destination, const void* source, size_t bytes, size_t valid);
inline void async_copy(void* shared_destination, const void* source, size_t bytes) {
  async_copy(shared_destination, source, bytes, bytes);
}
/** Twin of cp.async.commit_group. */
SIMCUDA_SHARED void async_commit();
/** Twin of cp.async.wait_group: all but the newest `pending` groups of this thread are complete. */
SIMCUDA_SHARED void async_wait(int pending);

}  // namespace simcuda

#define SIMCUDA_ATOMIC(T)                                                                                     \
  inline T atomicAdd(T* p, T v) { return simcuda::update(p, [=](T o) { return static_cast<T>(o + v); }); }    \
  inline T atomicExch(T* p, T v) { return simcuda::update(p, [=](T) { return v; }); }
#define SIMCUDA_ATOMIC_INTEGER(T)                                                                             \
  SIMCUDA_ATOMIC(T)                                                                                           \
  inline T atomicSub(T* p, T v) { return simcuda::update(p, [=](T o) { return static_cast<T>(o - v); }); }    \
  inline T atomicMin(T* p, T v) { return simcuda::update(p, [=](T o) { return v < o ? v : o; }); }            \
  inline T atomicMax(T* p, T v) { return simcuda::update(p, [=](T o) { return o < v ? v : o; }); }            \
  inline T atomicAnd(T* p, T v) { return simcuda::update(p, [=](T o) { return o & v; }); }                    \
  inline T atomicOr(T* p, T v) { return simcuda::update(p, [=](T o) { return o | v; }); }                     \
  inline T atomicXor(T* p, T v) { return simcuda::update(p, [=](T o) { return o ^ v; }); }                    \
  inline T atomicCAS(T* p, T expected, T v) {                                                                 \
    return simcuda::update(p, [=](T o) { return o == expected ? v : o; });                                    \
  }
SIMCUDA_ATOMIC(float)
SIMCUDA_ATOMIC(double)
SIMCUDA_ATOMIC_INTEGER(int)
SIMCUDA_ATOMIC_INTEGER(unsigned)
SIMCUDA_ATOMIC_INTEGER(unsigned long long)
#undef SIMCUDA_ATOMIC_INTEGER
#undef SIMCUDA_ATOMIC
inline unsigned atomicInc(unsigned* p, unsigned limit) {
  return simcuda::update(p, [=](unsigned o) { return o >= limit ? 0u : o + 1u; });
}
