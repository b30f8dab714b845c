#include "control.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>

#include "call.h"
#include "card.h"
#include "context.h"
#include "fiber.h"
#include "memory.h"

namespace simcuda {

namespace {

struct Fault {
  std::string call;  // a name, or a prefix that ends in *
  long countdown;
  int code;  // 0: what such a call would say
};

std::list<Fault> faults;
std::map<std::string, long, std::less<>> calls, live;
std::map<int, long> launches;  // by device
std::string last_message;

// A lock of their own: a thread that is held back must not keep others from the device.
std::mutex hold_lock;
std::condition_variable hold_changed;
std::string held_back;  // a name, or a prefix that ends in *
std::atomic<bool> holding;
long waiting;

bool matches(const std::string& pattern, const char* call) {
  if (!pattern.empty() && pattern.back() == '*') return strncmp(pattern.c_str(), call, pattern.size() - 1) == 0;
  return pattern == call;
}

/** SIMCUDA_SEED, and SIMCUDA_FAIL=call:nth[:code],... */
void read_environment() {
  if (const char* seed = getenv("SIMCUDA_SEED")) seed_order(strtoull(seed, nullptr, 10));
  const char* p = getenv("SIMCUDA_FAIL");
  while (p != nullptr && *p != 0) {
    char call[100];
    long nth = 1;
    int code = 0;
    if (sscanf(p, "%99[^:,]:%ld:%d", call, &nth, &code) >= 1) faults.push_back({call, nth, code});
    p = strchr(p, ',');
    if (p != nullptr) p++;
  }
}

const bool trace = getenv("SIMCUDA_TRACE") != nullptr;
const bool environment_read = (read_environment(), true);

}  // namespace

int injected_fault(const char* call, int default_code) {
  calls[call]++;
  if (trace) fprintf(stderr, "simcuda: %s\n", call);
  for (auto f = faults.begin(); f != faults.end(); ++f) {
    if (!matches(f->call, call) || --f->countdown > 0) continue;
    const int code = f->code != 0 ? f->code : default_code;
    faults.erase(f);
    report("%s: injected fault, status %d", call, code);
    return code;
  }
  return 0;
}

void wait_while_held(const char* call) {
  if (!holding) return;
  std::unique_lock lock(hold_lock);
  const auto free = [=] { return !holding || !matches(held_back, call); };
  if (free()) return;
  waiting++;
  hold_changed.notify_all();
  hold_changed.wait(lock, free);
  waiting--;
}

void born(const char* kind) { live[kind]++; }
void gone(const char* kind) { live[kind]--; }
void count_launch(int device) { launches[device]++; }
void set_last_message(const std::string& message) { last_message = message; }

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_EXPORT void simcuda_fail(const char* call, long nth, int code) {
  std::lock_guard lock(device_lock());
  faults.push_back({call, nth, code});
}

SIMCUDA_EXPORT void simcuda_lose_device() {
  std::lock_guard lock(device_lock());
  lose_contexts(CUDA_ERROR_LAUNCH_FAILED);
}

SIMCUDA_EXPORT void simcuda_card(int compute_capability) {
  std::lock_guard lock(device_lock());
  set_card(compute_capability);
}

SIMCUDA_EXPORT void simcuda_hold(const char* call) {
  std::lock_guard lock(hold_lock);
  held_back = call;
  holding = true;
}

SIMCUDA_EXPORT void simcuda_await_held() {
  std::unique_lock lock(hold_lock);
  hold_changed.wait(lock, [] { return waiting > 0; });
}

SIMCUDA_EXPORT void simcuda_release() {
  std::lock_guard lock(hold_lock);
  holding = false;
  hold_changed.notify_all();
}

SIMCUDA_EXPORT void simcuda_reset() {
  simcuda_release();
  std::lock_guard lock(device_lock());
  reset_card();
  faults.clear();
  calls.clear();
  launches.clear();
  last_message.clear();
  show_devices(DEVICES_OF_ENVIRONMENT);
}

SIMCUDA_EXPORT void simcuda_seed(uint64_t seed) {
  std::lock_guard lock(device_lock());
  seed_order(seed);
}

SIMCUDA_EXPORT long simcuda_calls(const char* call) {
  std::lock_guard lock(device_lock());
  long total = 0;
  for (const auto& [name, count] : calls) total += matches(call, name.c_str()) ? count : 0;
  return total;
}

SIMCUDA_EXPORT long simcuda_live(const char* kind) {
  std::lock_guard lock(device_lock());
  const auto found = live.find(kind);
  return found == live.end() ? 0 : found->second;
}

SIMCUDA_EXPORT long simcuda_live_bytes() {
  std::lock_guard lock(device_lock());
  return static_cast<long>(device_bytes_used());
}

SIMCUDA_EXPORT long simcuda_launches() {
  std::lock_guard lock(device_lock());
  long total = 0;
  for (const auto& [device, count] : launches) total += count;
  return total;
}

SIMCUDA_EXPORT long simcuda_launches_on(int device) {
  std::lock_guard lock(device_lock());
  return launches[device];
}

SIMCUDA_EXPORT const char* simcuda_last_message() {
  std::lock_guard lock(device_lock());
  static thread_local std::string copy;
  copy = last_message;
  return copy.c_str();
}

SIMCUDA_EXPORT void simcuda_lose_one_device(int device) {
  std::lock_guard lock(device_lock());
  lose_contexts_of(device, CUDA_ERROR_LAUNCH_FAILED);
}

SIMCUDA_EXPORT void simcuda_show_devices(int count) {
  std::lock_guard lock(device_lock());
  show_devices(count);
}
