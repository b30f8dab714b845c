#!/usr/bin/env bash
# Checks and measures Voiceprint on a machine with a GPU, from the bundle that bench/make-bundle.sh made: no JDK, Maven
# or network is needed. Safe to run again: a stage replaces what it wrote before, and leaves what others wrote.
#
#   bench/gpu-check.sh OUTPUT_FOLDER [STAGE ...]        all stages without one named, in this order:
#
#   doctor    the machine, what is found of CUDA, and self-tests          doctor.txt
#   bench     latency, then throughput, then layers of the base model     bench.txt    results.jsonl
#   tune      times of all candidates, and the bench with the best,       tune.txt     results.jsonl
#             also with cuDNN and cuBLAS among them
#   tests     the tests tagged "gpu", each class in a process of its own  tests.txt
#   pytorch   the same network in PyTorch, where that is installed        results.jsonl
#   sanitize  compute-sanitizer over a small model, where installed       sanitize.txt
#   ncu       counters of every kernel of one pass of the base model      ncu.csv
#             (fp16, 3 s), where Nsight Compute is installed
#   and always                                                            summary.txt
#
# Eight files at most, since that is what some ways back from such a machine take.
#
#   VOICEPRINT_BUNDLE  the bundle; without it, what this script lies in, or target/voiceprint-bundle.tar.gz
#   VOICEPRINT_GOLDEN  the whole reference data, base model included; without it, the bundle's small models
#   GPU_CHECK_LIMIT    seconds that a stage may take, 450 without it
#   GPU_CHECK_QUICK=1  the smallest model and a few tests, also on the software CUDA device: to try this script out
#
# Exit code: 0 all stages passed, 1 one failed, 2 wrong usage, 3 there is no GPU that can be used.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
all="doctor bench tune tests pytorch sanitize ncu"
limit=${GPU_CHECK_LIMIT:-450}

fail() {
  echo "gpu-check: $1" >&2
  exit 2
}

case ${1:-} in -h | --help) sed -n '2,30s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
[ $# -ge 1 ] || fail "usage: gpu-check.sh OUTPUT_FOLDER [$(echo "$all" | tr ' ' '|') ...]"
case $limit in '' | *[!0-9]*) fail "GPU_CHECK_LIMIT=$limit is no number of seconds" ;; esac
output=$1
shift
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all
for stage in "$@"; do
  case " $all " in
    *" $stage "*) ;;
    *) fail "unknown stage $stage; there are: $all" ;;
  esac
done
mkdir -p "$output" || exit 2
output=$(cd "$output" && pwd)

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
bundle=$(cd "$bundle" && pwd)
java=$bundle/runtime/bin/java
golden=${VOICEPRINT_GOLDEN:-$bundle/golden}
quick=${GPU_CHECK_QUICK:-}
unset JAVA_HOME
# A crash of the virtual machine is told where the rest is. Its heap does not follow memory that a machine may yet grow.
export VOICEPRINT_JAVA_OPTS="-Xmx4g -XX:+ErrorFileToStdout ${VOICEPRINT_JAVA_OPTS:-}"
# Not the user's: neither an earlier tuning nor kernels of another build may be found.
mkdir -m 700 "$temporary/usual" "$temporary/tuned" "$temporary/libraries"
export VOICEPRINT_CACHE=$temporary/usual
micro=()
if [ -f "$bundle/golden/models/eres2net_micro/model.ckpt" ]; then
  micro=(--model "$bundle/golden/models/eres2net_micro/model.ckpt" --sample "$bundle/golden/wav/speech_0p3s.wav")
fi
network=(--arch eres2net-base)
[ -z "$quick" ] || network=(--arch eres2net-micro)

worst=0
touch "$output/summary.txt" "$output/results.jsonl"

# say TEXT: a line of the stage in the summary
say() {
  printf '%-9s %s\n' "$stage" "$1" | tee -a "$output/summary.txt"
}

