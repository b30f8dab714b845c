#include "graph.h"

#include <algorithm>
#include <unordered_set>

#include "call.h"
#include "control.h"
#include "fiber.h"
#include "limits.h"
#include "memory.h"

namespace simcuda {

/** A graph made ready to launch: its own copy of the nodes, which launches under way share. */
struct GraphExec {
  std::shared_ptr<const std::vector<GraphNode>> nodes;
};

namespace {

std::unordered_set<GraphExec*> executables;

/** Runs the nodes in a random order that respects the dependencies. */
void replay(const std::vector<GraphNode>& nodes) {
  std::vector<size_t> missing(nodes.size());
  std::vector<size_t> ready;
  for (size_t i = 0; i < nodes.size(); i++) {
    missing[i] = nodes[i].after.size();
    if (missing[i] == 0) ready.push_back(i);
  }
  std::vector<std::vector<size_t>> next(nodes.size());
  for (size_t i = 0; i < nodes.size(); i++) {
    for (size_t before : nodes[i].after) next[before].push_back(i);
  }
  while (!ready.empty()) {
    std::swap(ready[random_order() % ready.size()], ready.back());
    const size_t i = ready.back();
    ready.pop_back();
    nodes[i].work.run();
    for (size_t n : next[i]) {
      if (--missing[n] == 0) ready.push_back(n);
    }
  }
}

GraphExec& require_executable(CUgraphExec exec) {
  SIMCUDA_REQUIRE(executables.count(exec) != 0, CUDA_ERROR_INVALID_VALUE, "executable graph %p does not exist", static_cast<void*>(exec));
  return *exec;
}

void instantiate(CUgraphExec* exec, CUgraph graph) {
  SIMCUDA_REQUIRE(graph != nullptr, CUDA_ERROR_INVALID_VALUE, "graph is null");
  auto nodes = std::make_shared<std::vector<GraphNode>>();
  for (const auto& n : graph->nodes) nodes->push_back(*n);
  take_device_bytes(nodes->size() * GRAPH_NODE_BYTES);
  *exec = new GraphExec{nodes};
  executables.insert(*exec);
  born("executable graph");
}

}  // namespace

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuGraphInstantiateWithFlags, CONTEXT, (CUgraphExec * exec, CUgraph graph, unsigned long long flags), (exec, graph, flags)) {
  SIMCUDA_REQUIRE(flags == 0, CUDA_ERROR_NOT_SUPPORTED, "flags=%llx", flags);
  instantiate(exec, graph);
}

SIMCUDA_CALL(cuGraphExecDestroy, DRIVER, (CUgraphExec exec), (exec)) {
  executables.erase(&require_executable(exec));
  give_back_device_bytes(exec->nodes->size() * GRAPH_NODE_BYTES);
  gone("executable graph");
  delete exec;
}

SIMCUDA_CALL(cuGraphDestroy, DRIVER, (CUgraph graph), (graph)) {
  SIMCUDA_REQUIRE(graph != nullptr, CUDA_ERROR_INVALID_VALUE, "graph is null");
  gone("graph");
  delete graph;
}

SIMCUDA_CALL(cuGraphUpload, CONTEXT, (CUgraphExec exec, CUstream stream), (exec, stream)) {
  require_executable(exec);
  require_stream(stream);
}

SIMCUDA_CALL(cuGraphLaunch, CONTEXT, (CUgraphExec exec, CUstream stream), (exec, stream)) {
  const auto nodes = require_executable(exec).nodes;
  enqueue(stream, {"graph", CU_GRAPH_NODE_TYPE_KERNEL, [=] { replay(*nodes); }});
}

SIMCUDA_CALL(cuGraphGetNodes, DRIVER, (CUgraph graph, CUgraphNode* nodes, size_t* count), (graph, nodes, count)) {
  const size_t all = graph->nodes.size();
  if (nodes != nullptr) {
    for (size_t i = 0; i < std::min(*count, all); i++) nodes[i] = graph->nodes[i].get();
  }
  *count = nodes == nullptr ? all : std::min(*count, all);
}

SIMCUDA_CALL(cuGraphNodeGetType, DRIVER, (CUgraphNode node, CUgraphNodeType* type), (node, type)) { *type = node->work.type; }
