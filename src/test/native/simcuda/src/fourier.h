// Discrete Fourier transforms of any length.
#pragma once
#include <complex>
#include <vector>

namespace simcuda {

/** X[k] = sum of x[n] * exp(sign * 2 pi i n k / N), not normalised, in double. */
std::vector<std::complex<double>> fourier(const std::vector<std::complex<double>>& x, int sign);

}  // namespace simcuda
