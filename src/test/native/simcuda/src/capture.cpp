#include "capture.h"

#include <algorithm>
#include <list>

#include "call.h"
#include "context.h"
#include "control.h"
#include "stream_state.h"

namespace simcuda {

namespace {

std::list<std::shared_ptr<Capture>> captures;
thread_local CUstreamCaptureMode capture_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

/** Whether every node lies before one of the tails: work that a forked stream has not given back cannot be waited for. */
bool all_joined(const Graph& graph, const std::vector<size_t>& tails) {
  std::vector<bool> seen(graph.nodes.size());
  std::vector<size_t> open = tails;
  while (!open.empty()) {
    const size_t n = open.back();
    open.pop_back();
    if (seen[n]) continue;
    seen[n] = true;
    open.insert(open.end(), graph.nodes[n]->after.begin(), graph.nodes[n]->after.end());
  }
  return std::find(seen.begin(), seen.end(), false) == seen.end();
}

void end(const std::shared_ptr<Capture>& capture) {
  leave_capture(capture);
  captures.remove(capture);
}

}  // namespace

void record(Capture& capture, std::vector<size_t>& tails, Work work) {
  auto& nodes = capture.graph->nodes;
  nodes.push_back(std::make_unique<GraphNode>(GraphNode{std::move(work), tails}));
  tails = {nodes.size() - 1};
}

void illegal_in_capture(Capture& capture, const char* what) {
  capture.invalid = true;
  fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "%s while the stream is being captured", what);
}

void require_valid(const Capture& capture) {
  SIMCUDA_REQUIRE(!capture.invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call has spoilt this capture");
}

void forbid_during_capture(const char* call) {
  if (capture_mode == CU_STREAM_CAPTURE_MODE_RELAXED) return;
  for (const auto& c : captures) {
    const bool mine = c->thread == std::this_thread::get_id() && c->mode != CU_STREAM_CAPTURE_MODE_RELAXED;
    const bool others = capture_mode == CU_STREAM_CAPTURE_MODE_GLOBAL && c->mode == CU_STREAM_CAPTURE_MODE_GLOBAL;
    if (mine || others) illegal_in_capture(*c, call);
  }
}

void forbid_while_capturing(const Context& context, const char* call) {
  for (const auto& c : captures) {
    if (c->origin->context == &context) illegal_in_capture(*c, call);
  }
}

void drop_captures_of(Context& context) {
  for (const auto& c : std::list(captures)) {
    if (c->origin->context == &context) {
      delete c->graph;
      end(c);
    }
  }
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuStreamBeginCapture_v2, CONTEXT, (CUstream stream, CUstreamCaptureMode mode), (stream, mode)) {
  SIMCUDA_REQUIRE(mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && mode <= CU_STREAM_CAPTURE_MODE_RELAXED, CUDA_ERROR_INVALID_VALUE, "mode=%d", static_cast<int>(mode));
  Stream& s = require_stream(stream);
  SIMCUDA_REQUIRE(!s.is_null(), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the null stream cannot be captured");
  SIMCUDA_REQUIRE(s.capture == nullptr, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the stream is being captured already");
  s.capture = std::make_shared<Capture>(Capture{&s, mode, std::this_thread::get_id(), false, new Graph});
  s.tails.clear();
  captures.push_back(s.capture);
}

static void end_capture(CUstream stream, CUgraph* graph) {
  Stream& s = require_stream(stream);
  *graph = nullptr;
  SIMCUDA_REQUIRE(s.capture != nullptr, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the stream is not being captured");
  const std::shared_ptr<Capture> capture = s.capture;
  SIMCUDA_REQUIRE(capture->origin == &s, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began in another stream");
  SIMCUDA_REQUIRE(capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED || capture->thread == std::this_thread::get_id(),
                  CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "the capture began on another thread");
  const bool joined = all_joined(*capture->graph, s.tails);
  end(capture);
  if (capture->invalid || !joined) {
    delete capture->graph;
    require_valid(*capture);
    fail(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "a forked stream has work that the first one does not wait for");
  }
  *graph = capture->graph;
  born("graph");
}

/** What was recorded is lost and the stream is out of capture mode: how a capture ends that failed. */
static void drop_capture(CUstream stream) {
  const std::lock_guard<std::recursive_mutex> lock(device_lock());
  for (const auto& capture : std::list(captures)) {
    if (capture->origin == stream) {
      delete capture->graph;
      end(capture);
    }
  }
}

SIMCUDA_EXPORT CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  bool entered = false;
  const CUresult result = call("cuStreamEndCapture", Needs::CONTEXT, [&] {
    entered = true;
    end_capture(stream, graph);
  });
  if (!entered) drop_capture(stream);
  return result;
}

SIMCUDA_CALL(cuStreamIsCapturing, CONTEXT, (CUstream stream, CUstreamCaptureStatus* status), (stream, status)) {
  const Stream& s = require_stream(stream);
  *status = s.capture == nullptr ? CU_STREAM_CAPTURE_STATUS_NONE
                                 : s.capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
}

SIMCUDA_CALL(cuThreadExchangeStreamCaptureMode, DRIVER, (CUstreamCaptureMode * mode), (mode)) { std::swap(*mode, capture_mode); }
