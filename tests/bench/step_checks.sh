#!/bin/sh
# What the checks of each step cost a training on CartPole as a plugin: pairs of steps without and with
# them, then the rate of a training, and the share of the difference in it. It judges nothing; close
# other programs first.
#   tests/bench/step_checks.sh BUILD [ROUNDS]
set -eu
if [ $# -lt 1 ]; then
  echo 'usage: step_checks.sh BUILD [ROUNDS]' >&2
  exit 2
fi
build=$1 rounds=${2:-9}
plugin=$build/tests/plugin/plugins/libcartpole.so
pairs=$(mktemp)
trap 'rm -f "$pairs"' EXIT

echo 'ns without   ns with   ratio'
"$build/bin/step_checks" "$plugin" "$rounds" | tee "$pairs"
difference=$(awk '{ print $2 - $1 }' "$pairs" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
round=0
while [ "$round" -lt 3 ]; do
  "$build/bin/tern" bench train ppo "$plugin" total_steps=200000 --json |
    awk -v difference="$difference" -F'[:,]' '
      { for (i = 1; i < NF; i++) if ($i ~ /"seconds"/) seconds = $(i + 1)
        step = seconds / 200000 * 1e9
        printf "a training step takes %.0f ns: the checks are %.2f %% of it (median of the pairs: %.2f ns)\n",
          step, 100 * difference / step, difference }'
  round=$((round + 1))
done
