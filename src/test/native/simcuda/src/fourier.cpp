#include "fourier.h"

#include <cmath>

namespace simcuda {

namespace {

using Complex = std::complex<double>;

/** Splits off the smallest prime factor p: p transforms of every p-th element, then their combination. */
void transform(const Complex* x, size_t stride, size_t n, const std::vector<Complex>& roots, Complex* out) {
  size_t p = 2;
  while (p * p <= n && n % p != 0) p++;
  if (n % p != 0) p = n;
  if (n == 1) {
    out[0] = x[0];
    return;
  }
  const size_t m = n / p, step = roots.size() / n;
  std::vector<Complex> parts(n);
  for (size_t i = 0; i < p; i++) transform(x + i * stride, stride * p, m, roots, parts.data() + i * m);
  for (size_t k = 0; k < n; k++) {
    Complex sum = 0;
    for (size_t i = 0; i < p; i++) sum += parts[i * m + k % m] * roots[i * k % n * step];
    out[k] = sum;
  }
}

}  // namespace

std::vector<Complex> fourier(const std::vector<Complex>& x, int sign) {
  const size_t n = x.size();
  std::vector<Complex> roots(n), out(n);
  for (size_t i = 0; i < n; i++) roots[i] = std::polar(1.0, sign * 2 * M_PI * static_cast<double>(i) / static_cast<double>(n));
  transform(x.data(), 1, n, roots, out.data());
  return out;
}

}  // namespace simcuda
