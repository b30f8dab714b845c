#include "../downsample_aff_simt.cu"

#include "../aff.cu"
#include "../conv_simt.cu"
#include "downsample_aff_cases.h"

void separately(const DownsampleAffParams& p, float* y) {
  const int P = p.FO * p.WO;
  LAUNCH(conv_simt_64x32_f32, dim3(ceilDiv(P, BM), ceilDiv(p.C, 32)), 64, 2 * BK * (A_ROW + 32) * 4,
         ConvParams{p.in, p.weights, p.bias, nullptr, p.columnClip, nullptr, y, p.inStride, 0, p.C, p.F, p.W, p.I, p.FO, p.WO,
                    p.C, 3, 3, 2, 2, 1, 1, p.clamp});
  LAUNCH(aff_f32, ceilDiv(P, 4), 256, 4 * (2 * p.C + PAD + SLICES * (p.R + PAD)) * sizeof(float),
         AffParams{p.x, y, p.squeeze, p.squeezeBias, p.expand, p.expandBias, p.columnClip, p.out, p.xStride, p.C, p.outStride, P,
                   p.WO, p.C, p.R, 4});
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkDownsampleAff<float>(
        seed, 8, 4e-5, separately,
        [](const DownsampleAffParams& p, size_t shared) {
          LAUNCH(downsample_aff_simt_f32, tileGrid(p), DOWNSAMPLE_THREADS, shared, p);
        },
        [](const std::vector<float>& w, int, int) { return w; });
  }
  puts("downsample_aff_simt: ok");
}
