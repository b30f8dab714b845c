// A residual block in one kernel: what the tensor-core and the plain variant share.
//
//   h = clip(reduce x)                                          1x1, stride 1 or 2, I to S * P channels
//   u_0 = h_0;  y_i = clip(chain_i (3x3) u_i);  u_i = y_{i-1} + h_i   for the first n of the S parts of P channels
//   or u_i = y_{i-1} (1 + a) + h_i (1 - a),  a = tanh(widen_i silu(squeeze_i [y_{i-1}; h_i]))   where there is a gate
//   y_i = h_i                                                   for the part that has no convolution, if there is one
//   y = clip(expand [y_0 .. y_{S-1}] + shortcut)                1x1, S * P to O channels
//   shortcut = x, or project x (1x1, the stride of reduce, I to O)
//   each with its bias; h, y_i, u_i and y are zero in gap columns and outside the image
//
// Letters: F x W input, FO x WO output positions, I, P, O channels, S parts, n convolutions, R channels within a
//   gate (padded with zeros to a multiple of 16), 0 for none.
// Layout: x and y NHWC views. Shared memory, in elements of T, rows PAD longer than their channels:
//   xs (pixels of the halo, I), h (pixels of the halo, S * P), ys (pixels of the tile, S * P),
//   and with a gate g (pixels of the halo, P) and s (pixels of the halo, R); then int columns (tileT + 2n)
// A block computes tileF x tileT output positions and, for its own use, the n positions around them that the chain reaches:
//   those are computed by the neighbours too. Every value is summed in the order of the separate kernels, and rounded to T
//   where they store it, so the result is theirs to the bit.
// Launch: block (256), grid (ceil(WO / tileT), ceil(FO / tileF)).
#pragma once

struct ResBlockParams {
  const void* x;             // view (F, W, I)
  const void* reduce;        // (I, S * P)
  const void* chain;         // (n, 9 * P, P)
  const void* squeeze;       // (n - 1, 2P, R), or null where parts are added
  const void* widen;         // (n - 1, R, P)
  const void* expand;        // (S * P, O)
  const void* project;       // (I, O), or null where x is the shortcut
  const float* reduceBias;   // (S * P)
  const float* chainBias;    // (n, P)
  const float* squeezeBias;  // (n - 1, R)
  const float* widenBias;    // (n - 1, P)
  const float* expandBias;   // (O)
  const float* projectBias;  // (O)
  const int* columnClip;     // (WO)
  void* y;                   // view (FO, WO, O)
  int xStride;
  int yStride;
  int F;
  int W;
  int I;
  int FO;
  int WO;
  int O;
  int P;
  int S;
  int n;
  int R;
  int stride;
  int tileF;
  int tileT;
  Clamp clamp;
};

constexpr int RES_BLOCK_THREADS = 256;

template <typename T>
struct ResBlock {
  static constexpr int PAD = 16 / static_cast<int>(sizeof(T));

  const ResBlockParams& p;
  int hidden;  // S * P
  int rowX;
  int rowH;
  int rowG;
  int rowS;
  int haloF;
  int haloT;
  int firstF;  // output position of the halo's first pixel
  int firstT;
  T* xs;
  T* h;
  T* ys;
  T* g;  // what a part's convolution gave, for the gate of the next
  T* s;
  int* columns;  // of the halo: whether a column belongs to a clip

  __device__ __forceinline__ ResBlock(const ResBlockParams& params, T* shared) : p(params) {
    hidden = p.S * p.P;
    rowX = p.I + PAD;
    rowH = hidden + PAD;
    haloF = p.tileF + 2 * p.n;
    haloT = p.tileT + 2 * p.n;
    firstF = static_cast<int>(blockIdx.y) * p.tileF - p.n;
    firstT = static_cast<int>(blockIdx.x) * p.tileT - p.n;
    xs = shared;
    h = xs + haloF * haloT * rowX;
    ys = h + haloF * haloT * rowH;
    g = ys + p.tileF * p.tileT * rowH;
    rowG = p.P + PAD;
    rowS = p.R + PAD;
    s = g + (p.R > 0 ? haloF * haloT * rowG : 0);
    columns = reinterpret_cast<int*>(s + (p.R > 0 ? haloF * haloT * rowS : 0));
  }

