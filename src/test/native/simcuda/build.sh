#!/bin/bash
# Builds the software CUDA device and the project's kernels for it:
#   build.sh [--asan] OUTPUT_DIR     -> OUTPUT_DIR/lib/*.so, OUTPUT_DIR/include/cuda_fp16.h
# Only what is older than its sources is built again. CXX names the compiler, JAVA_HOME the JDK whose jni.h is taken.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../../../kernels
checks=(-O2) asan=()
if [ "${1:-}" = --asan ]; then
  asan=(--asan)
  checks=(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1 -O1)
  shift
fi
cxx=${CXX:-g++}
if ! command -v "$cxx" > /dev/null; then
  echo "simcuda: NOT BUILT, $cxx was not found; tests that need the software CUDA device will be skipped"
  exit 0
fi
mkdir -p "$1/objects" "$1/lib" "$1/include"
output=$(cd "$1" && pwd)
objects=$output/objects lib=$output/lib
flags=(-std=c++17 -fPIC -fvisibility=hidden -Wall -Wextra -Werror -pthread "${checks[@]}")
java=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac || echo /)")")")}/include

# newer TARGET SOURCE...: whether TARGET exists and is no older than any of the sources
newer() {
  local target=$1 source; shift
  [ -e "$target" ] || return 1
  for source in "$@"; do [ "$source" -nt "$target" ] && return 1; done
  return 0
}
limit_jobs() { while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done; }
finish_jobs() { for job in $(jobs -p); do wait "$job"; done; }

# The libraries

cd "$here/src"
for source in *.cpp; do
  name=${source%.cpp} extra=()
  case $name in
    gemm | convolution | fourier) extra=(-O3) ;;
    nvrtc) extra=("-DSIMCUDA_SOURCE=\"$here\"") ;;
    jni) extra=(-I"$java" -I"$java/linux") ;;
  esac
  if [ "$name" = jni ] && [ ! -e "$java/jni.h" ]; then
    echo "simcuda: without the controls for Java, $java/jni.h was not found"
    echo > "$objects/jni.cpp" && source=$objects/jni.cpp
  fi
  newer "$objects/$name.o" "$source" ./*.h ../include/simcuda/*.h "$here/build.sh" && continue
  limit_jobs
  "$cxx" "${flags[@]}" "${extra[@]}" -c "$source" -o "$objects/$name.o" &
done
finish_jobs

# library NAME VERSION STATUS OBJECT...: links libNAME.so.VERSION with a stub for each symbol of symbols/NAME.txt that the
# objects lack, so that JCuda's natives load. A stub says its name and returns STATUS, the library's "not supported".
library() {
  local name=$1 version=$2 status=$3; shift 3
  local target=$lib/lib$name.so.$version stubs=$objects/stubs-$name.cpp inputs=() o
  for o in "$@"; do inputs+=("$objects/$o.o"); done
  newer "$target" "${inputs[@]}" "$here/symbols/$name.txt" "$here/build.sh" && return
  {
    echo '#include <cstdio>'
    sort -u "$here/symbols/$name.txt" | comm -23 - <(nm --defined-only "${inputs[@]}" | awk '{print $3}' | sort -u) |
      awk -v status="$status" '{
        printf "extern \"C\" __attribute__((visibility(\"default\"))) int %s() { ", $1
        printf "fprintf(stderr, \"simcuda: %s is not supported by the software device\\n\"); return %s; }\n", $1, status }'
  } > "$stubs"
  local link=(-shared -Wl,-soname,"lib$name.so.$version" -Wl,-rpath,"\$ORIGIN" -o "$target")
  [ ${#asan[@]} = 0 ] && link+=(-Wl,-z,defs)  # AddressSanitizer's runtime comes with the program
  if [ "$name" = cuda ]; then
    link+=(-ldl)
  else
    # One version node, named as the file: what the symbols of NVIDIA's libraries carry.
    echo "lib$name.so.$version { global: *; };" > "$objects/$name.map"
    link+=(-Wl,--version-script="$objects/$name.map" -L"$lib" -l:libcuda.so.1)
  fi
  "$cxx" "${flags[@]}" "$stubs" "${inputs[@]}" "${link[@]}"
}
library cuda 1 801 call capture card context control copy fatbin fault fiber graph jni memory module pinned shared stack stream virtual_memory
library cublas 12 15 cublas gemm &
library cudnn 9 3000 cudnn cudnn_convolution convolution gemm &
library cufft 10 16 cufft fourier &
library nvrtc 12 11 nvrtc &
finish_jobs
# Real cuBLAS needs it, so whoever looks for cuBLAS looks for this too.
[ -e "$lib/libcublasLt.so.12" ] || "$cxx" -shared -Wl,-soname,libcublasLt.so.12 -x c /dev/null -o "$lib/libcublasLt.so.12"
cp "$here/include/cuda_fp16.h" "$output/include/"
if [ ${#asan[@]} != 0 ]; then
  # What a JVM must preload to take these libraries; C++ exceptions need the second.
  mkdir -p "$output/preload"
  for name in libasan.so libstdc++.so; do ln -sf "$("$cxx" -print-file-name=$name)" "$output/preload/$name"; done
fi

# The project's kernels

if ls "$kernels"/*.cu > /dev/null 2>&1; then
  target=$lib/libvoiceprint_kernels_sim.so
  newer "$target" "$kernels"/*.cu "$kernels"/*.cuh "$here"/include/*.h "$here"/include/simcuda/*.h "$here"/build*.sh ||
    "$here/build-kernels.sh" "${asan[@]}" "$target" "$kernels"/*.cu
fi
