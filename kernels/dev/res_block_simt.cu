#include "../res_block_simt.cu"

#include "../conv_simt.cu"
#include "res_block_cases.h"

int main() {
  for (unsigned seed = 0; seed < 8; seed++) {
    checkBlock<float>(
        seed,
        [](const ConvParams& p) {
          LAUNCH(conv_simt_64x32_f32, dim3(ceilDiv(p.FO * p.WO, BM), ceilDiv(p.O, 32)), 64, 2 * BK * (A_ROW + 32) * 4, p);
        },
        [](const ResBlockParams& p, size_t shared) {
          LAUNCH(res_block_simt_f32, blockGrid(p), RES_BLOCK_THREADS, shared, p);
        },
        [](const std::vector<float>& w, int, int) { return w; }, 1, nullptr);
  }
  puts("res_block_simt: ok");
}
