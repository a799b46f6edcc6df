#!/bin/sh
# What a configuration reaches with given seeds: trains each, one thread a run and two runs at a time,
# and prints the mean return of its final evaluation, then the mean over seeds and the worst of them.
#   tests/bench/seed_campaign.sh BUILD CONFIG.yaml EPISODES SEED...
#   tests/bench/seed_campaign.sh build configs/ppo_frozenlake.yaml 1000 $(seq 100 119)
# Exit status: 0 if all runs ended, 1 if some failed; 130 (143) if one was interrupted (terminated),
# after which no more are begun.
set -eu
if [ $# -lt 4 ]; then
  echo 'usage: seed_campaign.sh BUILD CONFIG.yaml EPISODES SEED...' >&2
  exit 2
fi
build=$1 config=$2 episodes=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export build config episodes folder

# One line: "SEED RETURN", or "SEED failed" with the message on stderr, or "SEED stopped 130". xargs
# ends at a 255.
# shellcheck disable=SC2016  # for the shell in there to expand
printf '%s\n' "$@" | xargs -P 2 -I SEED sh -c '
  status=0
  nice -n 19 "$build/bin/tern" train "$config" --seed SEED --out "$folder/SEED" --quiet --json \
      run.threads=1 run.eval_episodes=1 "run.final_eval_episodes=$episodes" >"$folder/SEED.json" || status=$?
  rm -rf "$folder/SEED"
  case $status in
    0)
      mean=$(sed -n "s/.*\"episodes\":[0-9]*,\"mean\":\([^,]*\),.*/\1/p" "$folder/SEED.json")
      echo "SEED ${mean:-unread}"
      ;;
    130 | 143) echo "SEED stopped $status" && exit 255 ;;
    *) echo "SEED failed" ;;
  esac' | tee "$folder/all"

awk -v config="$config" -v episodes="$episodes" '
  $2 !~ /^-?[0-9]/ { ++failed; next }
  { sum += $2; ++n; if (n == 1 || $2 < worst) { worst = $2; seed = $1 } }
  END {
    if (n) printf "%s: %d seeds, %d episodes each: mean %.4g, worst %.4g (seed %s)", config, n, episodes, sum / n, worst, seed
    else printf "%s: no seed has ended", config
    print failed ? ", " failed " failed" : ""
  }' "$folder/all"
stopped=$(sed -n 's/.* stopped //p' "$folder/all" | head -n 1)
if [ -n "$stopped" ]; then exit "$stopped"; fi
if grep -q -e ' failed$' -e ' unread$' "$folder/all"; then exit 1; fi
