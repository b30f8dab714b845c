#!/bin/sh
# Compiles each kernels/*.cu into one fat binary for all cards, if nvcc is there.
# usage: build-kernels.sh SOURCE_FOLDER OUTPUT_FOLDER LOG_FOLDER
# Where nvcc is missing it says so: the engine then compiles the same sources with NVRTC on the user's machine.
# What ptxas says of registers and spills is left in LOG_FOLDER/<family>.log (bench/ptxas.sh makes a table of it). A kernel
# that spills is an error.
set -eu

sources=$1
output=$2
logs=$3
cards="75 80 86 89 90 100 120"

# current SOURCE TARGET: whether the fat binary is newer than all that it was made of
current() {
  [ -e "$2" ] && [ -z "$(find "$1" "$sources" "$0" -maxdepth 1 \( -name '*.cuh' -o -path "$1" -o -path "$0" \) -newer "$2")" ]
}

# Fat binaries of earlier builds whose sources have changed or gone would be taken for those of this build.
for target in "$output"/*.fatbin; do
  source=$sources/$(basename "$target" .fatbin).cu
  if [ -e "$target" ] && { [ ! -e "$source" ] || ! current "$source" "$target"; }; then
    rm -f "$target"
  fi
done

nvcc=${NVCC:-nvcc}
if ! command -v "$nvcc" > /dev/null; then
  for source in "$sources"/*.cu; do
    if [ -e "$source" ] && [ ! -e "$output/$(basename "$source" .cu).fatbin" ]; then
      echo "kernels: NOT COMPILED, nvcc was not found; they will be compiled by NVRTC at the first start on a GPU"
      exit 0
    fi
  done
  exit 0
fi

known=" $("$nvcc" --list-gpu-code | tr '\n' ' ') "
targets=
newest=
for card in $cards; do
  case $known in
    *" sm_$card "*)
      targets="$targets -gencode arch=compute_$card,code=sm_$card"
      newest=$card
      ;;
    *) echo "kernels: this nvcc does not know sm_$card" ;;
  esac
done
# Cards newer than all of these translate the PTX of the newest.
targets="$targets -gencode arch=compute_$newest,code=compute_$newest"

mkdir -p "$output" "$logs"
for source in "$sources"/*.cu; do
  [ -e "$source" ] || continue
  family=$(basename "$source" .cu)
  target=$output/$family.fatbin
  [ ! -e "$target" ] || continue
  echo "kernels: $family"
  # shellcheck disable=SC2086
  if ! "$nvcc" -fatbin -std=c++17 -O3 -t 2 -Werror all-warnings -Xptxas -v $targets \
      -o "$target.part" "$source" > "$logs/$family.log" 2>&1; then
    cat "$logs/$family.log" >&2
    rm -f "$target.part"
    exit 1
  fi
  if grep -q '[1-9][0-9]* bytes spill' "$logs/$family.log"; then
    echo "kernels: $family spills registers to memory, see $logs/$family.log" >&2
    rm -f "$target.part"
    exit 1
  fi
  mv "$target.part" "$target"
done
