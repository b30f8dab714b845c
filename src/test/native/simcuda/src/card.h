// The card that the device looks like.
#pragma once
#include <cstddef>

namespace simcuda {

struct Card {
  int compute_capability;  // major * 10 + minor
  int multiprocessors;
  int threads_per_multiprocessor;
  int blocks_per_multiprocessor;
  size_t shared_bytes_per_block;  // that a kernel may ask for
  size_t shared_bytes_per_multiprocessor;
};

/** That of SIMCUDA_CARD or of set_card since the last reset_card; without either, compute capability 8.6. */
const Card& card();

/** 7.5 is a T4 and 9.0 an H200; other cards have the few multiprocessors and little shared memory of 8.6. */
void set_card(int compute_capability);
void reset_card();

}  // namespace simcuda
