#!/bin/bash
# Builds the software CUDA device: build.sh [--asan] OUTPUT_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checks=()
asan=()
if [ "${1:-}" = --asan ]; then
  asan=(--asan)
  checks=(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g)
  shift
fi
output=$1
mkdir -p "$output/objects"
output=$(cd "$output" && pwd)
cxx=${CXX:-g++}
flags=(-std=c++17 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Werror -pthread "${checks[@]}")

jobs_left() { while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done; }
finish() { for job in $(jobs -p); do wait "$job"; done; }

cd "$here/src"
for source in *.cpp; do
  jobs_left
  extra=(); case $source in gemm.cpp | convolution.cpp | fourier.cpp) extra=(-O3 -ffp-contract=off) ;; esac
  object=$output/objects/${source%.cpp}.o
  [ "$object" -nt "$source" ] && [ -z "$(find . ../include -newer "$object" -name '*.h')" ] && continue
  "$cxx" "${flags[@]}" "${extra[@]}" -c "$source" -o "$object" &
done
finish

# Links lib$1.so.$2 from the objects named, with a stub for each symbol of symbols/$1.txt that they lack, so that JCuda's
# natives load. A stub says its name and returns $3, the library's "not supported".
library() {
  local name=$1 version=$2 code=$3; shift 3
  local objects=() stubs=$output/objects/stubs-$name.cpp
  for o in "$@"; do objects+=("$output/objects/$o.o"); done
  {
    echo '#include <cstdio>'
    sort -u "$here/symbols/$name.txt" | comm -23 - <(nm --defined-only "${objects[@]}" | awk '{print $3}' | sort -u) |
      awk -v code="$code" '{
        printf "extern \"C\" __attribute__((visibility(\"default\"))) int %s() { ", $1
        printf "fprintf(stderr, \"simcuda: %s is not supported by the software device\\n\"); return %s; }\n", $1, code }'
  } > "$stubs"
  local link=(-shared -Wl,-soname,"lib$name.so.$version" -Wl,-rpath,"\$ORIGIN" -o "$output/lib$name.so.$version")
  if [ "$name" = cuda ]; then
    link+=(-ldl)
  else
    # One version node, named as the file: what the symbols of NVIDIA's libraries carry.
    echo "lib$name.so.$version { global: *; };" > "$output/objects/$name.map"
    link+=(-Wl,--version-script="$output/objects/$name.map" -L"$output" -l:libcuda.so.1)
  fi
  "$cxx" "${flags[@]}" "$stubs" "${objects[@]}" "${link[@]}"
}
library cuda 1 801 call context control copy fault fiber graph memory module shared stream
