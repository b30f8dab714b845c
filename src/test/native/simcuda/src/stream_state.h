// What streams and events hold, for those who keep them (stream.cpp) and those who record them (capture.cpp).
#pragma once
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "capture.h"
#include "context.h"
#include "stream.h"

namespace simcuda {

/** One entry of a stream's queue. Without `work.run` it only marks a place (an event) or waits for one. */
struct Item {
  Work work;
  Stream* stream;
  std::vector<std::shared_ptr<Item>> after;
  bool done = false;
  std::chrono::steady_clock::time_point time{};
};

struct Stream {
  Context* context;
  unsigned flags;
  int priority;
  std::deque<std::shared_ptr<Item>> queue;
  std::shared_ptr<Item> last;
  std::shared_ptr<Capture> capture;
  std::vector<size_t> tails;  // of the capture

  bool is_null() const { return context->null_stream == this; }
  /** Blocking streams and the null stream wait for one another. */
  bool blocking() const { return (flags & CU_STREAM_NON_BLOCKING) == 0; }
};

struct Event {
  Context* context;
  unsigned flags;
  std::shared_ptr<Item> item;
  std::shared_ptr<Capture> capture;
  std::vector<size_t> tails;
};

/** Takes every stream and event out of the capture. */
void leave_capture(const std::shared_ptr<Capture>& capture);

}  // namespace simcuda
