// The device that is simulated: small, and no more generous than a card of compute capability 8.6.
#pragma once
#include <cstddef>

namespace simcuda {

constexpr int COMPUTE_MAJOR = 8, COMPUTE_MINOR = 6;
constexpr int DRIVER_VERSION = 12060;
constexpr int MULTIPROCESSORS = 4;
constexpr unsigned MAX_THREADS_PER_BLOCK = 1024;
constexpr int MAX_THREADS_PER_MULTIPROCESSOR = 1536;
constexpr size_t DEFAULT_SHARED_BYTES = 48 << 10;
constexpr size_t MAX_SHARED_BYTES = 99 << 10;
constexpr size_t MULTIPROCESSOR_SHARED_BYTES = 100 << 10;
constexpr size_t MAPPING_GRANULARITY = 2 << 20;
constexpr size_t MAX_PARAMETER_BYTES = 4096;
constexpr size_t GRAPH_NODE_BYTES = 10 << 10;  // that an executable graph takes for each of its nodes

}  // namespace simcuda
