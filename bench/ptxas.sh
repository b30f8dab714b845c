#!/bin/sh
# What nvcc's ptxas said of each kernel and card in the last build (target/kernels/*.log), as a table: registers per
# thread, then static shared memory and spills in bytes where there are any. All kernels take their shared memory at the
# launch, so ptxas does not know of it. Fails if a kernel spills.
# usage: bench/ptxas.sh [LOG_FOLDER]
set -eu
cd "$(dirname "$0")/.."
logs=${1:-target/kernels}
ls "$logs"/*.log > /dev/null 2>&1 || {
  echo "ptxas: no logs in $logs; build with nvcc first" >&2
  exit 2
}
for log in "$logs"/*.log; do
  awk -v family="$(basename "$log" .log)" '
    /Compiling entry function/ { split($0, quoted, "\047"); kernel = quoted[2]; card = substr(quoted[4], 4) }
    /bytes spill stores/ {
      match($0, /[0-9]+ bytes spill stores/); stores = substr($0, RSTART) + 0
      match($0, /[0-9]+ bytes spill loads/); loads = substr($0, RSTART) + 0
    }
    /Used [0-9]+ registers/ {
      match($0, /Used [0-9]+/); registers = substr($0, RSTART + 5) + 0
      shared = match($0, /[0-9]+ bytes smem/) ? substr($0, RSTART) + 0 : 0
      print family, kernel, card, registers, shared, stores + loads
    }' "$log"
done | sort -k1,1 -k2,2 -k3,3n | awk '
  !($3 in seen) { seen[$3]; cards[++cardCount] = $3 }
  !(($1, $2) in known) { known[$1, $2]; rows[++rowCount] = $1 " | " $2; keys[rowCount] = $1 SUBSEP $2 }
  {
    cell[$1, $2, $3] = $4 ($5 ? ", " $5 " shared" : "") ($6 ? ", " $6 " SPILLED" : "")
    if ($6 > 0) spilling++
  }
  END {
    printf "| family | kernel |"; for (c = 1; c <= cardCount; c++) printf " sm_%s |", cards[c]; print ""
    printf "|---|---|"; for (c = 1; c <= cardCount; c++) printf "---|"; print ""
    for (r = 1; r <= rowCount; r++) {
      printf "| %s |", rows[r]
      for (c = 1; c <= cardCount; c++) printf " %s |", cell[keys[r], cards[c]]
      print ""
    }
    printf "\n%d kernels on %d cards, %d of these spill.\n", rowCount, cardCount, spilling + 0
    exit spilling > 0
  }'
