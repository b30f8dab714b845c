// What the development checks share: guarded and poisoned device arrays, packed rows, seeded data, comparison.
// A check compiles with nvcc for a real GPU, and with a host compiler for the software device (VOICEPRINT_SIM).
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "../common.cuh"
#ifdef VOICEPRINT_SIM
#include "sim_launch.h"
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

[[noreturn]] inline void fail(const std::string& message) {
  fprintf(stderr, "FAILED: %s\n", message.c_str());
  exit(1);
}

// ---- the device

#ifdef VOICEPRINT_SIM
inline void* deviceAllocate(size_t bytes) { return aligned_alloc(256, (bytes + 255) / 256 * 256); }
inline void deviceFree(void* p) { free(p); }
inline void deviceCopy(void* to, const void* from, size_t bytes) { memcpy(to, from, bytes); }
#else
inline void checkCuda(cudaError_t status, const char* call) {
  if (status != cudaSuccess) {
    fail(std::string(call) + ": " + cudaGetErrorString(status));
  }
}
inline void* deviceAllocate(size_t bytes) {
  void* p = nullptr;
  checkCuda(cudaMalloc(&p, bytes), "cudaMalloc");
  return p;
}
inline void deviceFree(void* p) { checkCuda(cudaFree(p), "cudaFree"); }
inline void deviceCopy(void* to, const void* from, size_t bytes) {
  checkCuda(cudaMemcpy(to, from, bytes, cudaMemcpyDefault), "cudaMemcpy");
}
template <class... P, class... A>
void launch(void (*kernel)(P...), dim3 grid, dim3 block, size_t shared, A... arguments) {
  checkCuda(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)),
            "cudaFuncSetAttribute");
  kernel<<<grid, block, shared>>>(static_cast<P>(arguments)...);
  checkCuda(cudaGetLastError(), "launch");
  checkCuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}
#define LAUNCH(kernel, ...) launch(kernel, __VA_ARGS__)
#endif

// An array on the device between two guard bands. New arrays hold NaN (all bits set).
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : DeviceArray(count, 0xff) {}

  explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size(), 0) {
    deviceCopy(data(), host.data(), count_ * sizeof(T));
  }

  ~DeviceArray() {
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(base_, bytes());
#endif
    deviceFree(base_);
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() { return reinterpret_cast<T*>(base_ + GUARD); }

  // The contents, after a look at the guard bands.
  std::vector<T> download(const char* name) {
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(base_, bytes());
#endif
    std::vector<unsigned char> all(bytes());
    deviceCopy(all.data(), base_, bytes());
    for (size_t i = 0; i < GUARD; i++) {
      if (all[i] != MARK || all[bytes() - 1 - i] != MARK) {
        fail(std::string(name) + ": wrote outside the array");
      }
    }
    std::vector<T> result(count_);
    memcpy(static_cast<void*>(result.data()), all.data() + GUARD, count_ * sizeof(T));
    guard();
    return result;
  }

 private:
  DeviceArray(size_t count, int fill) : count_(count) {
    base_ = static_cast<unsigned char*>(deviceAllocate(bytes()));
    std::vector<unsigned char> all(bytes(), MARK);
    memset(all.data() + GUARD, fill, count_ * sizeof(T));
    deviceCopy(base_, all.data(), bytes());
    guard();
  }

  size_t bytes() const { return 2 * GUARD + count_ * sizeof(T); }

  // Under AddressSanitizer a read of the bands is caught too.
  void guard() {
#ifdef __SANITIZE_ADDRESS__
    ASAN_POISON_MEMORY_REGION(base_, GUARD);
    ASAN_POISON_MEMORY_REGION(base_ + GUARD + count_ * sizeof(T), GUARD);
#endif
  }

  static constexpr size_t GUARD = 256;
  static constexpr unsigned char MARK = 0xa5;
  size_t count_;
  unsigned char* base_ = nullptr;
};

// ---- packed rows

struct PackedRow {
  std::vector<Clip> clips;
  int W = 0;

  static PackedRow of(const std::vector<int>& frames, int tail = 0) {
    PackedRow row;
    int samples = 0;
    for (const int n : frames) {
      const int length = 400 + 160 * (n - 1) + n % 160;
      row.clips.push_back({samples, length, row.W, n});
      samples += length;
      row.W += 8 * ((n + 7) / 8 + 1);
    }
    row.W += 8 * tail;
    return row;
  }

  int samples() const { return clips.back().firstSample + clips.back().samples; }

  std::vector<int> columnClip(int timeStride) const {
    std::vector<int> owner((W + timeStride - 1) / timeStride, GAP);
    for (size_t i = 0; i < clips.size(); i++) {
      const int first = clips[i].firstColumn / timeStride;
      const int count = (clips[i].frames + timeStride - 1) / timeStride;
      for (int t = first; t < first + count; t++) {
        owner[t] = static_cast<int>(i);
      }
    }
    return owner;
  }
};

