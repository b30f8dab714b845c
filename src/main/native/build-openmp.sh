#!/bin/sh
# Builds the CPU engine's native part (see openmp.c).
# usage: build-openmp.sh JAVA_HOME OUTPUT_FOLDER
set -eu

sources=$(dirname "$0")
java_home=$1
output=$2
target=$output/libvoiceprint-openmp.so

if [ "$(uname -s) $(uname -m)" != "Linux x86_64" ]; then
  echo "CPU engine: native part not built, it is for Linux x86-64 only"
  exit 0
fi
if ! command -v gcc > /dev/null; then
  echo "CPU engine: native part NOT BUILT, gcc was not found; this build has no oneDNN engine"
  exit 0
fi
if [ ! -f "$java_home/include/jni.h" ]; then
  java_home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
fi
if [ "$target" -nt "$sources/openmp.c" ] && [ "$target" -nt "$sources/affinity.c" ] && [ "$target" -nt "$0" ]; then
  exit 0
fi
mkdir -p "$output"
gcc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -s -Wl,--build-id=none \
  -I"$java_home/include" -I"$java_home/include/linux" -o "$target" \
  "$sources/openmp.c" "$sources/affinity.c"
echo "CPU engine: native part built"
