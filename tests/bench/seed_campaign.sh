#!/bin/sh
# What a configuration reaches with given seeds: trains each, one thread a run and two runs at a time,
# and prints the mean return of its final evaluation, then the mean over seeds and the worst of them.
#   tests/bench/seed_campaign.sh BUILD CONFIG.yaml EPISODES SEED...
#   tests/bench/seed_campaign.sh build configs/ppo_frozenlake.yaml 1000 $(seq 100 119)
set -eu
if [ $# -lt 4 ]; then
  echo 'usage: seed_campaign.sh BUILD CONFIG.yaml EPISODES SEED...' >&2
  exit 2
fi
build=$1 config=$2 episodes=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# One line: "SEED RETURN", or "SEED failed" with the message on stderr.
export build config episodes folder
printf '%s\n' "$@" | xargs -P 2 -I SEED sh -c '
  if nice -n 19 "$build/bin/tern" train "$config" --seed SEED --out "$folder/SEED" --quiet --json \
      run.threads=1 run.eval_episodes=1 "run.final_eval_episodes=$episodes" >"$folder/SEED.json"; then
    mean=$(sed -n "s/.*\"episodes\":[0-9]*,\"mean\":\([^,]*\),.*/\1/p" "$folder/SEED.json")
    echo "SEED ${mean:-unread}"
  else
    echo "SEED failed"
  fi
  rm -rf "$folder/SEED"' | tee "$folder/all"

awk -v config="$config" -v episodes="$episodes" '
  $2 !~ /^-?[0-9]/ { ++failed; next }
  { sum += $2; ++n; if (n == 1 || $2 < worst) { worst = $2; seed = $1 } }
  END {
    if (n) printf "%s: %d seeds, %d episodes each: mean %.4g, worst %.4g (seed %s)", config, n, episodes, sum / n, worst, seed
    else printf "%s: no seed has ended", config
    print failed ? ", " failed " failed" : ""
  }' "$folder/all"
