#!/bin/sh
# Trains every shipped configuration with two builds of Tern and compares the SHA-256 of the parameters
# after training: one line for each configuration, exit status 1 if any differs or fails. Training is
# cut at 20000 steps, or at one rollout where that is longer; seeds are 0 and 1.
#   tests/bench/compare_parameters.sh BEFORE AFTER [CONFIG.yaml ...]
#   tests/bench/compare_parameters.sh BUILD >HASHES
# BEFORE and AFTER are build folders, or files that the second form wrote earlier on the same machine.
set -eu
if [ $# -lt 1 ]; then
  echo 'usage: compare_parameters.sh BEFORE AFTER [CONFIG.yaml ...]' >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
before=$1 after=${2:-}
shift
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- "$root"/configs/*.yaml "$root"/configs/bench/*.yaml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# trained BUILD CONFIG SEED STEPS: leaves a run in $folder/run.
trained() {
  rm -rf "$folder/run"
  "$1/bin/tern" train "$2" --quiet --out "$folder/run" "run.seed=$3" "run.total_steps=$4" \
    run.eval_every=1e9 run.eval_episodes=1 run.final_eval_episodes=0 >"$folder/output" 2>&1
}

# parameters_of BUILD|HASHES CONFIG SEED: the SHA-256, or what went wrong.
parameters_of() {
  name=${2#"$root"/}
  if [ -f "$1" ]; then
    awk -v name="$name" -v seed="$3" '$1 == name && $2 == seed { print $3 }' "$1"
    return
  fi
  if ! trained "$1" "$2" "$3" 20000; then
    rollout=$(sed -n 's/.*run.total_steps: 20000 is less than .*expected at least \([0-9]*\).*/\1/p' \
      "$folder/output")
    if [ -z "$rollout" ] || ! trained "$1" "$2" "$3" "$rollout"; then
      echo "failed: $(tail -n 1 "$folder/output")"
      return
    fi
  fi
  "$1/bin/tern" describe "$folder/run" --json |
    sed -n 's/.*"parameters_sha256": *"\([0-9a-f]*\)".*/\1/p'
}

# compared CONFIG: 'equal', or how the two differ.
compared() {
  for seed in 0 1; do
    a=$(parameters_of "$before" "$1" "$seed")
    b=$(parameters_of "$after" "$1" "$seed")
    case $a in '' | *[!0-9a-f]*) echo "FAILED, seed $seed, before: $a" && return ;; esac
    case $b in '' | *[!0-9a-f]*) echo "FAILED, seed $seed, after: $b" && return ;; esac
    [ "$a" = "$b" ] || { echo "DIFFERENT, seed $seed: $a $b" && return; }
  done
  echo equal
}

status=0
for config in "$@"; do
  case $config in /*) ;; *) config=$PWD/$config ;; esac
  if [ -z "$after" ]; then
    for seed in 0 1; do
      echo "${config#"$root"/} $seed $(parameters_of "$before" "$config" "$seed")"
    done
    continue
  fi
  verdict=$(compared "$config")
  [ "$verdict" = equal ] || status=1
  printf '%-44s %s\n' "${config#"$root"/}" "$verdict"
done
exit $status
