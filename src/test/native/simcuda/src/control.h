// Faults that tests inject, and counters that tests read. The exported functions are described in README.md.
#pragma once
#include <cstdint>
#include <string>

#include "api.h"

namespace simcuda __attribute__((visibility("default"))) {  // the libraries on top of libcuda use this

/** Counts the call; returns the code it shall fail with, or 0. */
int injected_fault(const char* call, int default_code);

/** Waits if tests hold this call back. Not to be called with the device lock. */
void wait_while_held(const char* call);

/** Things that must be given back: "allocation", "stream", "module", ... */
void born(const char* kind);
void gone(const char* kind);

void count_launch(int device);
void set_last_message(const std::string& message);

}  // namespace simcuda
