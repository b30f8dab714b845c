#!/usr/bin/env bash
# Checks and measures Voiceprint on a machine with a GPU, from the bundle that bench/make-bundle.sh made: no JDK, Maven
# or network is needed. Safe to run again; each stage ends within 8 minutes.
#
#   bench/gpu-check.sh OUTPUT_FOLDER [STAGE ...]        all stages without one named
#
#   doctor    what is found of CUDA, and a self-test         doctor.txt doctor.json machine.txt
#   tests     the tests tagged "gpu" on the real device      tests.txt
#   bench     latency and throughput of the base model       bench.txt bench.json
#   sanitize  compute-sanitizer over a small model           sanitize.txt
#   and always                                               summary.txt
#
#   VOICEPRINT_BUNDLE  the bundle; without it, what this script lies in, or target/voiceprint-bundle.tar.gz
#   VOICEPRINT_GOLDEN  the whole reference data, base model included; without it, the bundle's small models
#   GPU_CHECK_QUICK=1  the smallest model and a few tests, also on the software CUDA device: to try this script out
#
# Exit code: 0 all stages passed, 1 one failed, 2 wrong usage, 3 there is no GPU that can be used.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
limit=450 # seconds that a stage may take

fail() {
  echo "gpu-check: $1" >&2
  exit 2
}

[ $# -ge 1 ] || fail "usage: gpu-check.sh OUTPUT_FOLDER [doctor|tests|bench|sanitize ...]"
mkdir -p "$1" || exit 2
output=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- doctor tests bench sanitize
for stage in "$@"; do
  case $stage in
    doctor | tests | bench | sanitize) ;;
    *) fail "unknown stage $stage" ;;
  esac
done

bundle=${VOICEPRINT_BUNDLE:-}
[ -n "$bundle" ] || { [ -x "$here/../runtime/bin/java" ] && bundle=$(cd "$here/.." && pwd); }
[ -n "$bundle" ] || bundle=$here/../target/voiceprint-bundle.tar.gz
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
if [ -f "$bundle" ]; then
  tar -xzf "$bundle" -C "$temporary" || fail "$bundle cannot be unpacked"
  bundle=$temporary/voiceprint-bundle
fi
[ -x "$bundle/runtime/bin/java" ] || fail "$bundle is no bundle; make one with bench/make-bundle.sh, and see VOICEPRINT_BUNDLE"
java=$bundle/runtime/bin/java
golden=${VOICEPRINT_GOLDEN:-$bundle/golden}
quick=${GPU_CHECK_QUICK:-}
unset JAVA_HOME
micro=(--model "$bundle/golden/models/eres2net_micro/model.ckpt" --sample "$bundle/golden/wav/speech_0p3s.wav")

worst=0
: > "$output/summary.txt"

# say STAGE TEXT
say() {
  printf '%-9s %s\n' "$1" "$2" | tee -a "$output/summary.txt"
}

# result STAGE EXIT_CODE MEANING_OF_OTHER_CODES
result() {
  case $2 in
    0) say "$1" "passed" ;;
    124 | 137) say "$1" "FAILED: ran longer than $limit s and was ended" ;;
    *) say "$1" "FAILED: exit code $2, $3" ;;
  esac
  [ "$2" = 0 ] || worst=1
}

machine() {
  date -u '+%Y-%m-%dT%H:%M:%SZ'
  echo "bundle of commit $(cat "$bundle/commit")"
  uname -a
  grep -m1 'model name' /proc/cpuinfo
  echo "$(nproc) processors, $(awk '/MemTotal/ {print int($2 / 1048576)}' /proc/meminfo) GiB"
  if command -v nvidia-smi > /dev/null; then
    nvidia-smi
    nvidia-smi --query-gpu=name,driver_version,pstate,clocks.sm,clocks.mem,clocks.max.sm,power.draw,power.limit,temperature.gpu --format=csv
  else
    echo "nvidia-smi was not found"
  fi
}

