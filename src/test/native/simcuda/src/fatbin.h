// Which image of a fat binary a driver takes.
#pragma once

namespace simcuda {

/** Architectures as cuFuncGetAttribute tells them, major * 10 + minor. */
struct Image {
  int binary;  // of the machine code
  int ptx;     // of what that was compiled from
};

/**
 * The newest machine code of the card's major version that is not newer than the card, or PTX that is not, which is then
 * translated for the card. Fails with CUDA_ERROR_NO_BINARY_FOR_GPU if there is neither.
 */
Image chosen_image(const void* fat_binary, int compute_capability);

}  // namespace simcuda
