// What the fused kernels with a convolution are compared with: conv_mma_64x32_*, whose file is included before this one.
#pragma once

// Bytes of shared memory: three stages of two slices of 64 pixels and 32 channels.
constexpr size_t CONV_64X32_SHARED = 3 * 2 * SLICE_BYTES * (32 + CHANNEL_PAD) + 3 * 64 * (2 * SLICE_BYTES + PIXEL_PAD);
