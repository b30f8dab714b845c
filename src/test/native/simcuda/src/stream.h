// Streams and events. Work is only written down when it is enqueued. It runs when the host waits for it, or for work that
// depends on it, so whatever reads a result without waiting finds poison.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api.h"

namespace simcuda __attribute__((visibility("default"))) {  // the libraries on top of libcuda use this

/** One piece of device work with all its parameters. A graph holds the same. */
struct Work {
  std::string label;
  CUgraphNodeType type;
  std::function<void()> run;  // throws Error
};

/** Enqueues on a stream of the current context (null: the null stream), or records into the graph being captured. */
void enqueue(CUstream stream, Work work);

/** Throws unless the handle is a live stream of the current context; gives the stream that null stands for. */
Stream& require_stream(CUstream stream);
bool capturing(Stream& stream);

/** Runs a stream's work, or all of a context's, to the end. */
void complete(Stream& stream);
void complete_all(Context& context);
/** A stream-less call that waits: what the null stream must wait for, and its own work. */
void complete_null_stream();

Stream* new_null_stream(Context& context);
void destroy_streams_of(Context& context);

}  // namespace simcuda
