#include "card.h"

#include <cstdlib>

#include "limits.h"

namespace simcuda {

namespace {

constexpr int SMALL = 86, T4 = 75, H200 = 90;

Card of(int compute_capability) {
  if (compute_capability == T4) return {T4, 40, 1024, 16, 64 << 10, 64 << 10};
  if (compute_capability == H200) return {H200, 132, 2048, 32, MAX_SHARED_BYTES, 228 << 10};
  return {compute_capability, 4, 1536, 16, 99 << 10, 100 << 10};
}

Card usual() {
  const char* text = getenv("SIMCUDA_CARD");
  return of(text == nullptr ? SMALL : atoi(text));
}

Card current = usual();

}  // namespace

const Card& card() { return current; }

void set_card(int compute_capability) { current = of(compute_capability); }
void reset_card() { current = usual(); }

}  // namespace simcuda
