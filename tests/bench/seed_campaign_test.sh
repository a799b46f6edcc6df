#!/bin/sh
# What seed_campaign.sh says and how it ends, with a stand-in for tern whose seed says what happens.
#   seed_campaign_test.sh SOURCE_FOLDER
set -u
campaign=$1/tests/bench/seed_campaign.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
cat >"$work/bin/tern" <<'EOF'
#!/bin/sh
# train CONFIG --seed SEED ..
case $4 in
  7) echo 'no such run' >&2 && exit 1 ;;
  8) kill -KILL $$ ;;
  9) kill -INT $$ ;;
esac
mkdir "$6" && echo "{\"final\":{\"episodes\":50,\"mean\":$4.5,\"std\":0}}"
EOF
chmod +x "$work/bin/tern"

failures=0
expect() { # STATUS TEXT SEED...
  want=$1 text=$2
  shift 2
  status=0
  said=$(sh "$campaign" "$work" some.yaml 50 "$@" 2>"$work/err") || status=$?
  case $said in *"$text"*) is_there=yes ;; *) is_there=no ;; esac
  if [ "$status" != "$want" ] || [ $is_there = no ]; then
    echo "seeds $*: status $status, expected $want and '$text'; it said: $said"
    cat "$work/err"
    failures=$((failures + 1))
  fi
}
expect 0 'some.yaml: 3 seeds, 50 episodes each: mean 2.5, worst 1.5 (seed 1)' 1 2 3
expect 1 '1 seeds, 50 episodes each: mean 2.5, worst 2.5 (seed 2), 1 failed' 7 2
expect 1 '1 failed' 8 2
expect 130 '9 stopped 130' 9 1 2 3 4 5 6
case $said in *'6 6.5'*) echo "after an interrupt no more runs should begin: $said" && failures=1 ;; esac
exit $failures
