#!/usr/bin/env bash
# Measures Voiceprint's CPU engine and ONNX Runtime in turns on the base, large and V2 networks, and writes raw results and a
# report. About ten minutes on two cores; nothing else should run.
#
#   bench/compare.sh [FOLDER]     FOLDER is bench/results/DATE-PROCESSOR-Ncores where it is not given
#
#   COMPARE_QUICK=1               a small network and short turns: to try the script, not to measure
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
  -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
  -*) echo "compare.sh: unknown option $1; see --help" >&2; exit 2 ;;
esac
processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
slug=$(printf '%s' "${processor:-unknown}" | tr 'A-Z' 'a-z' | sed -e 's/([a-z]*)//g' -e 's/ *@.*//' -e 's/processor//' -e 's/[^a-z0-9]\{1,\}/-/g' -e 's/^-//' -e 's/-$//')
out=${1:-bench/results/$(date -u +%F)-$slug-$(nproc)cores}
peer=bench/peers/onnxruntime
if ! ls "$peer"/target/voiceprint-peer-onnxruntime-*.jar target/voiceprint-*-cli.jar >/dev/null 2>&1; then
  echo "compare.sh: building" >&2
  mvn -q -B -ntp -DskipTests install
  mvn -q -B -ntp -DskipTests -f "$peer" package
fi
jar=$(ls "$peer"/target/voiceprint-peer-onnxruntime-*.jar | tail -n 1)
commit=$(git rev-parse HEAD 2>/dev/null || true)
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit=$commit-modified
mkdir -p "$out"
readme=$out/README.md

# Processor time that the host of a virtual machine took away, and all, in ticks.
stolen() { awk '/^cpu /{ all = 0; for (i = 2; i <= 9; i++) all += $i; print $9, all }' /proc/stat; }

start=$SECONDS
say() { printf 'compare.sh %4d s: %s\n' $((SECONDS - start)) "$*" >&2; }

# run NAME COMMAND...: output to NAME.txt; notes the command, how long it took and what was stolen meanwhile.
run() {
  local name=$1 before after began=$SECONDS
  shift
  say "$name"
  read -r -a before <<<"$(stolen)"
  printf '$ %s\n' "$*" >"$out/$name.txt"
  "$@" 2> >(sed -u "s/^/  /" >&2) | tee -a "$out/$name.txt"
  read -r -a after <<<"$(stolen)"
  awk -v name="$name" -v s=$((after[0] - before[0])) -v all=$((after[1] - before[1])) -v took=$((SECONDS - began)) -v cmd="$*" \
    'BEGIN { printf "- [%s.txt](%s.txt), %d s, %.1f %% of the processor time stolen: `%s`\n", name, name, took, all ? 100 * s / all : 0, cmd }' >>"$readme"
}

{
  printf '# %s, %s, %s cores\n\n' "$(date -u +%F)" "${processor:-unknown processor}" "$(nproc)"
  printf 'Commit %s. Made by `bench/compare.sh`; look at [report.html](report.html). Load average before: %s.\n\n' "$commit" "$(cut -d' ' -f1-3 /proc/loadavg)"
  printf '```\n%s\n%s\n```\n\n' "$(lscpu | grep -E '^(CPU\(s\)|Model name|Thread|L[123]|Hypervisor)')" "$(java -version 2>&1)"
  grep -o -w -E 'avx2|avx512f|avx512_vnni|avx512_bf16|amx_bf16|amx_int8' /proc/cpuinfo | sort -u | paste -sd' ' | sed 's/^/Instruction sets: /'
  printf '\n'
} >"$readme"

compare() { run "$1" java -XX:+UseSerialGC -jar "$jar" compare --commit "$commit" --json "$out/$1.json" "${@:2}"; }
if [ -n "${COMPARE_QUICK:-}" ]; then
  compare eres2net-micro --arch eres2net-micro --workloads 1x1,1x2,1x3,8x1 --rounds 2 --turn 0.1
else
  # The base network also at the lengths and batches that show how cost grows.
  compare eres2net-base --arch eres2net-base --workloads 1x1,1x2,1x3,1x5,1x10,8x1,2x3,4x3,8x3,8x10 --rounds 3 --turn 1
  compare eres2netv2 --arch eres2netv2 --workloads 1x1,1x3,1x10,8x1,8x3,8x10 --rounds 3 --turn 0.8
  compare eres2net-large --arch eres2net-large --workloads 1x1,1x3,1x10,8x1,8x3,8x10 --rounds 3 --turn 0.8
fi
# Ours alone: where the time goes, and how long a process takes to its first embedding.
network=eres2net-base
[ -z "${COMPARE_QUICK:-}" ] || network=eres2net-micro
precisions=fp32
! grep -q '"voiceprint cpu bf16"' "$out/$network.json" || precisions=fp32,bf16
run "profile-$network" ./voiceprint bench --device cpu --arch "$network" --precision "$precisions" --batch 1 --seconds 3 \
  --duration 2 --profile --cold-start 3 --json "$out/profile-$network.json"
./voiceprint bench report "$out"/*.json --output "$out/report.html" --charts "$out/charts"
printf '\nLoad average after: %s.\n' "$(cut -d' ' -f1-3 /proc/loadavg)" >>"$readme"
say "done: $readme"
