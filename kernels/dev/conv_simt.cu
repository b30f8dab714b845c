#include "../conv_simt.cu"

#include "conv_cases.h"

#define SIMT(BN, type)                                                                        \
  [](const ConvParams& p) {                                                                   \
    LAUNCH(conv_simt_64x##BN##_##type, dim3(ceilDiv(p.FO * p.WO, BM), ceilDiv(p.O, BN)), 2 * BN, \
           2 * BK * (A_ROW + BN) * sizeof(float), p);                                         \
  }

int main() {
  for (unsigned seed = 0; seed < 2 * GEOMETRIES.size(); seed++) {
    checkConv<float>(seed, GEOMETRIES[seed % GEOMETRIES.size()], false, {{NAIVE(f32)}, {SIMT(64, f32), SIMT(32, f32)}});
    checkConv<__half>(seed, GEOMETRIES[seed % GEOMETRIES.size()], false, {{NAIVE(f16)}, {SIMT(64, f16), SIMT(32, f16)}});
  }
  puts("conv_simt: ok");
}
