#include "fatbin.h"

#include <cstdint>
#include <cstring>

#include "call.h"

namespace simcuda {

namespace {

// As nvcc 13.0 writes it; NVIDIA describes it nowhere. Sizes are those of what follows a header.
struct FatBinary {
  uint32_t magic;
  uint16_t version, header_bytes;
  uint64_t bytes;
};
struct Entry {
  uint16_t kind, version;
  uint32_t header_bytes;
  uint64_t bytes;
  uint32_t other[3];
  uint32_t architecture;
};
enum Kind { PTX = 1, MACHINE_CODE = 2 };

}  // namespace

Image chosen_image(const void* fat_binary, int compute_capability) {
  FatBinary whole;
  memcpy(&whole, fat_binary, sizeof whole);
  const char* at = static_cast<const char*>(fat_binary) + whole.header_bytes;
  const char* const end = at + whole.bytes;
  int code = 0, ptx = 0;
  while (at < end) {
    Entry entry;
    memcpy(&entry, at, sizeof entry);
    const int architecture = static_cast<int>(entry.architecture);
    const bool runs = architecture <= compute_capability;
    if (entry.kind == MACHINE_CODE && runs && architecture / 10 == compute_capability / 10 && architecture > code) code = architecture;
    if (entry.kind == PTX && runs && architecture > ptx) ptx = architecture;
    at += entry.header_bytes + entry.bytes;
  }
  SIMCUDA_REQUIRE(code != 0 || ptx != 0, CUDA_ERROR_NO_BINARY_FOR_GPU, "nothing in the fat binary is for compute capability %d.%d", compute_capability / 10,
                  compute_capability % 10);
  return code != 0 ? Image{code, code} : Image{compute_capability, ptx};
}

}  // namespace simcuda