# begin: forgets what the stage wrote before, and names the file of its own in `own`. What came before the first stage
# counts as its time.
begin() {
  sed -i "/^$stage /d" "$output/summary.txt"
  sed -i "/^{\"stage\":\"$stage\",/d" "$output/results.jsonl"
  case $stage in
    pytorch) own=$temporary/pytorch.txt ;; # what counts of it goes to the summary
    ncu) own=$temporary/ncu.txt && rm -f "$output/ncu.csv" ;;
    *) own=$output/$stage.txt ;;
  esac
  : > "$own"
  began=${began:+$SECONDS}
  began=${began:-0}
}

# step LIMIT COMMAND...: ends the command after LIMIT seconds, or when the stage's time is over
step() {
  local most=$1 left=$((began + limit - SECONDS))
  shift
  if [ "$left" -le 0 ]; then
    echo "not run: the stage's $limit s are over"
    return 124
  fi
  [ "$most" -le "$left" ] || most=$left
  timeout -k 5 "$most" "$@"
}

# meaning EXIT_CODE FILE
meaning() {
  case $1 in
    124 | 137) echo "it took too long and was ended" ;;
    *) echo "exit code $1: $(grep -v '^ *$' "$2" | tail -n 1)" ;;
  esac
}

# keep FILE: adds a document of results as one line that begins with the stage
keep() {
  [ -s "$1" ] || return 0
  {
    printf '{"stage":"%s",' "$stage"
    tail -c +2 "$1" | tr -d '\n'
    echo
  } >> "$output/results.jsonl"
}

machine() {
  date -u '+%Y-%m-%dT%H:%M:%SZ'
  echo "bundle of commit $(cat "$bundle/commit")"
  uname -a
  grep -m1 'model name' /proc/cpuinfo
  echo "$(nproc) processors, $(awk '/MemTotal/ {print int($2 / 1048576)}' /proc/meminfo) GiB"
  echo "LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}"
  local PATH=$PATH:/usr/local/nvidia/bin # where containers have it
  if command -v nvidia-smi > /dev/null; then
    timeout 60 nvidia-smi
    timeout 60 nvidia-smi --query-gpu=name,driver_version,pstate,clocks.sm,clocks.mem,clocks.max.sm,power.draw,power.limit,temperature.gpu --format=csv
  else
    echo "nvidia-smi was not found"
  fi
}

# The smallest model first: it says in seconds whether there is a device at all, which `reason` keeps.
probe() {
  local asked=$SECONDS
  timeout -k 5 120 "$bundle/voiceprint" doctor -q "${micro[@]}" > "$temporary/probe.txt" 2>&1
  probed=$?
  probing=$((SECONDS - asked))
  reason=$(sed -n 's/^  cuda *no: //p' "$temporary/probe.txt")
}

doctor() {
  machine > "$own" 2>&1
  {
    printf '\n== the smallest model, %s s\n' "$probing"
    cat "$temporary/probe.txt"
  } >> "$own"
  local code=$probed
  if [ -z "$quick" ] && [ -z "$reason" ]; then
    printf '\n== the demo model\n' >> "$own"
    step 150 "$bundle/voiceprint" doctor -q >> "$own" 2>&1 || code=$?
  fi
  if [ "$code" = 0 ]; then
    say "passed"
  else
    say "FAILED, $(meaning "$code" "$own")"
    grep -E 'WRONG|FAILED' "$own" | while read -r line; do say "$line"; done
    worst=1
  fi
}

# measure WHAT ARGUMENTS...: one bench in a process of its own, so that one that fails or hangs takes no other with it
measure() {
  local what=$1 json=$temporary/measured.json text=$temporary/measured.txt code
  shift
  rm -f "$json"
  step 120 "$bundle/voiceprint" bench --device cuda "${network[@]}" "$@" --json "$json" > "$text" 2>&1
  code=$?
  {
    printf '\n== %s: bench --device cuda %s\n' "$what" "${network[*]} $*"
    cat "$text"
  } >> "$own"
  keep "$json"
  if [ "$code" = 0 ]; then
    # A workload's name is the last one before its times.
    say "$what: $(awk -F'"' '
      {value = $3; sub(/^[ :]*/, "", value)}
      /"name"/ {name = $4}
      /"p50"/ {printf "%s%s p50 %.3f ms", comma, name, value; comma = ", "}
      /"audio_seconds_per_second"/ {printf " (%.0f x real time)", value}' "$json")"
    # Such as that rows run without a CUDA graph: a speed that is not what it could be.
    grep -o 'warning: .*' "$text" | sort -u | head -n 3 | while read -r line; do say "$what: $line"; done
  else
    say "$what: FAILED, $(meaning "$code" "$text")"
    worst=1
  fi
}

