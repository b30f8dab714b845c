// IEEE binary16 with CUDA's names. Arithmetic goes through float and rounds once at the end, to nearest even, which for
// + - * / and sqrt is the correctly rounded result (24 >= 2 * 11 + 2 bits).
#pragma once
#include "thread.h"

namespace simcuda {

template <class To, class From>
inline To bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

inline float half_to_float(uint16_t h) {
  const uint32_t sign = (h & 0x8000u) << 16, magnitude = h & 0x7fffu;
  if (magnitude >= 0x7c00u) return bits<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  // Shifted into place the exponent is too small by 127 - 15; the multiplication corrects it, subnormals included.
  return bits<float>(sign | bits<uint32_t>(bits<float>(magnitude << 13) * 0x1p112f));
}

inline uint16_t float_to_half(float f) {
  const uint32_t all = bits<uint32_t>(f), sign = all >> 16 & 0x8000u, magnitude = all & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7fffu);
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 65520 and above round to infinity
  if (magnitude < 0x38800000u) {
    // Below 2^-14: adding 0.5 puts the bits of the subnormal at the end of the mantissa, rounded by the hardware.
    return static_cast<uint16_t>(sign | (bits<uint32_t>(bits<float>(magnitude) + 0.5f) - 0x3f000000u));
  }
  const uint32_t odd = magnitude >> 13 & 1u;
  return static_cast<uint16_t>(sign | (magnitude - 0x38000000u + 0xfffu + odd) >> 13);
}

}  // namespace simcuda

struct __half_raw {
  unsigned short x;
};
struct alignas(4) __half2_raw {
  unsigned short x, y;
};
struct __half {
  uint16_t bits;
  __half() = default;
  __half(__half_raw raw) : bits(raw.x) {}
  operator __half_raw() const { return {bits}; }
  __half(float f) : bits(simcuda::float_to_half(f)) {}
  __half(double f) : __half(static_cast<float>(f)) {}
  __half(int i) : __half(static_cast<float>(i)) {}
  operator float() const { return simcuda::half_to_float(bits); }
};
struct alignas(4) __half2 {
  __half x, y;
  __half2() = default;
  __half2(__half x, __half y) : x(x), y(y) {}
  __half2(__half2_raw raw) : x(__half_raw{raw.x}), y(__half_raw{raw.y}) {}
  operator __half2_raw() const { return {x.bits, y.bits}; }
};
using half = __half;
using half2 = __half2;

inline __half __ushort_as_half(unsigned short u) { return simcuda::bits<__half>(u); }
inline unsigned short __half_as_ushort(__half h) { return h.bits; }
inline __half __short_as_half(short s) { return simcuda::bits<__half>(s); }
inline short __half_as_short(__half h) { return static_cast<short>(h.bits); }
inline float __half2float(__half h) { return h; }
inline __half __float2half(float f) { return f; }
inline __half __float2half_rn(float f) { return f; }
inline __half __double2half(double d) { return d; }
inline __half __int2half_rn(int i) { return i; }
inline int __half2int_rz(__half h) { return static_cast<int>(static_cast<float>(h)); }

inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
inline __half2 make_half2(__half x, __half y) { return {x, y}; }
inline __half2 __half2half2(__half h) { return {h, h}; }
inline __half2 __float2half2_rn(float f) { return {f, f}; }
inline __half2 __floats2half2_rn(float x, float y) { return {x, y}; }
inline __half2 __float22half2_rn(float2 f) { return {f.x, f.y}; }
inline float2 __half22float2(__half2 h) { return {h.x, h.y}; }
inline __half __low2half(__half2 h) { return h.x; }
inline __half __high2half(__half2 h) { return h.y; }
inline float __low2float(__half2 h) { return h.x; }
inline float __high2float(__half2 h) { return h.y; }
inline __half2 __low2half2(__half2 h) { return {h.x, h.x}; }
inline __half2 __high2half2(__half2 h) { return {h.y, h.y}; }
inline __half2 __lowhigh2highlow(__half2 h) { return {h.y, h.x}; }

