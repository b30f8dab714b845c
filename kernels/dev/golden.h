// Readers for the reference data named by the environment variable VOICEPRINT_GOLDEN.
#pragma once

#include "harness.h"

inline std::vector<unsigned char> readFile(const std::string& path) {
  FILE* file = fopen(path.c_str(), "rb");
  if (file == nullptr) {
    fail("cannot open " + path);
  }
  std::vector<unsigned char> bytes;
  unsigned char buffer[1 << 14];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;) {
    bytes.insert(bytes.end(), buffer, buffer + n);
  }
  fclose(file);
  return bytes;
}

// The values of an .npy file of float32.
inline std::vector<float> readNpy(const std::string& path) {
  const std::vector<unsigned char> bytes = readFile(path);
  const size_t header = 10 + bytes[8] + 256 * bytes[9];
  if (std::string(bytes.begin(), bytes.begin() + header).find("'<f4'") == std::string::npos) {
    fail(path + ": expected float32");
  }
  std::vector<float> values((bytes.size() - header) / sizeof(float));
  memcpy(values.data(), bytes.data() + header, values.size() * sizeof(float));
  return values;
}

// The samples of a mono 16-bit .wav file.
inline std::vector<short> readWav(const std::string& path) {
  const std::vector<unsigned char> bytes = readFile(path);
  for (size_t at = 12; at + 8 <= bytes.size();) {
    uint32_t size;
    memcpy(&size, &bytes[at + 4], 4);
    if (memcmp(&bytes[at], "data", 4) == 0) {
      std::vector<short> samples(size / 2);
      memcpy(samples.data(), &bytes[at + 8], samples.size() * 2);
      return samples;
    }
    at += 8 + size + size % 2;
  }
  fail(path + ": no data chunk");
}
