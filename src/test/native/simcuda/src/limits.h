// The device that is simulated, whatever card it looks like (card.h).
#pragma once
#include <cstddef>

namespace simcuda {

constexpr int DRIVER_VERSION = 12060;
constexpr unsigned MAX_THREADS_PER_BLOCK = 1024;
constexpr size_t DEFAULT_SHARED_BYTES = 48 << 10;
constexpr size_t MAX_SHARED_BYTES = 227 << 10;  // that a block may have on any card
constexpr size_t MAPPING_GRANULARITY = 2 << 20;
constexpr size_t MAX_PARAMETER_BYTES = 4096;
constexpr size_t GRAPH_NODE_BYTES = 10 << 10;  // that an executable graph takes for each of its nodes

}  // namespace simcuda
