#!/bin/sh
# Mutation run (proof: mutation; outside CI, it takes a quarter of an hour): changes each number in
# the rules of the control worlds by 5 %, one at a time, and expects that a test of test_envs fails.
#
#   tests/mutation/control.sh BUILD [FILE ...]     files of envs/control, all by default
#
# BUILD is a build folder with bin/test_envs of the same sources. Nothing in it or in the tree is
# changed: a mutant is one world compiled as a shared library, which is loaded before Tern's own
# and so stands in for the world there. Numbers of pictures and keys are left alone, zeros too, and
# what no longer compiles with a fraction in it is an integer, held by other tests.
# Exit status: 0 if every mutant was killed, 1 if one survived (they are listed), 2 for a bad call.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
if [ $# -lt 1 ] || [ ! -x "$1/bin/test_envs" ]; then
  echo "usage: $0 BUILD [FILE ...], where BUILD/bin/test_envs has been built" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- "$root"/envs/control/*.cc "$root/envs/control/ranges.h"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
filter='Golden/*:Spaces.*:Control/Starts*:*Step.*:Ranges.*:AcrobotStart.*:Control/BadParams*'

# Prints "line column length" of each number in the rules of file $1.
numbers() {
  awk '
    /^ *(static )?void draw/ || /^ *bool human_action/ { skipping = 1 }
    skipping { if ($0 ~ /^  }$/) skipping = 0; if ($0 ~ /override {.*}$/) skipping = 0; next }
    /^ *\/\// || /^#/ || /frames_per_second/ || /kObsSize/ || /obs\[/ || /terms\[/ || /values\[/ { next }
    {
      text = $0
      sub(/\/\/.*$/, "", text)
      position = 1
      in_string = 0
      while (position <= length(text)) {
        rest = substr(text, position)
        char = substr(rest, 1, 1)
        if (char == "\"") { in_string = !in_string; position++; continue }
        if (in_string) { position++; continue }
        if (match(rest, /^[A-Za-z_][A-Za-z_0-9]*/)) { position += RLENGTH; continue }
        if (match(rest, /^[0-9]+(\.[0-9]*)?(e-?[0-9]+)?f?/)) {
          number = substr(rest, 1, RLENGTH)
          if (number !~ /f$/ && number + 0 != 0) print NR, position, RLENGTH
          position += RLENGTH
          continue
        }
        position++
      }
    }' "$1"
}

# Compiles file $1 (relative to the root) as it lies in the overlay, or the worlds that include it.
compile() {
  case $1 in
    *.h) sources=$(cd "$root" && grep -l "\"$1\"" envs/control/*.cc | sed "s|^|$root/|") ;;
    *) sources=$work/overlay/$1 ;;
  esac
  # shellcheck disable=SC2086  # several sources
  "${CXX:-c++}" -std=c++20 -O1 -w -ffp-contract=off -fPIC -shared -I"$work/overlay" -I"$root" \
    $sources -o "$work/mutant.so" 2>"$work/compiler.log"
}

tests_pass() {
  LD_PRELOAD=$work/mutant.so "$build/bin/test_envs" --gtest_filter="$filter" --gtest_brief=1 \
    --gtest_fail_fast >"$work/tests.log" 2>&1
}

killed=0 survived=0 integers=0
for path in "$@"; do
  file=${path#"$root"/}
  mkdir -p "$work/overlay/$(dirname "$file")"
  cp "$root/$file" "$work/overlay/$file"
  if ! compile "$file" || ! tests_pass; then
    echo "$file: the tests fail before anything is changed" >&2
    tail -n 20 "$work/compiler.log" "$work/tests.log" >&2
    exit 2
  fi
  numbers "$root/$file" >"$work/numbers"
  while read -r line column length; do
    awk -v line="$line" -v column="$column" -v length_="$length" '
      NR != line { print; next }
      {
        number = substr($0, column, length_)
        print substr($0, 1, column - 1) sprintf("%.17g", number * 1.05) \
              substr($0, column + length_)
      }' "$root/$file" >"$work/overlay/$file"
    was=$(sed -n "${line}p" "$root/$file" | cut -c"$column-$((column + length - 1))")
    if ! compile "$file"; then
      integers=$((integers + 1))
      [ -z "${VERBOSE:-}" ] || cat "$work/compiler.log"
    elif tests_pass; then
      survived=$((survived + 1))
      echo "SURVIVED $file:$line:$column $was: $(sed -n "${line}p" "$root/$file")"
    else
      killed=$((killed + 1))
    fi
  done <"$work/numbers"
  rm "$work/overlay/$file"
  echo "$file: so far $killed killed, $survived survived, $integers no reals"
done
[ "$survived" -eq 0 ]
