// Tensor-core products and asynchronous copies: each a device function with a twin for the software device.
//
// Turing (7.5) has no asynchronous copies: there a copy is a load and a store, done when the thread goes on, and committing and
// waiting are nothing. The stages of a pipeline stay as they are; what they hide is the latency of one thread's loads behind
// another warp's products. It multiplies halves 8 deep, so two instructions for one, and knows no TF32.
//
// Fragment layout of a 16 x 8 tile product (lane l, g = l / 4, t = l % 4), as the PTX manual draws it for mma.m16n8:
//   accumulator  c[0..1] row g, columns 2t and 2t + 1;  c[2..3] row g + 8
//   fp16, k16    a[0] row g, k 2t..; a[1] row g + 8; a[2], a[3] the same at k + 8;  b[0] k 2t.., column g; b[1] k + 8
//   tf32, k8     a[0] row g, k t; a[1] row g + 8; a[2], a[3] the same at k + 4;  b[0] k t, column g; b[1] k + 4
#pragma once

#if !defined(VOICEPRINT_SIM) && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define HAS_ASYNC_COPY 1
#endif

#ifdef VOICEPRINT_SIM

// Starts copying 16 bytes to shared memory, or zeros if not `valid` (the source is then not read).
inline void copyAsync16(void* shared, const void* global, bool valid) {
  simcuda::async_copy(shared, global, 16, valid ? 16 : 0);
}
// Ends a group of copies of this thread.
inline void commitCopies() { simcuda::async_commit(); }
// Waits until all but the newest `PENDING` groups of this thread have arrived; a barrier must follow before other
// threads read them.
template <int PENDING>
inline void waitCopies() {
  simcuda::async_wait(PENDING);
}

struct MatrixWords {
  unsigned words[4];
};

// Four 8 x 8 matrices of 16-bit values: lane l brings the address of row l % 8 of matrix l / 8 (16 bytes, aligned), and
// receives from each matrix the pair (row g, columns 2t and 2t + 1), or transposed the pair (rows 2t and 2t + 1,
// column g). The whole warp must call it.
inline void loadMatrices(unsigned (&words)[4], const void* row) {
  const MatrixWords result = simcuda::warp_collective<MatrixWords>(row, [](const auto& in, const auto& out) {
    for (int lane = 0; lane < WARP; lane++) {
      for (int j = 0; j < 4; j++) {
        memcpy(&out[lane]->words[j], static_cast<const unsigned char*>(*in[8 * j + lane / 4]) + 4 * (lane % 4), 4);
      }
    }
  });
  memcpy(words, result.words, sizeof words);
}
inline void loadMatricesTransposed(unsigned (&words)[4], const void* row) {
  const MatrixWords result = simcuda::warp_collective<MatrixWords>(row, [](const auto& in, const auto& out) {
    for (int lane = 0; lane < WARP; lane++) {
      for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 2; i++) {
          const void* from = *in[8 * j + 2 * (lane % 4) + i];
          memcpy(reinterpret_cast<unsigned char*>(&out[lane]->words[j]) + 2 * i,
                 static_cast<const unsigned char*>(from) + 2 * (lane / 4), 2);
        }
      }
    }
  });
  memcpy(words, result.words, sizeof words);
}

struct MmaOperands {
  unsigned a[4];
  unsigned b[2];
  float c[4];
};
struct MmaResult {
  float c[4];
};

// c += a b for a 16 x 8 tile; element(word, i) is value i of a word, PER_WORD values in each. All 8 columns of a row at a
// time, but each sum runs over the products in order.
template <int PER_WORD, class Element>
inline void mmaTwin(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], Element element) {
  MmaOperands mine;
  memcpy(mine.a, a, sizeof a);
  memcpy(mine.b, b, sizeof b);
  memcpy(mine.c, c, sizeof c);
  const MmaResult result = simcuda::warp_collective<MmaResult>(mine, [&](const auto& in, const auto& out) {
    constexpr int K = 8 * PER_WORD;
    typedef float Row __attribute__((vector_size(32)));
    float left[16][K];
    Row right[K];
    Row sum[16];
    for (int lane = 0; lane < WARP; lane++) {
      const int g = lane / 4, t = lane % 4;
      for (int i = 0; i < 4; i++) {
        sum[g + 8 * (i / 2)][2 * t + i % 2] = in[lane]->c[i];
        for (int j = 0; j < PER_WORD; j++) {
          left[g + 8 * (i % 2)][PER_WORD * (t + 4 * (i / 2)) + j] = element(in[lane]->a[i], j);
        }
      }
      for (int half = 0; half < 2; half++) {
        for (int j = 0; j < PER_WORD; j++) {
          right[PER_WORD * (t + 4 * half) + j][g] = element(in[lane]->b[half], j);
        }
      }
    }
    for (int row = 0; row < 16; row++) {
      for (int k = 0; k < K; k++) {
        sum[row] += left[row][k] * right[k];
      }
    }
    for (int lane = 0; lane < WARP; lane++) {
      for (int i = 0; i < 4; i++) {
        out[lane]->c[i] = sum[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2];
      }
    }
  });
  memcpy(c, result.c, sizeof c);
}

inline void mmaHalf(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  mmaTwin<2>(c, a, b, [](unsigned word, int j) {
    const float2 pair = unpackHalves(word);
    return j == 0 ? pair.x : pair.y;
  });
}
inline void mmaTf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  // The hardware ignores the lower 13 bits: factors that were not rounded are cut off.
  mmaTwin<1>(c, a, b, [](unsigned word, int) { return __uint_as_float(word & 0xffffe000u); });
}
// Rounds a float to the 10 mantissa bits of TF32, to nearest with ties away from zero. NaN stays NaN: the carry out of its
// mantissa would make poison a number.
inline unsigned roundToTf32(unsigned bits) {
  return (bits & 0x7fffffffu) > 0x7f800000u ? bits : (bits + 0x1000u) & 0xffffe000u;
}

#else

__device__ __forceinline__ void copyAsync16(void* shared, const void* global, bool valid) {
#ifdef HAS_ASYNC_COPY
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(
                   static_cast<unsigned>(__cvta_generic_to_shared(shared))),
               "l"(global), "r"(valid ? 16 : 0)
               : "memory");
#else
  *static_cast<uint4*>(shared) = valid ? *static_cast<const uint4*>(global) : make_uint4(0, 0, 0, 0);
#endif
}

__device__ __forceinline__ void commitCopies() {
#ifdef HAS_ASYNC_COPY
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int PENDING>
__device__ __forceinline__ void waitCopies() {
#ifdef HAS_ASYNC_COPY
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
#endif
}

__device__ __forceinline__ void loadMatrices(unsigned (&words)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
}

__device__ __forceinline__ void loadMatricesTransposed(unsigned (&words)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
}

__device__ __forceinline__ void mmaHalf(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  // Turing multiplies 8 deep.
#pragma unroll
  for (int half = 0; half < 2; half++) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[2 * half]), "r"(a[2 * half + 1]), "r"(b[half]));
  }
#endif
}

// Needs compute capability 8.0; traps before.
__device__ __forceinline__ void mmaTf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  (void)a, (void)b, (void)c;
  __trap();
#endif
}

__device__ __forceinline__ unsigned roundToTf32(unsigned bits) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  unsigned rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(bits)));
  return rounded;
#else
  return bits;
#endif
}

#endif
