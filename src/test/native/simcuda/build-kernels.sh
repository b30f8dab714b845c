#!/bin/bash
# Compiles CUDA sources for the software device.
#   build-kernels.sh [--asan] OUTPUT.so SOURCE.cu...   a library of kernels
#   build-kernels.sh --check SOURCE.cu...              only says whether they compile
# CXX and SIMCUDA_FLAGS (more flags, such as -I) are taken from the environment.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Traps instead of messages: what is undefined in C++ (misaligned vectors, bad shifts, an index outside a local array) ends the launch.
checks=(-O3 -fsanitize=alignment,shift,integer-divide-by-zero,bounds,unreachable,return -fsanitize-undefined-trap-on-error)
mode=library
case ${1:-} in
  --check) mode=check; shift ;;
  --asan) checks=(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1 -O1); shift ;;
esac
# -fno-strict-aliasing: a float array is read as float4, which nvcc allows.
# -ffp-contract=off: a product and a sum are fused only where the source says fma, as -fmad=false would do.
# With AVX2 a thread's fmaf is an instruction instead of a call, and its sums are vectors. Not a bit depends on it.
if grep -qsw avx2 /proc/cpuinfo && grep -qsw fma /proc/cpuinfo; then checks+=(-march=haswell); fi
flags=(-std=c++17 -fPIC -fvisibility=hidden -ffp-contract=off -fno-strict-aliasing -Wall -Werror
  -Wno-attributes -Wno-unknown-pragmas -Wno-unused-function -Wno-unused-variable -Wno-unused-but-set-variable
  -I"$here/include" -include cuda_dialect.h "${checks[@]}" ${SIMCUDA_FLAGS:-})
cxx=${CXX:-g++}

if [ "$mode" = check ]; then
  for source in "$@"; do "$cxx" "${flags[@]}" -fsyntax-only -x c++ "$source"; done
  exit
fi

output=$1; shift
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
compile() {
  local source=$1 name; name=$(basename "$source" .cu)
  # Entry points are found after preprocessing, so macros may define them. Each source is a namespace of its own, as each is a
  # program of its own for nvcc.
  "$cxx" "${flags[@]}" -E -P -x c++ "$source" -o "$work/$name.ii"
  {
    echo "namespace {"
    echo "#include \"$(realpath "$source")\""
    tr -s ' \n\t' ' ' < "$work/$name.ii" |
      grep -oP 'extern "C"(?:(?!\{|;).)*?simcuda_global.*?\) *[{;]' |
      sed -nE 's/^.*simcuda_launch_bounds\(([^()]*)\).*$/\1&/;t b;s/^/0/;:b;s/extern "C".*void (__attribute__\(\([^)]*\([^)]*\)\)\) )?([A-Za-z_0-9]+) ?\(.*$/ \2/;p' |
      sed -E 's/^(.*) ([A-Za-z_0-9]+)$/SIMCUDA_ENTRY(\2, (\1))/' | sort -u
    echo "}"
  } > "$work/$name.cpp"
  "$cxx" "${flags[@]}" -c "$work/$name.cpp" -o "$work/$name.o"
}
for source in "$@"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  compile "$source" &
done
for job in $(jobs -p); do wait "$job"; done
echo 'const simcuda::Entry* simcuda::first_entry;
extern "C" __attribute__((visibility("default"))) const simcuda::Entry* simcuda_kernels() { return simcuda::first_entry; }' > "$work/registry.cpp"
# An empty stand-in: what matters is that the loader resolves the device's functions in libcuda.so.1, wherever that was loaded from.
"$cxx" -shared -Wl,-soname,libcuda.so.1 -x c /dev/null -o "$work/libcuda.so.1"
"$cxx" "${flags[@]}" -shared "$work"/registry.cpp "$work"/*.o -Wl,--no-as-needed "$work/libcuda.so.1" -Wl,-rpath,'$ORIGIN' -o "$output"
