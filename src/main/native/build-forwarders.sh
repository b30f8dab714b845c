#!/bin/sh
# Builds the forwarding libraries (see forward.c).
# usage: build-forwarders.sh OUTPUT_FOLDER
set -eu

sources=$(dirname "$0")
output=$1

if [ "$(uname -s) $(uname -m)" != "Linux x86_64" ]; then
  echo "forwarding libraries: not built, they are for Linux x86-64 only"
  exit 0
fi
if ! command -v gcc > /dev/null; then
  echo "forwarding libraries: NOT BUILT, gcc was not found; this build works with CUDA 12 (cuFFT 10) but not with newer libraries"
  exit 0
fi
mkdir -p "$output"

# forward SONAME PREFIX NEWER REFUSAL
forward() {
  target=$output/$1
  functions=$sources/$2_functions.h
  if [ "$target" -nt "$sources/forward.c" ] && [ "$target" -nt "$functions" ] && [ "$target" -nt "$0" ]; then
    return
  fi
  script=$output/$1.map
  printf '%s { global: %s*; local: *; };\n' "$1" "$2" > "$script"
  gcc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -s \
    -DFUNCTIONS="\"$2_functions.h\"" -DNEWER="$3" -DREFUSAL="$4" -I"$sources" \
    -Wl,-soname,"$1" -Wl,--version-script="$script" -Wl,--build-id=none \
    -o "$target" "$sources/forward.c"
  rm "$script"
  echo "forwarding library: $1"
}

# Refusals: CUBLAS_STATUS_NOT_SUPPORTED, CUFFT_NOT_SUPPORTED, NVRTC_ERROR_INTERNAL_ERROR.
forward libcublas.so.12 cublas '"libcublas.so.13"' 15
forward libcufft.so.10 cufft '"libcufft.so.11","libcufft.so.12"' 16
forward libnvrtc.so.12 nvrtc '"libnvrtc.so.13"' 11
