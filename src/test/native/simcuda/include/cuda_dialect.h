// The CUDA dialect of C++ for the host compiler: with this header force-included, a .cu file compiles with
//   g++ -std=c++17 -x c++ -include cuda_dialect.h
// and its kernels run on the software device (see README.md). A thread of a block is a fiber; what CUDA leaves
// undefined is an error here, or a NaN.
//
// VOICEPRINT_SIM tells a source that it is compiled for the software device: mma, cp.async, ldmatrix and inline
// assembly have no meaning in C++, so the device function around them gives a host twin under this macro.
#pragma once
#define VOICEPRINT_SIM 1

#include "simcuda/vector_types.h"

#include "simcuda/thread.h"

#include "simcuda/warp.h"

#include "simcuda/half.h"

#include "simcuda/math.h"

#include "simcuda/memory.h"

#include "simcuda/entry.h"

#include "simcuda/keywords.h"
