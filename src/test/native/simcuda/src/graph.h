// Graphs: work with dependencies, recorded by stream capture.
#pragma once
#include <memory>
#include <thread>
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

/** A capture under way. Streams that joined it hold a pointer to it. */
struct Capture {
  Stream* origin;
  CUstreamCaptureMode mode;
  std::thread::id thread;
  bool invalid = false;
  Graph* graph;
};

/** Appends work that depends on `tails`, and makes it the only tail. */
void record(Capture& capture, std::vector<size_t>& tails, Work work);

}  // namespace simcuda
