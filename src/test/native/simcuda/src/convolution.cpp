#include "convolution.h"

#include <algorithm>

namespace simcuda {

namespace {

/** The filters of a group as columns; rows are the taps in the order (r, s, c). */
PackedColumns pack_filters(const Convolution& c, const void* w, size_t group) {
  const size_t channels = c.w.extent[1], height = c.w.extent[2], width = c.w.extent[3], outputs = c.w.extent[0] / c.groups;
  PackedColumns columns(height * width * channels, outputs);
  for (size_t o = 0; o < outputs; o++) {
    for (size_t r = 0; r < height; r++) {
      for (size_t s = 0; s < width; s++) {
        for (size_t i = 0; i < channels; i++) {
          const float v = load(c.w.type, w, c.w.index(group * outputs + o, i, r, s));
          const size_t row = c.flipped ? ((height - 1 - r) * width + width - 1 - s) : r * width + s;
          columns.at(row * channels + i, o) = c.tf32 ? to_tf32(v) : v;
        }
      }
    }
  }
  return columns;
}

/** What an output pixel sees, written to rows[k][slot]; outside the image are zeros. */
void gather(const Convolution& c, const void* x, size_t group, size_t n, size_t h, size_t t, size_t slot, float* rows) {
  const size_t channels = c.w.extent[1];
  size_t k = 0;
  for (size_t r = 0; r < c.w.extent[2]; r++) {
    const long row = static_cast<long>(h * c.stride[0] + r * c.dilation[0]) - c.pad[0];
    for (size_t s = 0; s < c.w.extent[3]; s++) {
      const long column = static_cast<long>(t * c.stride[1] + s * c.dilation[1]) - c.pad[1];
      const bool inside = row >= 0 && row < static_cast<long>(c.x.extent[2]) && column >= 0 && column < static_cast<long>(c.x.extent[3]);
      const size_t base = inside ? c.x.index(n, group * channels, static_cast<size_t>(row), static_cast<size_t>(column)) : 0;
      for (size_t i = 0; i < channels; i++, k++) {
        const float v = inside ? load(c.x.type, x, base + i * c.x.stride[1]) : 0.0f;
        rows[k * TILE_ROWS + slot] = c.tf32 ? to_tf32(v) : v;
      }
    }
  }
}

void finish(const Convolution& c, const Epilogue& e, size_t channel, size_t at, float sum, void* y) {
  float v = e.alpha * sum;
  if (e.beta != 0) v += e.beta * load(c.y.type, y, at);
  if (e.z != nullptr && e.alpha2 != 0) v += e.alpha2 * load(c.y.type, e.z, at);
  if (e.bias != nullptr) v += load(c.y.type, e.bias, channel);
  if (e.relu && v < 0) v = 0;
  store(c.y.type, y, at, v);
}

}  // namespace

void convolve(const Convolution& c, const void* x, const void* w, void* y, const Epilogue& epilogue) {
  const size_t height = c.y.extent[2], width = c.y.extent[3], pixels = c.y.extent[0] * height * width, outputs = c.w.extent[0] / c.groups;
  for (size_t group = 0; group < c.groups; group++) {
    const PackedColumns filters = pack_filters(c, w, group);
    const size_t padded = (outputs + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
    std::vector<float> rows(filters.k * TILE_ROWS), sums(TILE_ROWS * padded);
    for (size_t first = 0; first < pixels; first += TILE_ROWS) {
      const size_t count = std::min<size_t>(TILE_ROWS, pixels - first);
      for (size_t i = 0; i < count; i++) {
        const size_t p = first + i;
        gather(c, x, group, p / (height * width), p / width % height, p % width, i, rows.data());
      }
      multiply_rows(rows.data(), filters, sums.data());
      for (size_t i = 0; i < count; i++) {
        const size_t p = first + i;
        for (size_t o = 0; o < outputs; o++) {
          const size_t channel = group * outputs + o;
          finish(c, epilogue, channel, c.y.index(p / (height * width), channel, p / width % height, p % width), sums[i * padded + o], y);
        }
      }
    }
  }
}

}  // namespace simcuda
