// CUDA's built-in vector types with CUDA's alignment.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define SIMCUDA_VECTOR(T, name, align2, align4)                                        \
  struct name##1 { T x; };                                                             \
  struct alignas(align2) name##2 { T x, y; };                                          \
  struct name##3 { T x, y, z; };                                                       \
  struct alignas(align4) name##4 { T x, y, z, w; };                                    \
  inline name##1 make_##name##1(T x) { return {x}; }                                   \
  inline name##2 make_##name##2(T x, T y) { return {x, y}; }                           \
  inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                   \
  inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

SIMCUDA_VECTOR(signed char, char, 2, 4)
SIMCUDA_VECTOR(unsigned char, uchar, 2, 4)
SIMCUDA_VECTOR(short, short, 4, 8)
SIMCUDA_VECTOR(unsigned short, ushort, 4, 8)
SIMCUDA_VECTOR(int, int, 8, 16)
SIMCUDA_VECTOR(unsigned int, uint, 8, 16)
SIMCUDA_VECTOR(long long, longlong, 16, 16)
SIMCUDA_VECTOR(unsigned long long, ulonglong, 16, 16)
SIMCUDA_VECTOR(float, float, 8, 16)
SIMCUDA_VECTOR(double, double, 16, 16)
#undef SIMCUDA_VECTOR

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};
