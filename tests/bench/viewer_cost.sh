#!/bin/bash
# What a window costs a training beside it, and how many frames it draws meanwhile: pairs of runs of
# the same configuration and seed, without and with a window, in turns. Wants an idle machine.
#
#   tests/bench/viewer_cost.sh [TERN] [PAIRS] [SECONDS] [WIDTHxHEIGHT] [CONFIG ..]
#
# For each CONFIG (ppo_cartpole and ppo_lunar_lander) it prints, of `train --watch` (1024x680) and of
# `watch --follow` beside a training in another process, for each pair the learner's steps/s with the
# window divided by those without, then the medians of the ratios and of the frames/s that were drawn
# while it trained. SECONDS is about how long a run takes. Needs Xvfb and a C++ compiler.
set -euo pipefail

tern=$(realpath "${1:-./build/bin/tern}")
pairs=${2:-5}
seconds=${3:-20}
size=${4:-1024x680}
configs=("${@:5}")
[ ${#configs[@]} -gt 0 ] || configs=(ppo_cartpole ppo_lunar_lander)
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
display= viewer= learner=
end() {
  for child in $viewer $learner $display; do kill "$child" 2> /dev/null || true; done
  wait 2> /dev/null || true
  rm -rf "$folder"
}
trap end EXIT
cd "$folder"

"${CXX:-g++}" -O1 -shared -fPIC -o frame_counter.so "$root/tests/bench/frame_counter.cc" -ldl
Xvfb -displayfd 3 -screen 0 3840x2160x24 -nolisten tcp 3> display 2> /dev/null &
display=$!
for _ in $(seq 100); do
  [ -s display ] && break
  sleep 0.1
done
DISPLAY=:$(tr -d '\n' < display)
export DISPLAY

median() {
  sort -g | awk '{ all[NR] = $1 } END { print NR == 0 ? "none" : (all[int((NR + 1) / 2)] + all[int((NR + 2) / 2)]) / 2 }'
}

# start CONFIG STEPS [word ..]: trains into the folder run, in the background.
start() {
  local config=$1 steps=$2
  shift 2
  rm -rf run
  "$tern" train "$root/configs/$config.yaml" --out run --quiet --json "run.total_steps=$steps" \
    "run.eval_every=$steps" run.eval_episodes=1 run.final_eval_episodes=1 "$@" > result 2> log &
  learner=$!
}

# The learner's steps/s, when it is done.
finish() {
  wait "$learner" || true  # by a signal, where its window was closed
  learner=
  grep -q steps_per_second result || { cat log >&2; exit 1; }
  sed -n 's/.*"steps_per_second": *\([0-9.e+]*\).*/\1/p' result
}

alone() {
  start "$@"
  finish
}

# Its window stays open until somebody closes it.
watched() {
  export FRAME_COUNTER=$folder/frames LD_PRELOAD=$folder/frame_counter.so
  start "$@" --watch
  unset LD_PRELOAD
  until grep -q '"status": *"finished"' run/run.json 2> /dev/null; do
    kill -0 "$learner" 2> /dev/null || break
    sleep 0.1
  done
  kill "$learner" 2> /dev/null || true
  finish
}

followed() {
  start "$@"
  until [ -f run/run.json ] || ! kill -0 "$learner" 2> /dev/null; do sleep 0.02; done
  FRAME_COUNTER=$folder/frames LD_PRELOAD=$folder/frame_counter.so \
    "$tern" watch run --follow --size "$size" > watch.log 2>&1 &
  viewer=$!
  finish
  kill "$viewer" 2> /dev/null || true
  wait "$viewer" 2> /dev/null || true
  viewer=
}

for config in "${configs[@]}"; do
  alone "$config" 100000 > rate
  steps=$(awk -v rate="$(cat rate)" -v seconds="$seconds" 'BEGIN { print int(rate * seconds < 50000 ? 50000 : rate * seconds) }')
  for kind in watched followed; do
    rm -f frames
    : > ratios
    for _ in $(seq "$pairs"); do
      alone "$config" "$steps" > without
      "$kind" "$config" "$steps" > with
      paste with without | awk '{ printf "%.3f\n", $1 / $2 }' | tee -a ratios > last
      echo "$config $kind: $(cat without) steps/s alone, $(cat with) with a window," \
        "ratio $(cat last)"
    done
    echo "$config $kind: median ratio $(median < ratios), median $(median < frames) frames/s"
  done
done
