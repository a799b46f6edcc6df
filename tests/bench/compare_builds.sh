#!/bin/sh
# Compares two builds of Tern pairwise: each benchmark runs in the one and in the other in turn, and
# the medians and their ratio are printed. It judges nothing; close other programs first.
#   tests/bench/compare_builds.sh BUILD_BEFORE BUILD_AFTER [ROUNDS]
set -eu
if [ $# -lt 2 ]; then
  echo 'usage: compare_builds.sh BUILD_BEFORE BUILD_AFTER [ROUNDS]' >&2
  exit 2
fi
before=$1 after=$2 rounds=${3:-5}
root=$(cd "$(dirname "$0")/../.." && pwd)
results=$(mktemp)
trap 'rm -f "$results"' EXIT

# measure LABEL BUILD: one line "LABEL BENCHMARK NUMBER" for each benchmark; lower is better.
measure() {
  "$2/bin/tern" exec -- "$2/bin/network_bench" --benchmark_format=csv --benchmark_min_time=0.05 \
    2>/dev/null | awk -F, -v label="$1" '/^"[a-z]/ { gsub(/"/, "", $1); print label, $1, $4 }'
  "$2/bin/env_bench" --benchmark_format=csv --benchmark_min_time=0.05 2>/dev/null |
    awk -F, -v label="$1" '/^"[a-z]/ { gsub(/"/, "", $1); print label, $1, $4 }'
  for recipe in ppo_cartpole ppo_pendulum; do
    "$2/bin/tern" bench train "$root/configs/bench/$recipe.yaml" --json |
      awk -v label="$1" -v name="train/$recipe" -F'[:,]' '
        { for (i = 1; i < NF; i++) if ($i ~ /"seconds"/) print label, name, $(i + 1) }'
  done
}

round=0
while [ "$round" -lt "$rounds" ]; do
  measure before "$before" >>"$results"
  measure after "$after" >>"$results"
  round=$((round + 1))
done

sort -k2,2 -k1,1 -k3,3g "$results" | awk '
  { key = $2 SUBSEP $1; n[key]++; value[key, n[key]] = $3; if (!($2 in seen)) { seen[$2]; order[++m] = $2 } }
  function median(name, label, key, k) {
    key = name SUBSEP label; k = n[key]
    return k % 2 ? value[key, (k + 1) / 2] : (value[key, k / 2] + value[key, k / 2 + 1]) / 2
  }
  END {
    printf "%-32s %14s %14s %8s\n", "benchmark", "before", "after", "ratio"
    for (i = 1; i <= m; i++) {
      a = median(order[i], "before"); b = median(order[i], "after")
      printf "%-32s %14.4g %14.4g %8.3f\n", order[i], a, b, (a > 0 ? b / a : 0)
    }
  }'
