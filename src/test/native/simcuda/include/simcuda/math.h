// Device mathematics that <cmath> does not have. The fast intrinsics (__expf and the like) are as exact here as the
// plain functions, so a test must not rely on their error.
#pragma once
#include <cmath>

#include "half.h"

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
inline void sincospif(float x, float* s, float* c) {
  *s = static_cast<float>(sin(x * M_PI));
  *c = static_cast<float>(cos(x * M_PI));
}
inline float sinpif(float x) { return static_cast<float>(sin(x * M_PI)); }
inline float cospif(float x) { return static_cast<float>(cos(x * M_PI)); }
inline float normcdff(float x) { return 0.5f * erfcf(-x * static_cast<float>(M_SQRT1_2)); }

inline float __expf(float x) { return expf(x); }
inline float __exp10f(float x) { return powf(10.0f, x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __log10f(float x) { return log10f(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __tanf(float x) { return tanf(x); }
inline void __sincosf(float x, float* s, float* c) { *s = sinf(x), *c = cosf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
inline float __fdividef(float x, float y) { return x / y; }
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __frsqrt_rn(float x) { return rsqrtf(x); }
inline float __fadd_rn(float x, float y) { return x + y; }
inline float __fsub_rn(float x, float y) { return x - y; }
inline float __fmul_rn(float x, float y) { return x * y; }
inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
inline double __fma_rn(double x, double y, double z) { return fma(x, y, z); }

inline int __float_as_int(float x) { return simcuda::bits<int>(x); }
inline unsigned __float_as_uint(float x) { return simcuda::bits<unsigned>(x); }
inline float __int_as_float(int x) { return simcuda::bits<float>(x); }
inline float __uint_as_float(unsigned x) { return simcuda::bits<float>(x); }
inline long long __double_as_longlong(double x) { return simcuda::bits<long long>(x); }
inline double __longlong_as_double(long long x) { return simcuda::bits<double>(x); }
inline int __float2int_rn(float x) { return static_cast<int>(nearbyintf(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline int __float2int_rd(float x) { return static_cast<int>(floorf(x)); }
inline int __float2int_ru(float x) { return static_cast<int>(ceilf(x)); }
inline unsigned __float2uint_rn(float x) { return static_cast<unsigned>(nearbyintf(x)); }
inline unsigned __float2uint_rz(float x) { return static_cast<unsigned>(x); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x)); }
inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
  return r;
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const uint64_t all = static_cast<uint64_t>(y) << 32 | x;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) {
    const unsigned nibble = selector >> (4 * i) & 0xfu;
    unsigned byte = static_cast<unsigned>(all >> (8 * (nibble & 7u))) & 0xffu;
    if (nibble & 8u) byte = byte & 0x80u ? 0xffu : 0u;
    r |= byte << (8 * i);
  }
  return r;
}
inline unsigned __umulhi(unsigned x, unsigned y) { return static_cast<unsigned>(static_cast<uint64_t>(x) * y >> 32); }
inline int __mulhi(int x, int y) { return static_cast<int>(static_cast<int64_t>(x) * y >> 32); }

// CUDA's overloads: exact types, no templates, so that a mixed call is as ambiguous here as it is there.
#define SIMCUDA_MIN_MAX(T)                            \
  inline T min(T a, T b) { return b < a ? b : a; }    \
  inline T max(T a, T b) { return a < b ? b : a; }
SIMCUDA_MIN_MAX(int)
SIMCUDA_MIN_MAX(unsigned)
SIMCUDA_MIN_MAX(long)
SIMCUDA_MIN_MAX(unsigned long)
SIMCUDA_MIN_MAX(long long)
SIMCUDA_MIN_MAX(unsigned long long)
#undef SIMCUDA_MIN_MAX
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

inline __half hexp(__half x) { return expf(x); }
inline __half hlog(__half x) { return logf(x); }
inline __half hsqrt(__half x) { return sqrtf(x); }
inline __half hrsqrt(__half x) { return rsqrtf(x); }
inline __half htanh(__half x) { return tanhf(x); }
inline __half hrcp(__half x) { return 1.0f / float(x); }
inline __half2 h2exp(__half2 x) { return {hexp(x.x), hexp(x.y)}; }
inline __half2 h2tanh(__half2 x) { return {htanh(x.x), htanh(x.y)}; }
inline __half2 h2rcp(__half2 x) { return {hrcp(x.x), hrcp(x.y)}; }
