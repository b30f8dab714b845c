#include "stream.h"

#include <algorithm>
#include <unordered_set>

#include "call.h"
#include "capture.h"
#include "context.h"
#include "control.h"
#include "fiber.h"
#include "stream_state.h"

namespace simcuda {

namespace {

std::unordered_set<Stream*> streams;
std::unordered_set<Event*> events;

void run(Item& item) {
  Context& context = *item.stream->context;
  if (item.work.run && context.broken == CUDA_SUCCESS) {
    try {
      item.work.run();
    } catch (const Error& error) {
      context.broken = error.code;
    } catch (const KernelFailure& failure) {
      report("%s", failure.message.c_str());
      context.broken = failure.code;
    }
  }
  item.time = std::chrono::steady_clock::now();
  item.done = true;
  item.work.run = nullptr;
  item.after.clear();
}

void run_until(std::shared_ptr<Item> item) {  // held: the queue lets go of it
  while (!item->done) {
    Stream& stream = *item->stream;
    const std::shared_ptr<Item> front = stream.queue.front();
    const std::vector<std::shared_ptr<Item>> after = front->after;
    for (const std::shared_ptr<Item>& before : after) run_until(before);
    run(*front);
    stream.queue.pop_front();
  }
}

void throw_if_broken(const Context& context) {
  if (context.broken != CUDA_SUCCESS) throw Error{context.broken};
}

std::shared_ptr<Item> append(Stream& stream, Work work, std::vector<std::shared_ptr<Item>> after) {
  const auto item = std::make_shared<Item>(Item{std::move(work), &stream, std::move(after)});
  Context& context = *stream.context;
  if (stream.is_null()) {
    for (Stream* other : streams) {
      if (other == &stream || other->context != &context || !other->blocking()) continue;
      if (other->capture != nullptr) {
        other->capture->invalid = true;
        fail(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the null stream waits for all blocking streams, and one of them is being captured");
      }
      if (other->last != nullptr && !other->last->done) item->after.push_back(other->last);
    }
  } else if (stream.blocking()) {
    const std::shared_ptr<Item>& last = context.null_stream->last;
    if (last != nullptr && !last->done) item->after.push_back(last);
  }
  stream.queue.push_back(item);
  stream.last = item;
  return item;
}

Event& require_event(CUevent event) {
  SIMCUDA_REQUIRE(event != nullptr && events.count(event) != 0, CUDA_ERROR_INVALID_HANDLE, "event %p does not exist", static_cast<void*>(event));
  SIMCUDA_REQUIRE(event->context == &current_context(), CUDA_ERROR_INVALID_HANDLE, "the event belongs to another context");
  return *event;
}

Event& require_event_outside_capture(CUevent event) {
  Event& e = require_event(event);
  SIMCUDA_REQUIRE(e.capture == nullptr, CUDA_ERROR_CAPTURED_EVENT, "the event marks a place in a capture");
  return e;
}

CUstream create_stream(unsigned flags, int priority) {
  SIMCUDA_REQUIRE(flags <= CU_STREAM_NON_BLOCKING, CUDA_ERROR_INVALID_VALUE, "flags=%u", flags);
  CUstream stream = new Stream{&current_context(), flags, priority, {}, nullptr, nullptr, {}};
  streams.insert(stream);
  born("stream");
  return stream;
}

void merge(std::vector<size_t>& into, const std::vector<size_t>& tails) {
  for (size_t t : tails) {
    if (std::find(into.begin(), into.end(), t) == into.end()) into.push_back(t);
  }
}

}  // namespace

Stream& require_stream(CUstream stream) {
  Context& context = current_context();
  if (stream == nullptr || stream == reinterpret_cast<CUstream>(1)) return *context.null_stream;
  SIMCUDA_REQUIRE(streams.count(stream) != 0, CUDA_ERROR_INVALID_HANDLE, "stream %p does not exist", static_cast<void*>(stream));
  SIMCUDA_REQUIRE(stream->context == &context, CUDA_ERROR_INVALID_HANDLE, "the stream belongs to another context");
  return *stream;
}

void leave_capture(const std::shared_ptr<Capture>& capture) {
  for (Stream* s : streams) {
    if (s->capture == capture) s->capture = nullptr, s->tails.clear();
  }
  for (Event* e : events) {
    if (e->capture == capture) e->capture = nullptr, e->tails.clear();
  }
}

bool capturing(Stream& stream) { return stream.capture != nullptr; }

void enqueue(CUstream stream, Work work) {
  Stream& s = require_stream(stream);
  if (s.capture == nullptr) {
    append(s, std::move(work), {});
    return;
  }
  require_valid(*s.capture);
  record(*s.capture, s.tails, std::move(work));
}

void complete(Stream& stream) {
  if (stream.capture != nullptr) illegal_in_capture(*stream.capture, "waiting");
  if (stream.last != nullptr) run_until(stream.last);
  throw_if_broken(*stream.context);
}

void complete_all(Context& context) {
  // A copy: the order in which streams come is random enough.
  const std::vector<Stream*> all(streams.begin(), streams.end());
  for (Stream* s : all) {
    if (s->context == &context && s->last != nullptr) run_until(s->last);
  }
  throw_if_broken(context);
}

void complete_null_stream() { complete(*current_context().null_stream); }

Stream* new_null_stream(Context& context) {
  Stream* stream = new Stream{&context, 0, 0, {}, nullptr, nullptr, {}};
  streams.insert(stream);
  return stream;
}

void destroy_streams_of(Context& context) {
  drop_captures_of(context);
  for (Stream* s : std::vector<Stream*>(streams.begin(), streams.end())) {
    if (s->context == &context && s->last != nullptr) run_until(s->last);
  }
  for (auto s = streams.begin(); s != streams.end();) {
    if ((*s)->context != &context) {
      ++s;
      continue;
    }
    if (!(*s)->is_null()) gone("stream");
    delete *s;
    s = streams.erase(s);
  }
  for (auto e = events.begin(); e != events.end();) {
    if ((*e)->context != &context) {
      ++e;
      continue;
    }
    gone("event");
    delete *e;
    e = events.erase(e);
  }
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuStreamCreate, CONTEXT, (CUstream * stream, unsigned flags), (stream, flags)) { *stream = create_stream(flags, 0); }

SIMCUDA_CALL(cuStreamCreateWithPriority, CONTEXT, (CUstream * stream, unsigned flags, int priority), (stream, flags, priority)) {
  *stream = create_stream(flags, std::clamp(priority, -5, 0));
}

SIMCUDA_CALL(cuStreamDestroy_v2, CONTEXT, (CUstream stream), (stream)) {
  Stream& s = require_stream(stream);
  SIMCUDA_REQUIRE(!s.is_null(), CUDA_ERROR_INVALID_HANDLE, "the null stream cannot be destroyed");
  if (s.capture != nullptr) illegal_in_capture(*s.capture, "cuStreamDestroy");
  if (s.last != nullptr) run_until(s.last);
  streams.erase(&s);
  gone("stream");
  delete &s;
  throw_if_broken(current_context());
}

SIMCUDA_CALL(cuStreamSynchronize, CONTEXT, (CUstream stream), (stream)) { complete(require_stream(stream)); }

SIMCUDA_CALL(cuStreamQuery, CONTEXT, (CUstream stream), (stream)) {
  Stream& s = require_stream(stream);
  if (s.capture != nullptr) illegal_in_capture(*s.capture, "cuStreamQuery");
  if (s.queue.empty()) return;
  run_until(s.queue.front());  // so that polling comes to an end
  throw_if_broken(*s.context);
  if (!s.queue.empty()) throw Error{CUDA_ERROR_NOT_READY};
}

SIMCUDA_CALL(cuStreamGetFlags, CONTEXT, (CUstream stream, unsigned* flags), (stream, flags)) { *flags = require_stream(stream).flags; }
SIMCUDA_CALL(cuStreamGetPriority, CONTEXT, (CUstream stream, int* priority), (stream, priority)) { *priority = require_stream(stream).priority; }
SIMCUDA_CALL(cuStreamGetCtx, CONTEXT, (CUstream stream, CUcontext* context), (stream, context)) { *context = require_stream(stream).context; }

SIMCUDA_CALL(cuStreamWaitEvent, CONTEXT, (CUstream stream, CUevent event, unsigned flags), (stream, event, flags)) {
  SIMCUDA_REQUIRE(flags <= 1, CUDA_ERROR_INVALID_VALUE, "flags=%u", flags);
  Stream& s = require_stream(stream);
  const Event& e = require_event(event);
  if (e.capture != nullptr) {
    SIMCUDA_REQUIRE(s.capture == nullptr || s.capture == e.capture, CUDA_ERROR_STREAM_CAPTURE_MERGE, "the event belongs to another capture");
    require_valid(*e.capture);
    s.capture = e.capture;
    merge(s.tails, e.tails);
    return;
  }
  if (s.capture != nullptr) illegal_in_capture(*s.capture, "waiting for an event from outside");
  if (e.item != nullptr && !e.item->done) append(s, {"wait", CU_GRAPH_NODE_TYPE_KERNEL, nullptr}, {e.item});
}

SIMCUDA_CALL(cuEventCreate, CONTEXT, (CUevent * event, unsigned flags), (event, flags)) {
  SIMCUDA_REQUIRE(flags <= 3, CUDA_ERROR_INVALID_VALUE, "flags=%u", flags);  // blocking waits, no timing
  *event = new Event{&current_context(), flags, nullptr, nullptr, {}};
  events.insert(*event);
  born("event");
}

SIMCUDA_CALL(cuEventDestroy_v2, CONTEXT, (CUevent event), (event)) {
  Event& e = require_event(event);
  events.erase(&e);
  gone("event");
  delete &e;
}

SIMCUDA_CALL(cuEventRecord, CONTEXT, (CUevent event, CUstream stream), (event, stream)) {
  Event& e = require_event(event);
  Stream& s = require_stream(stream);
  e.capture = s.capture;
  e.tails = s.tails;
  e.item = nullptr;
  if (s.capture == nullptr) e.item = append(s, {"event", CU_GRAPH_NODE_TYPE_KERNEL, nullptr}, {});
}

SIMCUDA_CALL(cuEventSynchronize, CONTEXT, (CUevent event), (event)) {
  const Event& e = require_event_outside_capture(event);
  if (e.item != nullptr) run_until(e.item);
  throw_if_broken(*e.context);
}

SIMCUDA_CALL(cuEventQuery, CONTEXT, (CUevent event), (event)) {
  const Event& e = require_event_outside_capture(event);
  if (e.item == nullptr || e.item->done) return;
  run_until(e.item->stream->queue.front());
  throw_if_broken(*e.context);
  if (!e.item->done) throw Error{CUDA_ERROR_NOT_READY};
}

SIMCUDA_CALL(cuEventElapsedTime, CONTEXT, (float* milliseconds, CUevent start, CUevent end), (milliseconds, start, end)) {
  const Event &a = require_event_outside_capture(start), &b = require_event_outside_capture(end);
  SIMCUDA_REQUIRE(((a.flags | b.flags) & CU_EVENT_DISABLE_TIMING) == 0, CUDA_ERROR_INVALID_HANDLE, "an event without timing");
  SIMCUDA_REQUIRE(a.item != nullptr && b.item != nullptr, CUDA_ERROR_INVALID_HANDLE, "an event that was never recorded");
  if (!a.item->done || !b.item->done) throw Error{CUDA_ERROR_NOT_READY};
  *milliseconds = std::chrono::duration<float, std::milli>(b.item->time - a.item->time).count();
}
