#!/usr/bin/env bash
# Load test of `voiceprint serve` on this machine: starts a server on loopback, puts load on it, compares with the library.
#
#   bench/load.sh OUTPUT_FOLDER [SCENARIO ...]        all scenarios without one named
#
#   saturation  callers that never let the server idle: at least 90 % of the throughput of embedAll on the same clips, which
#               is measured before and after
#   half        half that load: p99 at most twice the p50 of a single caller. Judged at even times; at random times it is only
#               reported, see bench/README.md
#   slow        half load at even times beside 500 idle and slow connections and without them, three times in turns: nothing
#               lost, the median p99 at most a quarter above that without
#   overload    three times that load: every request is answered, memory flat, an embedding within 2 s after it
#
#   MODEL     weight file; without it, the demo model, which is small: HTTP weighs more than with a real one
#   DEVICE    cpu (default), auto, cuda or reference
#   LANES     utterances that the device cpu computes at the same time; 1
#   CALLERS   of saturation; 16
#   SECONDS_EACH  30 s for each load
#   WARM_UP   60 s before each load, so that Java has compiled what it runs: after 20 s its compiler still takes a tenth of
#             two processors. Every clip once at least
#   OVERLOAD_SECONDS  60
#   QUEUE     utterances that may wait in the server; without it, what it computes in a second, at least 4: a queue of
#             more seconds is more seconds in which nobody else is served after an overload
#   MAX_DELAY_MS  0
#   HEAP      of the server, 512m, all of it touched at the start: so memory that grows is not the heap filling up, and a
#             heap that fills up for good ends in errors
#   PORT      18080
#
# Every run leaves its JSON in the folder, and summary.txt a verdict for each. Exit code: 0 all met, 1 some not, 2 usage.
# On a machine where client and server share the processors, the client's work is in all figures; they say how much it is.
set -uo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "load: $1" >&2
  exit 2
}

