#!/bin/sh
# Mutation run (proof: mutation; outside CI, it takes hours on a small machine): changes each number
# in the rules of the control and physics envs by 5 %, one at a time, and expects that a test of
# test_envs fails.
#
#   tests/mutation/run.sh BUILD [FILE ...]     files of envs/control and envs/physics, all by default
#
# BUILD is a build folder with bin/test_envs of the same sources. Nothing in it or in the tree is
# changed: a mutant is the sources that see the number, compiled as a shared library, which is loaded
# before Tern's own and so stands in for the env there. Left alone are zeros, heads of loops,
# indices, constants of integer type, and numbers of pictures and keys. What no longer compiles with
# a fraction in it, or compiles to the same code, is an integer, held by other tests. Numbers in
# no_rules.txt, which says why, may survive.
# Exit status: 0 if every mutant was killed, 1 if one survived (they are listed), 2 for a bad call.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
if [ $# -lt 1 ] || [ ! -x "$1/bin/test_envs" ]; then
  echo "usage: $0 BUILD [FILE ...], where BUILD/bin/test_envs has been built" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
shift
if [ $# -eq 0 ]; then
  for path in "$root"/envs/control/*.cc "$root"/envs/control/ranges.h "$root"/envs/physics/*.*; do
    case $path in *_picture.* | */race_scene.h) ;; *) set -- "$@" "$path" ;; esac
  done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# The tests of file $1: quick ones, and slow ones for what those let live.
choose_tests() {
  quick='' slow=''
  case $1 in
    envs/control/*)
      quick='Golden/*:Spaces.*:Control/Starts*:*Step.*:Ranges.*:AcrobotStart.*:Control/BadParams*' ;;
  esac
  case $1 in */lunar_* | */lander_* | */bodies.*)
    quick="$quick:LunarLander.*" slow="$slow:*LanderOracle*" ;;
  esac
  case $1 in */bipedal_* | */walker_* | */bodies.*)
    quick="$quick:BipedalWalker.*:WalkerTerrain.*" slow="$slow:BipedalWalkerOracle.*" ;;
  esac
  case $1 in */car_* | */race_* | */bodies.*)
    quick="$quick:CarDynamics.*:RaceTrack.*:CarRacing.*" slow="$slow:CarRacingOracle.*" ;;
  esac
}

# Prints "line column length" of each number in the rules of file $1.
numbers() {
  awk '
    /void draw.*Canvas/ || /void draw_clouds/ || /^ *bool human_action/ { skipping = 1 }
    skipping { if ($0 ~ /^(  )?}$/ || $0 ~ /override {.*}$/) skipping = 0; next }
    /^ *\/\// || /^#/ || /frames_per_second/ || /constexpr (int|std::)/ { next }
    {
      text = $0
      sub(/\/\/.*$/, "", text)
      in_string = 0
      position = 1
      if (match(text, /for \((int|std::size_t) .*; (\+\+|--)[a-z]+\)/)) position = RSTART + RLENGTH
      while (position <= length(text)) {
        rest = substr(text, position)
        char = substr(rest, 1, 1)
        if (char == "\"") { in_string = !in_string; position++; continue }
        if (in_string) { position++; continue }
        if (match(rest, /^([ik] [-+] [0-9]+|\[[0-9]+)[^0-9.]/)) { position += RLENGTH - 1; continue }
        if (match(rest, /^[A-Za-z_][A-Za-z_0-9]*/)) { position += RLENGTH; continue }
        if (match(rest, /^[0-9][0-9\047]*(\.[0-9]*)?(e-?[0-9]+)?f?/)) {
          number = substr(rest, 1, RLENGTH)
          if (number + 0 != 0) print NR, position, RLENGTH
          position += RLENGTH
          continue
        }
        position++
      }
    }' "$1"
}

# The sources that see file $1.
sources_of() {
  case $1 in
    *.cc) echo "$work/overlay/$1" ;;
    *)
      for source in "$root/$(dirname "$1")"/*.cc; do
        "${CXX:-c++}" -std=c++20 -MM -I"$root" "$source" | grep -q "$1" && echo "$source"
      done ;;
  esac
}

# Compiles $sources, with what lies in the overlay in place of the tree's.
compile() {
  # shellcheck disable=SC2086  # several sources
  "${CXX:-c++}" -std=c++20 -O1 -w -ffp-contract=off -fPIC -shared -I"$work/overlay" -I"$root" \
    $sources -o "$work/mutant.so" 2>"$work/compiler.log"
}

# What runs for two minutes is caught in a loop, and has failed.
tests_pass() {
  for filter in "$quick" "$slow"; do
    [ -z "$filter" ] || timeout 120 env LD_PRELOAD="$work/mutant.so" "$build/bin/test_envs" \
      --gtest_filter="$filter" --gtest_brief=1 --gtest_fail_fast >"$work/tests.log" 2>&1 || return 1
  done
}

killed=0 survived=0 expected=0 integers=0
for path in "$@"; do
  path=$(cd "$(dirname "$path")" && pwd)/$(basename "$path")
  file=${path#"$root"/}
  mkdir -p "$work/overlay/$(dirname "$file")"
  cp "$root/$file" "$work/overlay/$file"
  choose_tests "$file"
  sources=$(sources_of "$file")
  if ! compile || ! tests_pass; then
    echo "$file: the tests fail before anything is changed" >&2
    tail -n 20 "$work/compiler.log" "$work/tests.log" >&2
    exit 2
  fi
  mv "$work/mutant.so" "$work/unchanged.so"
  numbers "$root/$file" >"$work/numbers"
  while read -r line column length; do
    awk -v line="$line" -v column="$column" -v length_="$length" '
      NR != line { print; next }
      {
        number = substr($0, column, length_)
        suffix = number ~ /f$/ ? "f" : ""
        gsub("\047", "", number)
        print substr($0, 1, column - 1) sprintf("%.17g", number * 1.05) suffix \
              substr($0, column + length_)
      }' "$root/$file" >"$work/overlay/$file"
    if ! compile || cmp -s "$work/mutant.so" "$work/unchanged.so"; then
      integers=$((integers + 1))
      [ -z "${VERBOSE:-}" ] || cat "$work/compiler.log"
    elif tests_pass; then
      marked=$(awk -v line="$line" -v column="$column" -v length_="$length" '
        NR == line {
          code = substr($0, 1, column - 1) "@" substr($0, column, length_) "@" \
                 substr($0, column + length_)
          gsub(/^ *| *\/\/.*$/, "", code)
          print code
        }' "$root/$file")
      if grep -qxF "$file: $marked" "$root/tests/mutation/no_rules.txt"; then
        expected=$((expected + 1))
      else
        survived=$((survived + 1))
        echo "SURVIVED $file: $marked"
      fi
    else
      killed=$((killed + 1))
    fi
  done <"$work/numbers"
  rm "$work/overlay/$file"
  echo "$file: so far $killed killed, $survived survived, $expected as expected, $integers no reals"
done
[ "$survived" -eq 0 ]
