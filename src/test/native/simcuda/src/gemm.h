// The one matrix product behind cuBLAS and cuDNN: C = A * B with float accumulation.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace simcuda {

constexpr int TILE_ROWS = 4, TILE_COLUMNS = 16;

enum class Scalar { F32, F16 };
inline size_t bytes_of(Scalar type) { return type == Scalar::F32 ? 4 : 2; }

float load(Scalar type, const void* base, size_t index);
void store(Scalar type, void* base, size_t index, float value);

/** What a tensor core makes of a float: 10 bits of mantissa, rounded to nearest, ties away from zero. */
float to_tf32(float value);

/** B as the product wants it: for every group of TILE_COLUMNS columns (the last one padded with zeros) all K rows. */
struct PackedColumns {
  size_t k, columns;
  std::vector<float> values;
  PackedColumns(size_t k, size_t columns) : k(k), columns(columns), values((columns + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS * k) {}
  float& at(size_t row, size_t column) { return values[(column / TILE_COLUMNS * k + row) * TILE_COLUMNS + column % TILE_COLUMNS]; }
};

/**
 * TILE_ROWS rows of A, given as a[k][row], times all columns of B: c[row][column] with B's padded width. Every element is
 * summed in the order of k by the same instructions, whatever the size of the matrices and wherever the element lies.
 */
void multiply_rows(const float* a, const PackedColumns& b, float* c);

}  // namespace simcuda