  // Starts the copies of the block's input, and notes which columns belong to clips. All threads.
  __device__ __forceinline__ void fetch() const {
    const int pieces = p.I / PAD;
    for (int i = threadIdx.x; i < haloF * haloT * pieces; i += blockDim.x) {
      const int pixel = i / pieces;
      const int f = (firstF + pixel / haloT) * p.stride;
      const int t = (firstT + pixel % haloT) * p.stride;
      const bool inside = f >= 0 && f < p.F && t >= 0 && t < p.W;
      const int c = i % pieces * PAD;
      const T* from = static_cast<const T*>(p.x) + (inside ? (static_cast<long long>(f) * p.W + t) * p.xStride + c : 0);
      copyAsync16(xs + pixel * rowX + c, from, inside);
    }
    for (int i = threadIdx.x; i < haloT; i += blockDim.x) {
      const int t = firstT + i;
      columns[i] = t >= 0 && t < p.WO && p.columnClip[t] != GAP;
    }
  }

  // Position (f, t) of the halo: whether it holds anything but zero.
  __device__ __forceinline__ bool holds(int f, int t) const {
    return columns[t] != 0 && firstF + f >= 0 && firstF + f < p.FO;
  }

  // Pixel of the tile at position (f, t) of the halo, or -1.
  __device__ __forceinline__ int ofTile(int f, int t) const {
    const int tf = f - p.n;
    const int tt = t - p.n;
    return tf >= 0 && tf < p.tileF && tt >= 0 && tt < p.tileT ? tf * p.tileT + tt : -1;
  }

  // The first convolution's sums for channels c.. of one pixel of the halo.
  template <int WIDTH>
  __device__ __forceinline__ void reduced(int pixel, int c, float (&sum)[WIDTH]) const {
    const int f = pixel / haloT;
    const int t = pixel % haloT;
    const bool is = holds(f, t);
    const int inner = c >= p.n * p.P ? ofTile(f, t) : -1;
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      const float v = is ? clamped(sum[j] + p.reduceBias[c + j], p.clamp) : 0.0f;
      store(h + pixel * rowH + c + j, v);
      if (inner >= 0) {
        store(ys + inner * rowH + c + j, v);
      }
    }
  }

  // The sums of convolution `part` for its channels c.. at position (f, t) of the halo. What it
  // adds to the next part, or brings to its gate, no other thread reads before the next barrier.
  template <int WIDTH>
  __device__ __forceinline__ void convolved(int part, int f, int t, int c, float (&sum)[WIDTH]) const {
    const bool is = holds(f, t);
    const int inner = ofTile(f, t);
    T* next = part + 1 < p.n ? h + (f * haloT + t) * rowH + (part + 1) * p.P + c : nullptr;
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      T v;
      store(&v, is ? clamped(sum[j] + p.chainBias[part * p.P + c + j], p.clamp) : 0.0f);
      if (inner >= 0) {
        ys[inner * rowH + part * p.P + c + j] = v;
      }
      if (next != nullptr) {
        if (p.R == 0) {
          store(next + j, toFloat(v) + toFloat(next[j]));
        } else {
          g[(f * haloT + t) * rowG + c + j] = v;
        }
      }
    }
  }

  // The last convolution's sums for channels c.. of one pixel of the tile, and those of the projection if there is one.
  template <int WIDTH>
  __device__ __forceinline__ void expanded(int pixel, int c, const float (&sum)[WIDTH],
                                           const float (&projected)[WIDTH]) const {
    const int f = pixel / p.tileT + p.n;
    const int t = pixel % p.tileT + p.n;
    if (firstF + f >= p.FO || firstT + t >= p.WO) {
      return;
    }
    const bool is = holds(f, t);
    T* y = static_cast<T*>(p.y) + (static_cast<long long>(firstF + f) * p.WO + firstT + t) * p.yStride + c;
    T v[WIDTH];
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      T shortcut;
      if (p.project != nullptr) {
        store(&shortcut, projected[j] + p.projectBias[c + j]);
      } else {
        shortcut = xs[(f * haloT + t) * rowX + c + j];
      }
      store(&v[j], is ? clamped(sum[j] + p.expandBias[c + j] + toFloat(shortcut), p.clamp) : 0.0f);
    }
    storeNeighbours(y, v);
  }

 private:
  static __device__ __forceinline__ void storeNeighbours(__half* y, const __half (&v)[2]) {
    *reinterpret_cast<__half2*>(y) = __halves2half2(v[0], v[1]);
  }
  static __device__ __forceinline__ void storeNeighbours(float* y, const float (&v)[2]) {
    *reinterpret_cast<float2*>(y) = make_float2(v[0], v[1]);
  }
  static __device__ __forceinline__ void storeNeighbours(float* y, const float (&v)[8]) { store8(y, v); }
};