[ $# -ge 1 ] || fail "usage: load.sh OUTPUT_FOLDER [saturation|half|slow|overload ...]"
mkdir -p "$1" || exit 2
output=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- saturation half slow overload
device=${DEVICE:-cpu}
lanes=${LANES:-1}
callers=${CALLERS:-16}
seconds=${SECONDS_EACH:-30}
warm_up=${WARM_UP:-60}
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
    ./voiceprint serve ${MODEL:+--model model="$MODEL"} --device "$device" --lanes "$lanes" --port "$port" --log-requests false \
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

# The quick compiler alone: what the other one takes would be missing from the server.
load() { # NAME OPTION...
  local name=$1
  shift
  VOICEPRINT_JAVA_OPTS=-XX:TieredStopAtLevel=1 ./voiceprint load --url "$url" --pid "$server" \
    --json "$output/$name.json" "$@" > "$output/$name.txt" 2>&1
  local code=$?
  sed "s/^/  $name: /" "$output/$name.txt"
  [ $code -le 1 ] || fail "the load could not be run; see $output/$name.txt"
}

value() { # FILE KEY [OBJECT]: a number of the JSON that `voiceprint load` writes, one a line
  awk -v key="\"$2\"" -v object="\"${3:-}\"" '
    object == "\"\"" || $1 == object { inside = 1 }
    inside && $1 == key { gsub(/,/, "", $3); print $3; exit }' "$output/$1.json"
}

judge() { # CONDITION (awk) TEXT...
  local verdict="met    "
  awk "BEGIN { exit !($1) }" || { verdict="NOT met" && failed=1; }
  echo "$verdict  ${*:2}" | tee -a "$output/summary.txt"
}

report() { # TEXT...
  echo "reported $*" | tee -a "$output/summary.txt"
}

share() { # PART WHOLE
  awk "BEGIN { printf \"%.1f\", 100 * $1 / $2 }"
}

: > "$output/summary.txt"
{
  date -u +%FT%TZ
  git rev-parse HEAD 2> /dev/null
  nproc
  grep -m1 'model name' /proc/cpuinfo
  cat /proc/loadavg
  echo "model $(basename "${MODEL:-demo}"), device $device, lanes $lanes, callers $callers"
} > "$output/machine.txt"

median() { # of an odd number of values
  printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

embed_all() { # NAME
  ./voiceprint load --in-process ${MODEL:+--model "$MODEL"} --device "$device" --lanes "$lanes" --warm-up "$warm_up" --duration "$seconds" \
    --json "$output/$1.json" > "$output/$1.txt" 2>&1 || fail "embedAll failed; see $output/$1.txt"
  sed "s/^/  $1: /" "$output/$1.txt"
}

# Warmed up each time: the code for connections that are held, say, has not run until then.
half() { # NAME ARRIVALS ALONE_SECONDS OPTION...
  load "$1" --rate "$(awk "BEGIN { print $capacity / 2 }")" --arrivals "$2" --warm-up "$warm_up" --alone "$3" \
    --duration "$seconds" "${@:4}"
}

embed_all embedall
all=$(value embedall embeddingsPerSecond)
queue=${QUEUE:-$(awk "BEGIN { q = int($all); print q < 4 ? 4 : q }")}
# What a saturated server must be allowed to hold, or it would refuse the callers of the closed loop.
start "$((callers > queue ? callers : queue))"
load saturation --concurrency "$callers" --warm-up "$warm_up" --duration "$seconds"
capacity=$(value saturation embeddingsPerSecond)
for scenario in "$@"; do
  case $scenario in
    saturation)
      embed_all embedall-after
      all=$(awk "BEGIN { print ($all + $(value embedall-after embeddingsPerSecond)) / 2 }")
      judge "$capacity >= 0.9 * $all && $(value saturation lost) == 0" \
        "saturation: $capacity embeddings/s with $callers callers, $(share "$capacity" "$all") % of embedAll's $all"
      ;;
    half)
      half half-fixed fixed "$seconds"
      single=$(value half-fixed p50 aloneMs)
      p99=$(value half-fixed p99 embeddingMs)
      judge "$p99 <= 2 * $single + $delay" \
        "half load at even times: p99 $p99 ms, single caller p50 $single ms, max delay $delay ms"
      report "half load at even times: the single caller's own p99 is $(value half-fixed p99 aloneMs) ms; 99 of 100 requests take" \
        "at most $(value half-fixed p99 slowdown) times his for the same clip"
      half half-poisson poisson "$seconds"
      one_by_one="; one by one without any cost of serving p99 $(value half-poisson p99 oneByOneMs) ms"
      [ "$lanes" = 1 ] || one_by_one=  # which several lanes are not
      report "half load at random times: p99 $(value half-poisson p99 embeddingMs) ms," \
        "single caller p50 $(value half-poisson p50 aloneMs) ms$one_by_one"
      ;;
    overload)
      stop
      start "$queue"
      load overload --rate "$(awk "BEGIN { print 3 * $capacity }")" --arrivals poisson --duration "$overload_seconds" \
        --concurrency 4 --warm-up "$warm_up"
      growth=$(awk '/serverMebibytes/ { gsub(/[^0-9,]/, ""); n = split($0, m, ",")
        for (i = 1; i <= n; i++) if (i <= n / 3) { if (m[i] > a) a = m[i] } else if (m[i] > b) b = m[i]
        printf "%.3f", a ? b / a : 0; exit }' "$output/overload.json")
      judge "$(value overload lost) == 0 && $(value overload answered) == $(value overload sent)" \
        "overload: $(value overload sent) sent, $(value overload lost) lost," \
        "$(value overload refusalsWithoutRetryAfter) refusals without retry-after"
      judge "$growth > 0 && $growth <= 1.1" "overload: highest memory after the first third is $growth of that in it"
      judge "$(value overload recoverySeconds | grep . || echo 999) <= 2" \
        "overload: an embedding $(value overload recoverySeconds) s after its end"
      ;;
    slow)
      # In turns, since a shared host may be slower for a minute by more than the connections cost.
      without=()
      with=()
      lost=0
      for round in 1 2 3; do
        half "slow-$round-without" fixed 0
        half "slow-$round" fixed 0 --hold 500
        without+=("$(value "slow-$round-without" p99 embeddingMs)")
        with+=("$(value "slow-$round" p99 embeddingMs)")
        lost=$((lost + $(value "slow-$round" lost)))
      done
      p99=$(median "${with[@]}")
      judge "$lost == 0 && $p99 <= 1.25 * $(median "${without[@]}")" \
        "500 held connections: p99 ${with[*]} ms, without them ${without[*]} ms, in turns; $lost lost"
      ;;
    *) fail "unknown scenario $scenario" ;;
  esac
done
stop
exit $failed
