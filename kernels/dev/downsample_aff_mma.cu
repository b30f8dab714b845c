#include "../downsample_aff_mma.cu"

#include "../aff_mma.cu"
#include "../conv_mma.cu"
#include "conv_64x32.h"
#include "downsample_aff_cases.h"

template <typename T>
void separately(const DownsampleAffParams& p, T* y) {
  const ConvParams conv = {p.in, p.weights, p.bias, nullptr, p.columnClip, nullptr, y, p.inStride, 0, p.C,
                           p.F, p.W, p.I, p.FO, p.WO, p.C, 3, 3, 2, 2, 1, 1, p.clamp};
  const int P = p.FO * p.WO;
  const AffParams aff = {p.x, y, p.squeeze, p.squeezeBias, p.expand, p.expandBias, p.columnClip, p.out,
                         p.xStride, p.C, p.outStride, P, p.WO, p.C, p.R, 16};
  const dim3 grid(ceilDiv(P, 64), ceilDiv(p.C, 32));
  const size_t affShared = 16 * ((2 * p.C + p.R) * sizeof(T) + 32);
  if constexpr (std::is_same_v<T, float>) {
    LAUNCH(conv_mma_64x32_tf32, grid, 128, CONV_64X32_SHARED, conv);
    LAUNCH(aff_mma_tf32, ceilDiv(P, 16), AFF_THREADS, affShared, aff);
  } else {
    LAUNCH(conv_mma_64x32_f16, grid, 128, CONV_64X32_SHARED, conv);
    LAUNCH(aff_mma_f16, ceilDiv(P, 16), AFF_THREADS, affShared, aff);
  }
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    // s and y are rounded to 11 bits before the next product; the CPU version does not round.
    checkDownsampleAff<__half>(
        seed, 16, 2e-2, separately<__half>,
        [](const DownsampleAffParams& p, size_t shared) {
          LAUNCH(downsample_aff_mma_f16, tileGrid(p), DOWNSAMPLE_THREADS, shared, p);
        },
        inFragments<16>);
    checkDownsampleAff<float>(
        seed, 16, 2e-2, separately<float>,
        [](const DownsampleAffParams& p, size_t shared) {
          LAUNCH(downsample_aff_mma_tf32, tileGrid(p), DOWNSAMPLE_THREADS, shared, p);
        },
        inFragments<8>);
  }
  puts("downsample_aff_mma: ok");
}