bench() {
  local precision one=(--batch 1 --seconds 3 --duration 4) many=(--batch 8,64 --seconds 3 --mixed --duration 3)
  [ -z "$quick" ] || one=(--batch 1 --seconds 0.3 --duration 0.01 --warm-up 0) many=(--batch 2 --seconds 0.3 --duration 0.01 --warm-up 0)
  for precision in fp16 tf32 fp32; do
    measure "$precision, one clip" --precision $precision "${one[@]}"
  done
  for precision in fp16 tf32 fp32; do
    measure "$precision, batches" --precision $precision "${many[@]}"
  done
  for precision in fp16 fp32; do
    measure "$precision, layers" --precision $precision "${one[@]}" --profile
  done
  [ -n "$quick" ] || measure "fp16, lengths and cold start" --precision fp16 --batch 1 --seconds 1,10 --duration 2 --cold-start 2
}

tune() {
  local precision code length=(--seconds 3) precisions="fp16 tf32 fp32"
  [ -z "$quick" ] || length=(--seconds 0.3) precisions=fp16
  local VOICEPRINT_CACHE=$temporary/tuned
  for precision in $precisions; do
    {
      printf '\n== tune %s\n' "${network[*]} --precision $precision ${length[*]}"
      step 200 "$bundle/voiceprint" tune -v --explain "${network[@]}" --precision "$precision" "${length[@]}"
    } >> "$own" 2>&1
    code=$?
    if [ "$code" != 0 ]; then
      say "$precision: FAILED, $(meaning "$code" "$own")"
      worst=1
    elif [ -n "$quick" ]; then
      measure "$precision, one clip, tuned" --precision "$precision" --batch 1 --seconds 0.3 --duration 0.01 --warm-up 0
    else
      measure "$precision, tuned" --precision "$precision" --batch 1,8,64 --seconds 3 --duration 3
    fi
  done
  libraries "${length[@]}"
}

# libraries LENGTH...: what cuDNN and cuBLAS make of the same, where they are installed, in a tuning of their own
libraries() {
  local VOICEPRINT_CACHE=$temporary/libraries code
  {
    printf '\n== tune --libraries %s\n' "${network[*]} --precision fp16 $*"
    step 120 "$bundle/voiceprint" tune -v --explain --libraries "${network[@]}" --precision fp16 "$@"
  } >> "$own" 2>&1
  code=$?
  if [ "$code" != 0 ]; then
    say "fp16 with libraries: FAILED, $(meaning "$code" "$own")"
    worst=1
  elif [ -n "$quick" ]; then
    measure "fp16, one clip, with libraries" --precision fp16 --batch 1 --seconds 0.3 --duration 0.01 --warm-up 0
  else
    measure "fp16, with libraries" --precision fp16 --batch 1,64 --seconds 3 --duration 2
  fi
}

# tested CLASS: after a fault of the device a process can compute nothing any more, so each class has its own
tested() {
  local text=$temporary/tests/$1.txt began_here=$SECONDS
  VOICEPRINT_GOLDEN=$golden step $((limit * 2 / 3)) "$java" -Xmx4g -XX:+UseSerialGC -XX:+ErrorFileToStdout -Drequire.cuda=true \
    -jar "$bundle/tests/junit-platform-console-standalone.jar" execute --disable-banner --disable-ansi-colors \
    --class-path "$bundle/tests:$(echo "$bundle"/target/voiceprint-*-cli.jar)" --select-class "$1" --include-tag gpu \
    --fail-if-no-tests --details=tree --details-theme=ascii > "$text" 2>&1
  echo $? > "$temporary/tests/$1.code"
  {
    printf '\n== %s, exit code %s, %s s\n' "$1" "$(cat "$temporary/tests/$1.code")" $((SECONDS - began_here))
    head -c 1000000 "$text"
  } >> "$own"
}

