#!/bin/sh
# Builds the native parts: the forwarding libraries (forward.c) and the mapping of memory (mapping.c).
# usage: build-native.sh OUTPUT_FOLDER
set -eu

sources=$(dirname "$0")
output=$1

if [ "$(uname -s) $(uname -m)" != "Linux x86_64" ]; then
  echo "native parts: not built, they are for Linux x86-64 only"
  exit 0
fi
if ! command -v gcc > /dev/null; then
  echo "native parts: NOT BUILT, gcc was not found; this build works with CUDA 12 (cuFFT 10) but not with newer libraries, and device memory does not grow in place"
  exit 0
fi
mkdir -p "$output"

# build TARGET SOURCE FLAGS...
build() {
  target=$output/$1
  source=$sources/$2
  shift 2
  gcc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared -s -Wl,--build-id=none "$@" -o "$target" "$source"
  echo "native part: $(basename "$target")"
}

# forward SONAME PREFIX NEWER REFUSAL
forward() {
  target=$output/$1
  functions=$sources/$2_functions.h
  if [ "$target" -nt "$sources/forward.c" ] && [ "$target" -nt "$functions" ] && [ "$target" -nt "$0" ]; then
    return
  fi
  script=$output/$1.map
  printf '%s { global: %s*; local: *; };\n' "$1" "$2" > "$script"
  build "$1" forward.c -DFUNCTIONS="\"$2_functions.h\"" -DNEWER="$3" -DREFUSAL="$4" -I"$sources" \
    -fvisibility=default -Wl,-soname,"$1" -Wl,--version-script="$script"
  rm "$script"
}

# Refusals: CUBLAS_STATUS_NOT_SUPPORTED, CUFFT_NOT_SUPPORTED, NVRTC_ERROR_INTERNAL_ERROR.
forward libcublas.so.12 cublas '"libcublas.so.13"' 15
forward libcufft.so.10 cufft '"libcufft.so.11","libcufft.so.12"' 16
forward libnvrtc.so.12 nvrtc '"libnvrtc.so.13"' 11

if [ ! "$output/libvoiceprint_mapping.so" -nt "$sources/mapping.c" ]; then
  build libvoiceprint_mapping.so mapping.c
fi
