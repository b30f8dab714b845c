#include "../conv_mma.cu"
#include "../conv_mma_persistent.cu"

#include "conv_cases.h"

// As many blocks for a tile's channels as there are tiles of pixels, so that none stays; or fewer.
#define PERSISTENT(TILE_N, blocks, type)                                                      \
  [](const ConvParams& p) {                                                                   \
    const int bytes = std::is_same_v<STORED_##type, float> ? 4 : 2;                           \
    const int inner = ceilDiv(p.kernelF * p.kernelT * p.I * bytes, 64) * 64;                  \
    LAUNCH(conv_mma_persistent_64x##TILE_N##_##type, dim3(blocks, ceilDiv(p.O, TILE_N)), 128, \
           4 * 64 * 80 + 4 * 16 * (TILE_N / 2 + 4) * 4 + inner * (TILE_N + 8), p);            \
  }
using STORED_f16 = __half;
using STORED_tf32 = float;

#define ONE_TILE(type)                                                                            \
  [](const ConvParams& p) {                                                                       \
    LAUNCH(conv_mma_64x64_##type, dim3(ceilDiv(p.FO * p.WO, 64), ceilDiv(p.O, 64)), 128,          \
           3 * (64 * 80 + 72 * 64), p);                                                           \
  }
// The bits of conv_mma, whatever the tile and the number of blocks; 5 of them are sometimes more than there are tiles.
#define ALL_GRIDS(type)                                                                                       \
  {ONE_TILE(type),          PERSISTENT(64, 1, type), PERSISTENT(64, ceilDiv(p.FO * p.WO, 64), type),          \
   PERSISTENT(64, 5, type), PERSISTENT(32, 2, type), PERSISTENT(32, 3, type)}

int main() {
  for (unsigned seed = 0; seed < 2 * GEOMETRIES.size(); seed++) {
    checkConv<__half>(seed, GEOMETRIES[seed % GEOMETRIES.size()], false, {ALL_GRIDS(f16)});
    checkConv<float>(seed, GEOMETRIES[seed % GEOMETRIES.size()], true, {ALL_GRIDS(tf32)});
  }
  puts("conv_mma_persistent: ok");
}