tests() {
  local class code classes parallel=$(($(nproc) / 4))
  [ "$parallel" -ge 1 ] || parallel=1
  [ "$parallel" -le 4 ] || parallel=4
  classes=$(cat "$bundle/tests/classes")
  [ -z "$quick" ] || classes=$(grep -E '\.(CudaPrecisionTest|DeviceMemoryTest|KernelTest)$' "$bundle/tests/classes")
  mkdir -p "$temporary/tests"
  for class in $classes; do
    while [ "$(jobs -rp | wc -l)" -ge "$parallel" ]; do wait -n; done
    tested "$class" &
  done
  wait
  for class in $classes; do
    code=$(cat "$temporary/tests/$class.code")
    if [ "$code" != 0 ]; then
      say "$class FAILED, $(meaning "$code" "$temporary/tests/$class.txt"); $(grep -c '\[X\]' "$temporary/tests/$class.txt") marked [X]"
      worst=1
    fi
  done
  say "$(awk '/tests (successful|skipped|failed) / {n[$4] += $2} END {printf "%d successful, %d skipped, %d failed", n["successful"], n["skipped"], n["failed"]}' "$temporary"/tests/*.txt)"
}

# A PyTorch that is missing or refuses is no fault of ours.
pytorch() {
  local candidate python='' code json=$temporary/pytorch.json arguments=(--duration 2)
  for candidate in python3 /opt/*/.venv/bin/python3 /opt/*/bin/python3; do
    if "$candidate" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)' 2> /dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    say "skipped: no python3 with torch was found"
    return
  fi
  [ -z "$quick" ] || arguments=(--batch 1 --seconds 0.3 --duration 0.01)
  [ ! -d "$golden/models/eres2net_base" ] || arguments+=(--golden "$golden")
  PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TORCHINDUCTOR_CACHE_DIR=$temporary/inductor \
    step "$limit" "$python" "$bundle/bench/peers/pytorch/measure.py" --json "$json" "${arguments[@]}" >> "$own" 2>&1
  code=$?
  keep "$json"
  grep -E ' ms$' "$own" | while read -r line; do say "$line"; done
  if [ "$code" != 0 ]; then
    ending
    say "did not run to its end here, $(meaning "$code" "$own")"
  fi
}

# ending: the last lines that the stage's tool wrote, in the summary, without the places where things lie
ending() {
  grep -v '^ *$' "$own" | tail -n 20 | cut -c 1-300 | sed "s#$bundle#BUNDLE#g; s#$temporary#TEMPORARY#g" |
    while read -r line; do say "| $line"; done
}

# What compute-sanitizer says about a run of doctor with the smallest model.
sanitize() {
  local sanitizer tool code summary text=$temporary/sanitizer.txt
  sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2> /dev/null | tail -1)
  if [ -z "$sanitizer" ]; then
    say "skipped: compute-sanitizer was not found" | tee -a "$own"
    return
  fi
  for tool in memcheck racecheck initcheck; do
    echo "== $tool" >> "$own"
    VOICEPRINT_JAVA_OPTS="-XX:+ErrorFileToStdout -Xint -Xmx1g" step $((limit / 3)) "$sanitizer" --tool $tool --target-processes all \
      --error-exitcode 99 --print-limit 50 "$bundle/voiceprint" doctor -q "${micro[@]}" > "$text" 2>&1
    code=$?
    head -c 4000000 "$text" >> "$own"
    summary=$(grep SUMMARY "$text" | tail -1)
    # A tool that refuses the machine may sum up "0 errors" all the same: what counts is whether doctor found the GPU.
    case $code in
      124 | 137) say "$tool did not finish within $((limit / 3)) s" ;;
      *)
        if ! grep -q '^  cuda *yes' "$text"; then
          say "$tool did not run here, exit code $code: $(grep -m1 -iE 'error|not supported|refus' "$text")"
        elif [ "$code" = 0 ]; then
          say "$tool passed: $summary"
        else
          say "$tool FAILED, exit code $code: $summary"
          worst=1
        fi
        ;;
    esac
  done
}

