#include "../res_block_simt.cu"

#include "../aff.cu"
#include "../conv_simt.cu"
#include "res_block_cases.h"

std::vector<float> fuse(const std::vector<float>& before, const std::vector<float>& own, const std::vector<int>& owner, int C,
                        int R, float* squeeze, float* squeezeBias, float* widen, float* widenBias) {
  Image<float> x(before, C, C, 0), y(own, C, C, 0), out(before.size() / C, C, C, 0);
  DeviceArray<int> columns(owner);
  const int P = static_cast<int>(before.size()) / C;
  const AffParams p = {x.view(), y.view(), squeeze, squeezeBias, widen, widenBias, columns.data(), out.view(),
                       C, C, C, P, static_cast<int>(owner.size()), C, R, 4};
  LAUNCH(aff_f32, ceilDiv(P, 4), 256, 4 * (2 * C + PAD + SLICES * (R + PAD)) * sizeof(float), p);
  return out.packed("separate fusion");
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkBlock<float>(
        seed,
        [](const ConvParams& p) {
          LAUNCH(conv_simt_64x32_f32, dim3(ceilDiv(p.FO * p.WO, BM), ceilDiv(p.O, 32)), 64, 2 * BK * (A_ROW + 32) * 4, p);
        },
        [](const ResBlockParams& p, size_t shared) {
          LAUNCH(res_block_simt_f32, blockGrid(p), RES_BLOCK_THREADS, shared, p);
        },
        [](const std::vector<float>& w, int, int) { return w; }, 1, fuse);
  }
  puts("res_block_simt: ok");
}
