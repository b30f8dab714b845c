// Graphs: work with dependencies.
#pragma once
#include <memory>
#include <vector>

#include "stream.h"

namespace simcuda {

struct GraphNode {
  Work work;
  std::vector<size_t> after;  // indices of nodes that must run before
};

struct Graph {
  std::vector<std::unique_ptr<GraphNode>> nodes;
};

}  // namespace simcuda
