// Stream capture: what streams are given to do becomes a graph instead, and what CUDA forbids meanwhile.
#pragma once
#include <memory>
#include <thread>
#include <vector>

#include "graph.h"

namespace simcuda __attribute__((visibility("default"))) {  // the libraries on top of libcuda use this

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

/** Spoils the capture and throws. */
[[noreturn]] void illegal_in_capture(Capture& capture, const char* what);
/** Throws if an earlier call has spoilt it. */
void require_valid(const Capture& capture);

/** Throws if a capture on this or another thread forbids calls like cuMemAlloc now. */
void forbid_during_capture(const char* call);
/** Throws if any stream of the context is being captured, on whatever thread and in whatever mode. */
void forbid_while_capturing(const Context& context, const char* call);

/** Ends the captures that began in the context; what they recorded is lost. */
void drop_captures_of(Context& context);

}  // namespace simcuda
