// What the lanes of a warp do together. Every operation is built on one rendezvous: the lanes named in the mask
// arrive, the last one computes all results, then all go on (in random order).
#pragma once
#include "thread.h"

namespace simcuda {

/** One lane's part in a collective: what it brings and where its result goes. Lanes that do not take part are null. */
struct LaneData {
  const void* in = nullptr;
  void* out = nullptr;
};
using Collective = void (*)(const void* context, unsigned lanes, LaneData (&data)[32]);

/**
 * Meets the other lanes of `mask`. The last to arrive runs `function` once for all. It is an error, and ends the
 * launch, if the caller is not in its own mask, or if lanes meet with different masks or at different places.
 * Lanes that have left the kernel, or that the block does not have, are not waited for.
 */
SIMCUDA_SHARED void warp_rendezvous(unsigned mask, LaneData mine, const void* context, Collective function, const char* file, int line);

/**
 * For host twins of warp-wide instructions (mma, ldmatrix): all 32 lanes bring an `In`, and
 * `f(const In* const (&in)[32], Out* const (&out)[32])` fills every lane's `Out`. Lanes that the block does not have are null.
 */
template <class Out, class In, class F>
inline Out warp_collective(const In& in, F f, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  Out out;
  warp_rendezvous(
      ~0u, {&in, &out}, &f,
      [](const void* context, unsigned, LaneData (&data)[32]) {
        const In* ins[32];
        Out* outs[32];
        for (int lane = 0; lane < 32; lane++) {
          ins[lane] = static_cast<const In*>(data[lane].in);
          outs[lane] = static_cast<Out*>(data[lane].out);
        }
        const In* const(&cin)[32] = ins;
        Out* const(&cout)[32] = outs;
        (*static_cast<const F*>(context))(cin, cout);
      },
      file, line);
  return out;
}

/** Every lane receives the value of lane `source`; a value from a lane that is not there is undefined: poison. */
template <class T>
inline T exchange(unsigned mask, T value, int source, const char* file, int line) {
  struct Packet {
    T value;
    int source;
  } const packet{value, source};
  T result;
  warp_rendezvous(
      mask, {&packet, &result}, nullptr,
      [](const void*, unsigned lanes, LaneData (&data)[32]) {
        for (int lane = 0; lane < 32; lane++) {
          if (!(lanes >> lane & 1)) continue;
          const int from = static_cast<const Packet*>(data[lane].in)->source;
          T* out = static_cast<T*>(data[lane].out);
          if (lanes >> from & 1) {
            *out = static_cast<const Packet*>(data[from].in)->value;
          } else {
            for (size_t i = 0; i < sizeof(T); i++) reinterpret_cast<unsigned char*>(out)[i] = i % 2 ? 0x7f : 0xff;
          }
        }
      },
      file, line);
  return result;
}

/** Every lane receives `fold` over the values of all lanes of the mask, in lane order. */
template <class T, class F>
inline T fold(unsigned mask, T value, F f, const char* file, int line) {
  T result;
  warp_rendezvous(
      mask, {&value, &result}, &f,
      [](const void* context, unsigned lanes, LaneData (&data)[32]) {
        T total{};
        bool first = true;
        for (int lane = 0; lane < 32; lane++) {
          if (!(lanes >> lane & 1)) continue;
          const T v = *static_cast<const T*>(data[lane].in);
          total = first ? v : (*static_cast<const F*>(context))(total, v);
          first = false;
        }
        for (int lane = 0; lane < 32; lane++) {
          if (lanes >> lane & 1) *static_cast<T*>(data[lane].out) = total;
        }
      },
      file, line);
  return result;
}

}  // namespace simcuda

#define SIMCUDA_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncwarp(unsigned mask = ~0u, SIMCUDA_SITE) {
  simcuda::warp_rendezvous(mask, {}, nullptr, [](const void*, unsigned, simcuda::LaneData (&)[32]) {}, file, line);
}
template <class T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, SIMCUDA_SITE) {
  const int lane = simcuda::running.lane;
  return simcuda::exchange(mask, value, (lane & ~(width - 1)) | (source & (width - 1)), file, line);
}
template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMCUDA_SITE) {
  const int lane = simcuda::running.lane, source = lane - static_cast<int>(delta);
  return simcuda::exchange(mask, value, source < (lane & ~(width - 1)) ? lane : source, file, line);
}
template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMCUDA_SITE) {
  const int lane = simcuda::running.lane, source = lane + static_cast<int>(delta);
  return simcuda::exchange(mask, value, source > (lane | (width - 1)) ? lane : source, file, line);
}
template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, SIMCUDA_SITE) {
  const int lane = simcuda::running.lane, source = lane ^ lane_mask;
  return simcuda::exchange(mask, value, source > (lane | (width - 1)) ? lane : source, file, line);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, SIMCUDA_SITE) {
  const unsigned bit = predicate != 0 ? 1u << simcuda::running.lane : 0u;
  return simcuda::fold(mask, bit, [](unsigned a, unsigned b) { return a | b; }, file, line);
}
inline int __any_sync(unsigned mask, int predicate, SIMCUDA_SITE) { return __ballot_sync(mask, predicate, file, line) != 0; }
inline int __all_sync(unsigned mask, int predicate, SIMCUDA_SITE) { return __ballot_sync(mask, !predicate, file, line) == 0; }

#define SIMCUDA_REDUCE(T, name, expression)                                                   \
  inline T __reduce_##name##_sync(unsigned mask, T value, SIMCUDA_SITE) {                     \
    return simcuda::fold(mask, value, [](T a, T b) -> T { return expression; }, file, line);  \
  }
SIMCUDA_REDUCE(unsigned, add, a + b)
SIMCUDA_REDUCE(unsigned, min, a < b ? a : b)
SIMCUDA_REDUCE(unsigned, max, a > b ? a : b)
SIMCUDA_REDUCE(unsigned, and, a & b)
SIMCUDA_REDUCE(unsigned, or, a | b)
SIMCUDA_REDUCE(unsigned, xor, a ^ b)
SIMCUDA_REDUCE(int, add, static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)))
SIMCUDA_REDUCE(int, min, a < b ? a : b)
SIMCUDA_REDUCE(int, max, a > b ? a : b)
#undef SIMCUDA_REDUCE
