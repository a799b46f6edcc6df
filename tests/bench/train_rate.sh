#!/bin/sh
# The rate of 'tern train' seen from outside, logging and checkpoints included: the difference of two
# run lengths divided by the difference of their wall times. Prints one line for each round.
#   tests/bench/train_rate.sh BUILD CONFIG.yaml SHORT_STEPS LONG_STEPS [ROUNDS] [key=value ...]
set -eu
if [ $# -lt 4 ]; then
  echo 'usage: train_rate.sh BUILD CONFIG.yaml SHORT_STEPS LONG_STEPS [ROUNDS] [key=value ...]' >&2
  exit 2
fi
build=$1 config=$2 short=$3 long=$4 rounds=${5:-3}
shift 4
[ $# -eq 0 ] || shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# seconds STEPS [key=value ...]: wall time of a run without evaluations.
seconds() {
  steps=$1
  shift
  rm -rf "$folder/run"
  start=$(date +%s.%N)
  "$build/bin/tern" train "$config" --quiet --out "$folder/run" "run.total_steps=$steps" \
    "run.eval_every=$long" run.eval_episodes=1 run.final_eval_episodes=1 "$@" >/dev/null
  end=$(date +%s.%N)
  echo "$start $end" | awk '{ print $2 - $1 }'
}

round=0
while [ "$round" -lt "$rounds" ]; do
  a=$(seconds "$short" "$@")
  b=$(seconds "$long" "$@")
  echo "$a $b" | awk -v steps=$((long - short)) -v short="$short" -v long="$long" '{
    printf "%d steps %.3f s, %d steps %.3f s: %.0f env steps/s\n", short, $1, long, $2, steps / ($2 - $1) }'
  round=$((round + 1))
done
