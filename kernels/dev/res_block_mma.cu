#include "../res_block_mma.cu"

#include "../aff_mma.cu"
#include "../conv_mma.cu"
#include "conv_64x32.h"
#include "fragments.h"
#include "res_block_cases.h"

#define CONV(type)                                                                                              \
  [](const ConvParams& p) {                                                                                     \
    LAUNCH(conv_mma_64x32_##type, dim3(ceilDiv(p.FO * p.WO, 64), ceilDiv(p.O, 32)), 128, CONV_64X32_SHARED, p); \
  }
#define BLOCK(type)                                                                        \
  [](const ResBlockParams& p, size_t shared) {                                             \
    LAUNCH(res_block_mma_##type, blockGrid(p), RES_BLOCK_THREADS, shared, p);              \
  }

template <typename T>
std::vector<float> fuse(const std::vector<float>& before, const std::vector<float>& own, const std::vector<int>& owner, int C,
                        int R, T* squeeze, float* squeezeBias, T* widen, float* widenBias) {
  Image<T> x(before, C, C, 0), y(own, C, C, 0), out(before.size() / C, C, C, 0);
  DeviceArray<int> columns(owner);
  const int P = static_cast<int>(before.size()) / C;
  const AffParams p = {x.view(), y.view(), squeeze, squeezeBias, widen, widenBias, columns.data(), out.view(),
                          C, C, C, P, static_cast<int>(owner.size()), C, R, 16};
  const size_t shared = 16 * ((2 * C + R) * sizeof(T) + 32);
  if constexpr (std::is_same_v<T, float>) LAUNCH(aff_mma_tf32, ceilDiv(P, 16), AFF_THREADS, shared, p);
  else LAUNCH(aff_mma_f16, ceilDiv(P, 16), AFF_THREADS, shared, p);
  return out.packed("separate fusion");
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkBlock<__half>(seed, CONV(f16), BLOCK(f16), inFragments<16>, 2, fuse<__half>);
    checkBlock<float>(seed, CONV(tf32), BLOCK(tf32), inFragments<8>, 2, fuse<float>);
  }
  puts("res_block_mma: ok");
}