doctor() {
  machine > "$output/machine.txt" 2>&1
  local arguments=()
  [ -z "$quick" ] || arguments=("${micro[@]}")
  timeout -k 5 $limit "$bundle/voiceprint" doctor "${arguments[@]}" > "$output/doctor.txt" 2>&1
  local code=$?
  timeout -k 5 $limit "$bundle/voiceprint" doctor --json -q "${arguments[@]}" > "$output/doctor.json" 2> /dev/null
  result doctor $code "see doctor.txt: $(tail -1 "$output/doctor.txt")"
}

tests() {
  local filter=()
  [ -z "$quick" ] || filter=(--include-classname '.*(CudaPrecisionTest|DeviceMemoryTest|KernelTest)')
  VOICEPRINT_GOLDEN=$golden timeout -k 5 $limit "$java" -Xmx4g -XX:+UseSerialGC -Drequire.cuda=true \
    -jar "$bundle/tests/junit-platform-console-standalone.jar" execute --disable-banner --disable-ansi-colors \
    --class-path "$bundle/tests:$(echo "$bundle"/target/voiceprint-*-cli.jar)" \
    --scan-class-path "$bundle/tests" --include-tag gpu "${filter[@]}" \
    --details=tree --details-theme=ascii > "$output/tests.txt" 2>&1
  local code=$?
  result tests $code "see tests.txt: $(grep -c '\[X\]' "$output/tests.txt") marked [X]"
  grep -E 'tests (found|successful|skipped|failed) ' "$output/tests.txt" | tr -d '[]' | tr -s ' ' | paste -sd, | while read -r counts; do
    say tests "$counts"
  done
}

bench() {
  local arguments=(--arch eres2net-base --batch 1,8,64 --seconds 3 --mixed --duration 5)
  [ -z "$quick" ] || arguments=(--arch eres2net-micro --batch 1,2 --seconds 0.3 --duration 0.01)
  timeout -k 5 $limit "$bundle/voiceprint" bench --device cuda --precision fp32,tf32,fp16 "${arguments[@]}" \
    --json "$output/bench.json" > "$output/bench.txt" 2>&1
  result bench $? "see bench.txt: $(tail -1 "$output/bench.txt")"
}

# What compute-sanitizer says about a run of doctor with the smallest model.
sanitize() {
  local sanitizer
  : > "$output/sanitize.txt"
  sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2> /dev/null | tail -1)
  if [ -z "$sanitizer" ]; then
    say sanitize "skipped: compute-sanitizer was not found" | tee -a "$output/sanitize.txt"
    return
  fi
  local tool code summary
  for tool in memcheck racecheck initcheck; do
    echo "== $tool" >> "$output/sanitize.txt"
    VOICEPRINT_JAVA_OPTS="-Xint -Xmx1g" timeout -k 5 $((limit / 3)) "$sanitizer" --tool $tool --target-processes all \
      --error-exitcode 99 --print-limit 50 "$bundle/voiceprint" doctor -q "${micro[@]}" > "$temporary/sanitizer.txt" 2>&1
    code=$?
    head -c 4000000 "$temporary/sanitizer.txt" >> "$output/sanitize.txt"
    summary=$(grep SUMMARY "$temporary/sanitizer.txt" | tail -1)
    case $code in
      0) say sanitize "$tool passed: $summary" ;;
      124 | 137) say sanitize "$tool did not finish within $((limit / 3)) s" ;;
      *)
        if [ -n "$summary" ]; then
          say sanitize "$tool FAILED, exit code $code: $summary"
          worst=1
        else
          say sanitize "$tool did not run here, exit code $code: $(grep -m1 -iE 'error|not supported|refus' "$temporary/sanitizer.txt")"
        fi
        ;;
    esac
  done
}

# Whether there is a device at all; numbers that are wrong are for the stages to show.
reason=$("$bundle/voiceprint" doctor -q "${micro[@]}" 2>&1 | sed -n 's/^  cuda *no: //p')
if [ -n "$reason" ]; then
  case " $* " in *" doctor "*) doctor ;; esac
  for stage in "$@"; do
    [ "$stage" = doctor ] || say "$stage" "NOT RUN, there is no GPU that can be used: $reason"
  done
  exit 3
fi
for stage in "$@"; do
  $stage
done
exit $worst
