// The tests by subject, and how a test says that something must fail.
#pragma once
#include <map>

#include "driver.h"

using Tests = std::map<std::string, void (*)()>;
extern const Tests KERNEL_TESTS, MEMORY_TESTS, STREAM_TESTS, CALL_TESTS;

/** Runs the body, in which work fails with that code, in a child process. */
void fails_with(CUresult code, const std::function<void()>& body);
