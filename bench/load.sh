#!/usr/bin/env bash
# Load test of `voiceprint serve` on this machine: starts a server on loopback, puts load on it, compares with the library.
#
#   bench/load.sh OUTPUT_FOLDER [SCENARIO ...]        all scenarios without one named
#
#   saturation  callers that never let the server idle: at least 90 % of the throughput of embedAll on the same clips
#   half        half that load, at even and at random times: p99 at most twice the p50 of a single caller
#   overload    three times that load: every request is answered, memory flat, an embedding within 2 s after it
#   slow        half load beside 500 idle and slow connections: the same p99 as without them
#
#   MODEL     weight file; without it, the demo model, which is small: HTTP weighs more than with a real one
#   DEVICE    cpu (default), auto, cuda or reference
#   CALLERS   of saturation; 16
#   SECONDS_EACH  30 s for each load
#   OVERLOAD_SECONDS  60
#   QUEUE     utterances that may wait in the server; without it, what it computes in a second, at least 4: a queue of
#             more seconds is more seconds in which nobody else is served after an overload
#   MAX_DELAY_MS  0
#   HEAP      of the server, 512m, all of it touched at the start: so memory that grows is not the heap filling up, and a
#             heap that fills up for good ends in errors
#   PORT      18080
#
# Every run leaves its JSON in the folder, and summary.txt a verdict for each. Exit code: 0 all met, 1 some not, 2 usage.
# On a machine where client and server share the processors, the client's work is in all figures.
set -uo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "load: $1" >&2
  exit 2
}

[ $# -ge 1 ] || fail "usage: load.sh OUTPUT_FOLDER [saturation|half|overload|slow ...]"
mkdir -p "$1" || exit 2
output=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- saturation half overload slow
device=${DEVICE:-cpu}
callers=${CALLERS:-16}
seconds=${SECONDS_EACH:-30}
overload_seconds=${OVERLOAD_SECONDS:-60}
delay=${MAX_DELAY_MS:-0}
heap=${HEAP:-512m}
port=${PORT:-18080}
url=http://127.0.0.1:$port
failed=0
server=

# The launcher replaces itself by Java, so the process that is started is the server.
start() {
  VOICEPRINT_JAVA_OPTS="-Xms$heap -Xmx$heap -XX:+AlwaysPreTouch ${VOICEPRINT_JAVA_OPTS:-}" \
    ./voiceprint serve ${MODEL:+--model model="$MODEL"} --device "$device" --port "$port" --log-requests false \
    --queue "$1" --max-delay-ms "$delay" > "$output/server.log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    curl -fs -o /dev/null "$url/v2/health/ready" && return
    kill -0 "$server" 2> /dev/null || break
    sleep 0.2
  done
  tail -5 "$output/server.log" >&2
  fail "the server did not become ready; see $output/server.log"
}

stop() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; }
  server=
}
trap stop EXIT

load() { # NAME OPTION...
  local name=$1
  shift
  ./voiceprint load --url "$url" --pid "$server" --json "$output/$name.json" "$@" > "$output/$name.txt" 2>&1
  local code=$?
  sed "s/^/  $name: /" "$output/$name.txt"
  [ $code -le 1 ] || fail "the load could not be run; see $output/$name.txt"
}

value() { # FILE KEY [OBJECT]: a number of the JSON that `voiceprint load` writes, one a line
  awk -v key="\"$2\"" -v object="\"${3:-}\"" '
    object == "\"\"" || $1 == object { inside = 1 }
    inside && $1 == key { gsub(/,/, "", $3); print $3; exit }' "$output/$1.json"
}

judge() { # CONDITION (awk) TEXT
  local verdict="met    "
  awk "BEGIN { exit !($1) }" || { verdict="NOT met" && failed=1; }
  echo "$verdict  $2" | tee -a "$output/summary.txt"
}

: > "$output/summary.txt"
{
  date -u +%FT%TZ
  git rev-parse HEAD 2> /dev/null
  nproc
  grep -m1 'model name' /proc/cpuinfo
  cat /proc/loadavg
  echo "model ${MODEL:-demo}, device $device, callers $callers"
} > "$output/machine.txt"

./voiceprint load --in-process ${MODEL:+--model "$MODEL"} --device "$device" --duration "$seconds" \
  --json "$output/embedall.json" > "$output/embedall.txt" 2>&1 || fail "embedAll failed; see $output/embedall.txt"
sed 's/^/  embedAll: /' "$output/embedall.txt"
all=$(value embedall embeddingsPerSecond)
queue=${QUEUE:-$(awk "BEGIN { q = int($all); print q < 4 ? 4 : q }")}
# What a saturated server must be allowed to hold, or it would refuse the callers of the closed loop.
start "$((callers > queue ? callers : queue))"
load single --concurrency 1 --duration "$seconds"
single=$(value single p50 embeddingMs)
load saturation --concurrency "$callers" --duration "$seconds"
capacity=$(value saturation embeddingsPerSecond)
for scenario in "$@"; do
  case $scenario in
    saturation)
      judge "$capacity >= 0.9 * $all && $(value saturation lost) == 0" \
        "saturation: $capacity embeddings/s with $callers callers, embedAll $all"
      ;;
    half)
      for arrivals in even poisson; do
        load "half-$arrivals" --rate "$(awk "BEGIN { print $capacity / 2 }")" --arrivals $arrivals --duration "$seconds"
        p99=$(value "half-$arrivals" p99 embeddingMs)
        judge "$p99 <= 2 * $single + $delay" \
          "half load, $arrivals: p99 $p99 ms, single caller p50 $single ms, max delay $delay ms"
      done
      ;;
    overload)
      stop
      start "$queue"
      load warm --concurrency "$queue" --duration 5
      load overload --rate "$(awk "BEGIN { print 3 * $capacity }")" --arrivals poisson --duration "$overload_seconds"
      growth=$(awk '/serverMebibytes/ { gsub(/[^0-9,]/, ""); n = split($0, m, ",")
        for (i = 1; i <= n; i++) if (i <= n / 3) { if (m[i] > a) a = m[i] } else if (m[i] > b) b = m[i]
        printf "%.3f", a ? b / a : 0; exit }' "$output/overload.json")
      judge "$(value overload lost) == 0 && $(value overload answered) == $(value overload sent)" \
        "overload: $(value overload sent) sent, $(value overload lost) lost, $(value overload refusalsWithoutRetryAfter) refusals without retry-after"
      judge "$growth > 0 && $growth <= 1.1" "overload: highest memory after the first third is $growth of that in it"
      judge "$(value overload recoverySeconds | grep . || echo 999) <= 2" \
        "overload: an embedding $(value overload recoverySeconds) s after its end"
      ;;
    slow)
      load slow --rate "$(awk "BEGIN { print $capacity / 2 }")" --arrivals even --duration "$seconds" --hold 500
      [ -f "$output/half-even.json" ] || \
        load half-even --rate "$(awk "BEGIN { print $capacity / 2 }")" --arrivals even --duration "$seconds"
      without=$(value half-even p99 embeddingMs)
      p99=$(value slow p99 embeddingMs)
      judge "$(value slow lost) == 0 && $p99 <= 1.25 * $without" \
        "500 held connections: p99 $p99 ms, without them $without ms, $(value slow lost) lost"
      ;;
    *) fail "unknown scenario $scenario" ;;
  esac
done
stop
exit $failed