inline __half __hadd(__half a, __half b) { return float(a) + float(b); }
inline __half __hsub(__half a, __half b) { return float(a) - float(b); }
inline __half __hmul(__half a, __half b) { return float(a) * float(b); }
inline __half __hdiv(__half a, __half b) { return float(a) / float(b); }
// The product is exact in double and so, in all but freak cases, is the rounding of the sum.
inline __half __hfma(__half a, __half b, __half c) { return double(float(a)) * float(b) + float(c); }
inline __half __hneg(__half a) { return __ushort_as_half(a.bits ^ 0x8000u); }
inline __half __habs(__half a) { return __ushort_as_half(a.bits & 0x7fffu); }
inline bool __hisnan(__half a) { return (a.bits & 0x7fffu) > 0x7c00u; }
inline int __hisinf(__half a) { return (a.bits & 0x7fffu) == 0x7c00u ? (a.bits & 0x8000u ? -1 : 1) : 0; }
inline bool __heq(__half a, __half b) { return float(a) == float(b); }
inline bool __hne(__half a, __half b) { return float(a) != float(b); }
inline bool __hlt(__half a, __half b) { return float(a) < float(b); }
inline bool __hle(__half a, __half b) { return float(a) <= float(b); }
inline bool __hgt(__half a, __half b) { return float(a) > float(b); }
inline bool __hge(__half a, __half b) { return float(a) >= float(b); }
// As on the device: of a number and a NaN the number wins.
inline __half __hmax(__half a, __half b) { return __hisnan(a) ? b : __hisnan(b) || !__hlt(a, b) ? a : b; }
inline __half __hmin(__half a, __half b) { return __hisnan(a) ? b : __hisnan(b) || !__hgt(a, b) ? a : b; }
inline __half __hmax_nan(__half a, __half b) { return __hisnan(a) ? a : __hisnan(b) ? b : __hmax(a, b); }
inline __half __hmin_nan(__half a, __half b) { return __hisnan(a) ? a : __hisnan(b) ? b : __hmin(a, b); }

#define SIMCUDA_HALF2(name) \
  inline __half2 name##2(__half2 a, __half2 b) { return {name(a.x, b.x), name(a.y, b.y)}; }
SIMCUDA_HALF2(__hadd)
SIMCUDA_HALF2(__hsub)
SIMCUDA_HALF2(__hmul)
SIMCUDA_HALF2(__hmax)
SIMCUDA_HALF2(__hmin)
#undef SIMCUDA_HALF2
inline __half2 __h2div(__half2 a, __half2 b) { return {__hdiv(a.x, b.x), __hdiv(a.y, b.y)}; }
inline __half2 __hmax2_nan(__half2 a, __half2 b) { return {__hmax_nan(a.x, b.x), __hmax_nan(a.y, b.y)}; }
inline __half2 __hmin2_nan(__half2 a, __half2 b) { return {__hmin_nan(a.x, b.x), __hmin_nan(a.y, b.y)}; }
inline __half2 __hfma2(__half2 a, __half2 b, __half2 c) { return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)}; }
inline __half2 __hneg2(__half2 a) { return {__hneg(a.x), __hneg(a.y)}; }
inline __half2 __habs2(__half2 a) { return {__habs(a.x), __habs(a.y)}; }

#define SIMCUDA_OPERATOR(op, scalar, vector)                                   \
  inline __half operator op(__half a, __half b) { return scalar(a, b); }       \
  inline __half& operator op##=(__half& a, __half b) { return a = a op b; }    \
  inline __half2 operator op(__half2 a, __half2 b) { return vector(a, b); }    \
  inline __half2& operator op##=(__half2& a, __half2 b) { return a = a op b; }
SIMCUDA_OPERATOR(+, __hadd, __hadd2)
SIMCUDA_OPERATOR(-, __hsub, __hsub2)
SIMCUDA_OPERATOR(*, __hmul, __hmul2)
SIMCUDA_OPERATOR(/, __hdiv, __h2div)
#undef SIMCUDA_OPERATOR
inline __half operator-(__half a) { return __hneg(a); }
inline __half2 operator-(__half2 a) { return __hneg2(a); }