# The counters of one warm pass, launch by launch: bench --profile marks it, and without a tuning all kernels are ours.
# Clocks and caches are left as they are in use. A tool that refuses is no fault of ours.
ncu() {
  local tool code seconds=3 log=$temporary/ncu.log stall stalls=''
  tool=$(type -P ncu || ls -d /usr/local/cuda*/bin/ncu /opt/nvidia/nsight-compute/*/ncu 2> /dev/null | tail -1)
  if [ -z "$tool" ]; then
    say "skipped: ncu of Nsight Compute was not found"
    return
  fi
  for stall in barrier lg_throttle long_scoreboard math_pipe_throttle mio_throttle no_instruction not_selected \
    short_scoreboard wait; do
    stalls+=,smsp__average_warps_issue_stalled_${stall}_per_issue_active.ratio
  done
  [ -z "$quick" ] || seconds=0.3
  rm -f "$log"
  step "$limit" "$tool" --target-processes all --profile-from-start off --cache-control none --clock-control none \
    --csv --page raw --print-units base --log-file "$log" --metrics "gpu__time_duration.sum,\
dram__bytes_read.sum,dram__bytes_write.sum,dram__throughput.avg.pct_of_peak_sustained_elapsed,lts__t_bytes.sum,\
sm__throughput.avg.pct_of_peak_sustained_elapsed,sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active,\
sm__warps_active.avg.pct_of_peak_sustained_active,launch__registers_per_thread,launch__waves_per_multiprocessor$stalls" \
    "$bundle/voiceprint" bench --device cuda "${network[@]}" --precision fp16 --batch 1 --seconds "$seconds" \
    --duration 0.01 --warm-up 0 --profile > "$own" 2>&1
  code=$?
  touch "$log"
  grep '^==' "$log" >> "$own"
  counters "$log" > "$temporary/ncu.csv"
  # A row of names, one of units, then one for each kernel.
  if [ "$(wc -l < "$temporary/ncu.csv")" -gt 2 ]; then
    cp "$temporary/ncu.csv" "$output/ncu.csv"
    slowest "$output/ncu.csv" | while read -r line; do say "$line"; done
  else
    ending
    say "did not run here, $(grep -hm1 -oE 'ERR_NVGPUCTRPERM.*' "$own" || meaning "$code" "$own")"
  fi
}

# counters LOG: what is CSV in it, without the columns that tell of the machine rather than of the kernels
counters() {
  awk -F '","' '
    /^"/ {
      line = ""
      for (i = 1; i <= NF; i++) {
        value = $i
        if (i == 1) sub(/^"/, "", value)
        if (i == NF) sub(/"\r?$/, "", value)
        if (!named) left_out[i] = value ~ /^(Process ID|Process Name|Host Name)$/
        if (!left_out[i]) line = line (line == "" ? "" : ",") "\"" value "\""
      }
      named = 1
      print line
    }' "$1"
}

# slowest CSV: how many kernels took how long, and the five that took longest, all launches of each together
slowest() {
  awk -F '","' '
    {gsub(/^"|"$/, "")}
    NR == 1 {for (i = 1; i <= NF; i++) column[$i] = i}
    NR > 2 {
      time = $column["gpu__time_duration.sum"]
      gsub(",", "", time)
      n++
      all += time
      launches[$column["Kernel Name"]]++
      sum[$column["Kernel Name"]] += time
    }
    END {
      printf "%d kernels, %.3f ms in all, one after the other\n", n, all / 1e6
      for (rank = 0; rank < 5; rank++) {
        longest = ""
        for (kernel in sum) if (longest == "" || sum[kernel] > sum[longest]) longest = kernel
        if (longest == "") exit
        printf "%s: %.3f ms, %d launches\n", longest, sum[longest] / 1e6, launches[longest]
        delete sum[longest]
      }
    }' "$1"
}

probe
for stage in "$@"; do
  begin
  if [ -n "$reason" ] && [ "$stage" != doctor ]; then
    say "NOT RUN, there is no GPU that can be used: $reason" | tee -a "$own"
    continue
  fi
  $stage
  say "took $((SECONDS - began)) s"
done
[ -z "$reason" ] || exit 3
exit $worst
