// Runs the blocks of a launch: each thread is a fiber, and between two meeting points the threads go in random order.
#pragma once
#include <string>

#include "../include/simcuda/entry.h"
#include "api.h"

namespace simcuda {

struct LaunchShape {
  dim3 grid, block;
  size_t shared_bytes;
};

struct KernelFailure {
  CUresult code;
  std::string message;
};

/** Runs all blocks, one after the other in random order. Throws KernelFailure; the message has block and thread. */
void run_grid(const Entry& kernel, void** arguments, const LaunchShape& shape);

/** Seeds the order of threads and blocks. */
void seed_order(uint64_t seed);
uint64_t random_order();

/** Called from a signal handler or from a kernel: ends the launch that runs on this host thread. */
[[noreturn]] void abandon_launch(CUresult code, const char* what);
bool launch_runs_here();

}  // namespace simcuda
