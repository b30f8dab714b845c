#include "../conv_mma.cu"

#include "conv_cases.h"

// Step 2: a warp computes 16 pixels x 16 channels, and waits for each step's operands before it multiplies. `wait` false leaves
// that wait out: the software device must then show that the operands have not arrived.
template <typename T>
__device__ void direct(const ConvParams& p, bool wait) {
  constexpr int DEPTH = Fragments<T>::DEPTH;
  constexpr int PIECE = PIECE_BYTES / static_cast<int>(sizeof(T));
  constexpr int ROW = DEPTH + PIECE;  // elements of a pixel's operands in shared memory
  constexpr int B_ROW = 24;
  DYNAMIC_SHARED(T, shared);  // A (16, ROW), B (DEPTH, B_ROW)
  T* b = shared + 16 * ROW;
  const int lane = threadIdx.x;
  const int firstPixel = blockIdx.x * 16, firstChannel = blockIdx.y * 16;
  const int K = p.kernelF * p.kernelT * p.I;
  float sum[2][4] = {};
  for (int k = 0; k < K; k += DEPTH) {
    for (int i = lane; i < 16 * (DEPTH / PIECE); i += WARP) {
      const int row = i / (DEPTH / PIECE), piece = i % (DEPTH / PIECE);
      InnerCursor cursor = {0, 0, 0};
      cursor.advance(p.I / PIECE, k / PIECE + piece, p.kernelT);
      const T* from = inputAt<T, PIECE>(p, windowOf(p, firstPixel + row), cursor);
      copyAsync16(shared + row * ROW + piece * PIECE, from != nullptr ? from : p.x, from != nullptr);
    }
    for (int i = lane; i < DEPTH * (16 / PIECE); i += WARP) {
      const int row = i / (16 / PIECE), column = i % (16 / PIECE) * PIECE;
      const bool inside = k + row < K && firstChannel + column < p.O;
      copyAsync16(b + row * B_ROW + column,
                  static_cast<const T*>(p.weights) + (inside ? (k + row) * p.O + firstChannel + column : 0), inside);
    }
    commitCopies();
    if (wait) {
      waitCopies<0>();
    }
    __syncthreads();
    unsigned pixels[4];
    loadMatrices(pixels, reinterpret_cast<unsigned char*>(shared + lane % 16 * ROW) + lane / 16 * PIECE_BYTES);
    Fragments<T>::round(pixels);
    unsigned weights[2][2];
    Fragments<T>::loadB(weights, b, B_ROW, lane);
    Fragments<T>::multiply(sum[0], pixels, weights[0]);
    Fragments<T>::multiply(sum[1], pixels, weights[1]);
    __syncthreads();
  }
  float* results = reinterpret_cast<float*>(shared);
  for (int j = 0; j < 2; j++) {
    for (int i = 0; i < 4; i++) {
      results[(lane / 4 + 8 * (i / 2)) * 16 + 8 * j + 2 * (lane % 4) + i % 2] = sum[j][i];
    }
  }
  __syncthreads();
  const int pixel = firstPixel + lane / 2, o = firstChannel + lane % 2 * 8;
  if (pixel < p.FO * p.WO && o < p.O) {
    float v[8];
    load8(results + lane * 8, v);
    finishOctet<T>(p, pixel, o, v);
  }
}
extern "C" __global__ void conv_direct_f16(ConvParams p) { direct<__half>(p, true); }
extern "C" __global__ void conv_direct_tf32(ConvParams p) { direct<float>(p, true); }
extern "C" __global__ void conv_unawaited_f16(ConvParams p) { direct<__half>(p, false); }

#define DIRECT(name)                                                                                                 \
  [](const ConvParams& p) { LAUNCH(name, dim3(ceilDiv(p.FO * p.WO, 16), ceilDiv(p.O, 16)), WARP, 16 * 24 * 2 * 4, p); }
#define MMA(TILE_M, TILE_N, warps, stages, type)                                              \
  [](const ConvParams& p) {                                                                   \
    LAUNCH(conv_mma_##TILE_M##x##TILE_N##_##type, dim3(ceilDiv(p.FO * p.WO, TILE_M), ceilDiv(p.O, TILE_N)), \
           WARP * warps, stages * (TILE_M * 80 + (TILE_N + 8) * 64), p);                      \
  }
#define SPLIT(TILE, warps, stages, type)                                                      \
  [](const ConvParams& p) {                                                                   \
    LAUNCH(conv_mma_split_##TILE##x##TILE##_##type, dim3(ceilDiv(p.FO * p.WO, TILE), ceilDiv(p.O, TILE)), \
           WARP * warps, stages * (TILE * 144 + (TILE + 8) * 128), p);                        \
  }
#define ALL_TILES(type)                                                                                      \
  {DIRECT(conv_direct_##type), MMA(128, 128, 8, 4, type), MMA(128, 64, 4, 3, type), MMA(128, 32, 4, 3, type), \
   MMA(64, 64, 4, 3, type),    MMA(64, 32, 4, 3, type),   MMA(32, 64, 4, 5, type),  MMA(32, 32, 4, 5, type)}, \
  {SPLIT(64, 8, 3, type), SPLIT(32, 4, 5, type)}

#ifdef VOICEPRINT_SIM
// One pixel and one octet of channels, whose copies nobody awaited.
void checkMissingWait() {
  Image<__half> in(std::vector<float>(8, 1), 8, 8, 0), out(1, 8, 8, 0);
  DeviceArray<__half> weights(storage<__half>(std::vector<float>(8 * 8, 1)));
  DeviceArray<float> bias(std::vector<float>(8, 0));
  DeviceArray<int> columns(std::vector<int>{0});
  DIRECT(conv_unawaited_f16)
  ({in.view(), weights.data(), bias.data(), nullptr, columns.data(), nullptr, out.view(), 8, 0, 8, 1, 1, 8, 1, 1,
    8, 1, 1, 1, 1, 1, 1, {-INFINITY, INFINITY}});
  for (const float y : out.packed("unawaited")) {
    if (!std::isnan(y)) {
      fail("a kernel that does not wait for its copies computed " + std::to_string(y));
    }
  }
}
#endif

int main() {
  for (unsigned seed = 0; seed < 2 * GEOMETRIES.size(); seed++) {
    checkConv<__half>(seed, GEOMETRIES[seed % GEOMETRIES.size()], false, {{NAIVE(f16)}, ALL_TILES(f16)});
    checkConv<float>(seed, GEOMETRIES[seed % GEOMETRIES.size()], true, {ALL_TILES(tf32)});
  }
#ifdef VOICEPRINT_SIM
  checkMissingWait();
#endif
  puts("conv_mma: ok");
}