// ---- data

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  float uniform(float low, float high) {
    return low + (high - low) * static_cast<float>(engine_() >> 8) / static_cast<float>(1 << 24);
  }
  int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
  int oneOf(const std::vector<int>& values) { return values[below(static_cast<int>(values.size()))]; }

  std::vector<float> floats(size_t n, float low = -1, float high = 1) {
    std::vector<float> v(n);
    for (float& x : v) {
      x = uniform(low, high);
    }
    return v;
  }

 private:
  std::mt19937 engine_;
};

inline float toHost(float x) { return x; }
inline float toHost(__half x) { return __half2float(x); }

template <typename T>
std::vector<T> storage(const std::vector<float>& values) {
  std::vector<T> out(values.size());
  for (size_t i = 0; i < values.size(); i++) {
    if constexpr (std::is_same_v<T, float>) {
      out[i] = values[i];
    } else {
      out[i] = __float2half_rn(values[i]);
    }
  }
  return out;
}

// Values as the storage type holds them: what a reference must start from.
template <typename T>
std::vector<float> rounded(const std::vector<float>& values) {
  std::vector<float> out;
  for (const T x : storage<T>(values)) {
    out.push_back(toHost(x));
  }
  return out;
}

// An NHWC image whose pixels are `stride` apart and whose view of `channels` begins at `offset`; the rest is NaN.
template <typename T>
struct Image {
  Image(const std::vector<float>& packed, int channels, int stride, int offset)
      : array(spread(packed, channels, stride)), channels(channels), stride(stride), offset(offset) {
    if (offset + channels > stride) {
      fail("view outside its pixel");
    }
    std::vector<T> all(packed.size() / channels * stride);
    memset(static_cast<void*>(all.data()), 0xff, all.size() * sizeof(T));
    const std::vector<T> values = storage<T>(packed);
    for (size_t p = 0; p < packed.size() / channels; p++) {
      for (int c = 0; c < channels; c++) {
        all[p * stride + offset + c] = values[p * channels + c];
      }
    }
    deviceCopy(array.data(), all.data(), all.size() * sizeof(T));
  }

  // An output image: all NaN.
  Image(size_t pixels, int channels, int stride, int offset)
      : array(pixels * stride), channels(channels), stride(stride), offset(offset) {}

  T* view() { return array.data() + offset; }

  // The view, packed; fails if channels outside it were written.
  std::vector<float> packed(const char* name) {
    const std::vector<T> all = array.download(name);
    std::vector<float> out;
    for (size_t i = 0; i < all.size(); i++) {
      const int c = static_cast<int>(i % stride);
      if (c >= offset && c < offset + channels) {
        out.push_back(toHost(all[i]));
      } else {
        unsigned bits = 0;
        memcpy(&bits, &all[i], sizeof(T));
        if (bits != (sizeof(T) == 4 ? 0xffffffffu : 0xffffu)) {
          fail(std::string(name) + ": wrote outside its channels");
        }
      }
    }
    return out;
  }

  DeviceArray<T> array;
  int channels;
  int stride;
  int offset;

 private:
  static size_t spread(const std::vector<float>& packed, int channels, int stride) {
    return packed.size() / channels * stride;
  }
};

// ---- comparison

// |actual - expected| <= absolute + relative * |expected| everywhere; NaN equals NaN.
template <typename E>
void expectNear(const char* what, const std::vector<E>& expected, const std::vector<float>& actual, double absolute,
                double relative) {
  if (expected.size() != actual.size()) {
    fail(std::string(what) + ": expected " + std::to_string(expected.size()) + " values, got " +
         std::to_string(actual.size()));
  }
  for (size_t i = 0; i < expected.size(); i++) {
    const double e = expected[i];
    const double a = actual[i];
    if (std::isnan(e) && std::isnan(a)) {
      continue;
    }
    if (!(std::fabs(a - e) <= absolute + relative * std::fabs(e))) {
      fail(std::string(what) + "[" + std::to_string(i) + "]: expected " + std::to_string(e) + ", got " +
           std::to_string(a) + ", difference " + std::to_string(a - e));
    }
  }
}

inline void expectSameBits(const char* what, const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size() || memcmp(a.data(), b.data(), a.size() * sizeof(float)) != 0) {
    fail(std::string(what) + ": bits differ");
  }
}

inline int ceilDiv(long long a, int b) { return static_cast<int>((a + b - 1) / b); }

// Storage-dependent tolerances: fp16 rounds results to 11 bits.
template <typename T>
constexpr double RELATIVE = std::is_same_v<T, float> ? 2e-5 : 1e-3;
template <typename T>
constexpr double ABSOLUTE = std::is_same_v<T, float> ? 2e-5 : 1e-3;

template <typename T>
constexpr const char* TYPE = std::is_same_v<T, float> ? "f32" : "f16";
