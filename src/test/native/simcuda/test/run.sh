#!/bin/bash
# Builds and runs the self-test of the software CUDA device: test/run.sh BUILD_DIR [TEST]
# With --asan in front it builds everything with AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
asan=() checks=()
if [ "${1:-}" = --asan ]; then
  asan=(--asan) checks=(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  shift
fi
"$here/../build.sh" "${asan[@]}" "$1"
output=$(cd "$1" && pwd)
program=$output/objects/selftest kernels=$output/objects/test-kernels.so
newer() { [ -e "$1" ] && [ -z "$(find "$here" "$here/../include" "$output/lib/libcuda.so.1" -newer "$1" -type f)" ]; }
newer "$kernels" || "$here/../build-kernels.sh" "${asan[@]}" "$kernels" "$here/kernels.cu"
newer "$program" || "${CXX:-g++}" -std=c++17 -g -O1 -Wall -Wextra -Werror "${checks[@]}" "$here"/*.cpp -o "$program" \
  -L"$output/lib" -l:libcuda.so.1 -Wl,-rpath,"$output/lib"
exec "$program" "$kernels" "${@:2}"
