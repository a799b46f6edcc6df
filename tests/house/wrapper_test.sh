#!/bin/sh
# Proof: worked examples of ./tern, on a toy project in place of Tern and with stand-ins for apt-get
# and its kin, so that nothing is installed and no network is touched.
# wrapper_test.sh ROOT CASE runs one case; the cases are the functions below whose names CMake lists.
set -u

root=$1
work=$(mktemp -d)
toy="$work/a check out" # every case runs in a path with blanks
trap 'rm -rf "$work"' EXIT
unset TERN_BUILD_DIR TERN_JOBS TERN_CMAKE_FLAGS CXXFLAGS CFLAGS LDFLAGS CMAKE_PREFIX_PATH

flunk() {
  echo "FAILED: $*"
  echo '--- stdout' && cat "$work/out"
  echo '--- stderr' && cat "$work/err"
  exit 1
}

# Runs ./tern with the stand-ins first in PATH; $status, out and err hold what came of it.
tern() {
  (cd "${from:-$toy}" && PATH="$work/stand-ins:$PATH" exec "${called:-$toy/tern}" "$@") \
    >"$work/out" 2>"$work/err" </dev/null
  status=$?
}

expect_status() { [ "$status" = "$1" ] || flunk "exit status $status, expected $1"; }
expect_out() { [ "$(cat "$work/out")" = "$1" ] || flunk "stdout should be '$1'"; }
expect_err() { grep -q -- "$1" "$work/err" || flunk "stderr should say '$1'"; }
expect_quiet() { [ ! -s "$work/err" ] || flunk 'stderr should be empty'; }
stand_in() { # NAME BODY
  printf '#!/bin/sh\n%s\n' "$2" >"$work/stand-ins/$1"
  chmod +x "$work/stand-ins/$1"
}

# The toy prints the greeting and its words; asked to check them, it knows no --mistyped.
set_up_toy() {
  mkdir -p "$toy/cli" "$toy/core" "$toy/agents" "$toy/cmake" "$work/stand-ins"
  cp "$root/tern" "$toy/tern"
  echo 'build dpkg is there on every Debian' >"$toy/cmake/debian-packages.txt"
  cat >"$toy/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(Toy LANGUAGES CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
file(GLOB sources CONFIGURE_DEPENDS cli/*.cc)
add_executable(tern ${sources})
target_include_directories(tern PRIVATE .)
add_library(tern_viewing SHARED agents/agents.cc)
if(TERN_WITH_TORCH)
  add_library(tern_agents SHARED agents/agents.cc)
endif()
if(TERN_WITH_WINDOW)
  add_library(tern_window MODULE agents/agents.cc)
endif()
if(TERN_WITH_SERVE)
  add_library(tern_http MODULE agents/agents.cc)
endif()
if(TERN_BUILD_TESTS)
  enable_testing()
  add_test(NAME Toy.Test COMMAND sh -c "test $BLAS_CORE_IS_CHOSEN = 1")
endif()
EOF
  echo '#define GREETING "one"' >"$toy/core/greeting.h"
  echo 'int agents() { return 1; }' >"$toy/agents/agents.cc"
  cat >"$toy/cli/main.cc" <<'EOF'
#include <stdlib.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>
#include "core/greeting.h"
#ifndef SUFFIX
#define SUFFIX ""
#endif
int main(int argc, char** argv) {
  if (argc > 3 && !std::strcmp(argv[1], "exec")) {  // tern exec -- PROGRAM WORDS
    setenv("BLAS_CORE_IS_CHOSEN", "1", 1);
    return execvp(argv[3], argv + 3);
  }
  if (argc > 1 && !std::strcmp(argv[1], "--check")) {
    for (int i = 2; i < argc; ++i) {
      if (std::strcmp(argv[i], "--mistyped")) continue;
      std::fprintf(stderr, "tern: error: unknown option '--mistyped'\n");
      return 2;
    }
    std::puts("the words are good");  // which nobody wants to read
    return 0;
  }
  std::printf(GREETING SUFFIX);
  for (int i = 1; i < argc; ++i) std::printf(" [%s]", argv[i]);
  std::puts("");
}
EOF
}

# ------------------------------------------------------------------ words

HelpNeedsNoBuild() {
  tern --help
  expect_status 0
  grep -q './tern train' "$work/out" || flunk 'help should show how to train'
  tern
  expect_status 2
  expect_out ''
  expect_err './tern train'
  tern test --help
  expect_status 0
  grep -q 'ctest' "$work/out" || flunk 'help for test should speak of ctest'
  [ ! -e "$toy/build" ] || flunk 'help should build nothing'
}

WordsReachTheBinaryUnchanged() {
  tern list 'two words' '' --yes "quo'te" -- --yes
  expect_status 0
  expect_out "one [list] [two words] [] [quo'te] [--] [--yes]"
}

WorksThroughASymlinkFromAnotherFolder() {
  mkdir "$work/elsewhere"
  ln -s "$toy/tern" "$work/elsewhere/link"
  from="$work/elsewhere" called="$work/elsewhere/link" tern list
  expect_out 'one [list]'
  [ -x "$toy/build/bin/tern" ] || flunk 'the build belongs into the checkout'
  [ "$(ls "$work/elsewhere")" = link ] || flunk 'nothing belongs into the current folder'
}

# ------------------------------------------------------------------ what is built, and when

ASecondCallBuildsNothing() {
  tern list
  rm "$toy/build/build.log"
  mkdir -p "$toy/examples/plugin/build" # what a user builds in there is no source
  : >"$toy/examples/plugin/build/plugin.so"
  tern list
  expect_out 'one [list]'
  expect_quiet
  [ ! -e "$toy/build/build.log" ] || flunk 'the second call should not build'
}

ChangesAreBuilt() {
  tern list
  echo '#define GREETING "two"' >"$toy/core/greeting.h"
  tern list && expect_out 'two [list]'

  echo 'struct Hello { Hello(); } hello;' >>"$toy/cli/main.cc"
  echo '#include <cstdio>
        struct Hello { Hello(); }; Hello::Hello() { std::printf("hello "); }' >"$toy/cli/added.cc"
  tern list && expect_out 'hello two [list]'

  rm "$toy/cli/added.cc"
  tern list && expect_status 1 # its definition is gone
  expect_err 'undefined'
}

AnOldTimeStampDoesNotHideAChange() {
  tern list
  echo '#define GREETING "two"' >"$toy/core/greeting.h"
  touch -d 2020-01-01 "$toy/core/greeting.h"
  tern list
  expect_out 'two [list]'
}

ChangedFlagsAreBuilt() {
  tern list
  CXXFLAGS='-DSUFFIX=\"!\"' tern list
  expect_out 'one! [list]'
  tern list
  expect_out 'one [list]'
}

AMovedCheckoutIsBuiltAnew() {
  tern list
  mv "$toy" "$work/moved"
  toy="$work/moved"
  tern list
  expect_status 0
  expect_out 'one [list]'
  [ ! -e "$work/a check out" ] || flunk 'the old place should stay gone'
}

OnlyCommandsWithAWindowBuildTheWindow() {
  for words in list 'train some.yaml' 'record RUN'; do
    # shellcheck disable=SC2086  # words
    tern $words
    [ ! -e "$toy/build/lib/libtern_window.so" ] || flunk "'$words' should not build the window"
  done
  for words in 'watch RUN' 'play Env' 'train some.yaml --watch'; do
    # shellcheck disable=SC2086  # words
    tern $words
    expect_status 0
    rm "$toy/build/lib/libtern_window.so" "$toy/build/.tern/built-window" ||
      flunk "'$words' should build the window"
  done
}

OnlyServeBuildsTheServer() {
  for words in list 'train some.yaml' 'watch RUN'; do
    # shellcheck disable=SC2086  # words
    tern $words
    [ ! -e "$toy/build/lib/libtern_http.so" ] || flunk "'$words' should not build the server"
  done
  tern serve RUN
  expect_status 0
  [ -e "$toy/build/lib/libtern_http.so" ] || flunk 'serve should build the server'
}

OnlyNetworkCommandsBuildTheAgents() {
  for words in list 'train --help' 'rollout Env --policy zero' 'bench envs'; do
    # shellcheck disable=SC2086  # words
    tern $words
    expect_status 0
    [ ! -e "$toy/build/lib/libtern_agents.so" ] || flunk "'$words' should not build the agents"
  done
  tern train some.yaml
  expect_status 0
  [ -e "$toy/build/lib/libtern_agents.so" ] || flunk 'train should build the agents'
}

AMistypedWordIsToldBeforeTheAgentsAreBuilt() {
  tern train some.yaml --mistyped
  expect_status 2
  expect_out ''
  expect_err "unknown option '--mistyped'"
  [ -x "$toy/build/bin/tern" ] || flunk 'the launcher should be built'
  [ ! -e "$toy/build/lib/libtern_agents.so" ] || flunk 'the agents should not be built'
  tern train some.yaml
  expect_status 0
  expect_out 'one [train] [some.yaml]'
  [ -e "$toy/build/lib/libtern_agents.so" ] || flunk 'the agents should be built'
}

APipeIsLeftToTheCommand() {
  mkfifo "$work/pipe"
  : >"$work/pipe" & # blocks until somebody reads
  writer=$!
  tern train "$work/pipe" --mistyped # would be found out by a check
  expect_status 0
  kill "$writer"
}

# ------------------------------------------------------------------ trouble

AnInterruptedConfigurationRecovers() {
  tern list
  rm "$toy/build/.tern/settings" "$toy/build/.tern/built-build" # as left in the middle of one
  head -c 100 "$toy/build/CMakeCache.txt" >"$toy/build/half"
  mv "$toy/build/half" "$toy/build/CMakeCache.txt"
  tern list
  expect_out 'one [list]'
}

AHalfWrittenObjectOfAKilledBuildRecovers() {
  tern list
  : >"$toy/build/.tern/building" # as left by a build that was killed
  rm "$toy/build/.tern/built-build" "$toy/build/bin/tern"
  object=$(find "$toy/build" -name 'main.cc.o')
  head -c 500 "$object" >"$work/half"
  touch -r "$object" "$work/half"
  cp -p "$work/half" "$object" # its time says that it is good
  tern list
  expect_status 0
  expect_out 'one [list]'
  expect_err 'from scratch'
}

ABrokenSourceIsShownWithTheLog() {
  echo 'int broken = "text";' >>"$toy/cli/main.cc"
  tern list
  expect_status 1
  expect_out ''
  expect_err 'main.cc:.*error: '
  expect_err 'log is .*/build/build.log'
  [ "$(wc -l <"$work/err")" -lt 20 ] || flunk 'the log should not be poured out'
}

ABrokenConfigurationIsShownWithTheLog() {
  echo 'find_package(NoSuchThing REQUIRED)' >>"$toy/CMakeLists.txt"
  tern list
  expect_status 1
  expect_err 'NoSuchThing'
  expect_err 'the configuration failed'
}

TwoCallsAtTheSameTimeBuildOnce() {
  # shellcheck disable=SC2016  # for CMake to expand
  printf '%s\n' 'file(APPEND ${CMAKE_SOURCE_DIR}/../configurations "one\n")' >>"$toy/CMakeLists.txt"
  (tern list && cp "$work/out" "$work/first") &
  other=$!
  PATH="$work/stand-ins:$PATH" "$toy/tern" list >"$work/second" 2>/dev/null </dev/null
  wait "$other" || flunk 'one of the two calls failed'
  [ "$(cat "$work/configurations")" = one ] || flunk 'it should be configured once'
  [ "$(cat "$work/first")$(cat "$work/second")" = 'one [list]one [list]' ] ||
    flunk 'both calls should run the command'
}

AFolderThatCannotBeWrittenIsNamed() {
  : >"$toy/build" # even root cannot make a folder of it
  tern list
  expect_status 2
  expect_err 'cannot write to .*/build'
  expect_err 'TERN_BUILD_DIR'
  TERN_BUILD_DIR="$work/other place" tern list
  expect_out 'one [list]'
}

# ------------------------------------------------------------------ packages

want_a_package() {
  echo 'build tern-no-such-package the stand-in' >>"$toy/cmake/debian-packages.txt"
  stand_in apt-get "
echo \"\$*\" >>'$work/apt-calls'
case \"\$*\" in
  *--print-uris*) echo 'Need to get 5,120 kB of archives.'
    echo 'After this operation, 20.5 MB of additional disk space will be used.' ;;
  *install*) : >'$work/installed' ;;
esac"
  stand_in dpkg-query "
echo 'installed dpkg'
if [ -e '$work/installed' ]; then echo 'installed tern-no-such-package'; fi"
  stand_in dpkg ":"
  stand_in id 'echo 0'
}

RootWithoutATerminalInstallsWhatIsMissing() {
  want_a_package
  tern list
  expect_status 0
  expect_out 'one [list]'
  expect_err 'missing (5,120 kB to download, 20.5 MB on disk)'
  expect_err 'tern-no-such-package'
  grep -q -- '-y .*install tern-no-such-package' "$work/apt-calls" || flunk 'apt-get was not asked'
}

PackagesOfTheAgentsAreInstalledAfterTheLauncherIsBuilt() {
  want_a_package
  echo 'network tern-no-such-network the stand-in' >>"$toy/cmake/debian-packages.txt"
  stand_in apt-get "
case \"\$*\" in
  *--print-uris*) echo 'Need to get 5,120 kB of archives.' ;;
  *install*) echo \"\$*, \$(ls '$toy/build/bin')\" >>'$work/installs'
    for package; do : >\"$work/installed-\$package\"; done ;;
esac"
  stand_in dpkg-query "
echo 'installed dpkg'
for package in tern-no-such-package tern-no-such-network; do
  if [ -e '$work/installed-'\$package ]; then echo \"installed \$package\"; fi
done"
  tern train some.yaml --mistyped
  expect_status 2
  tern train some.yaml
  expect_status 0
  expect_out 'one [train] [some.yaml]'
  grep -v 'such-network' "$work/installs" | grep -q 'install tern-no-such-package' ||
    flunk 'the packages of the launcher should be installed alone'
  [ "$(sed -n 2p "$work/installs" | grep -c 'install tern-no-such-network, tern')" = 1 ] ||
    flunk 'those of the agents should follow when the launcher is there'

  rm -rf "$toy/build" "$work"/installed-*
  tern train some.yaml
  expect_status 0
  [ "$(grep -c 'packages are missing' "$work/err")" = 1 ] || flunk 'it should ask once for all'
  expect_err 'tern-no-such-package tern-no-such-network'
}

WithoutRootTheCommandIsPrinted() {
  want_a_package
  stand_in id 'echo 1000'
  stand_in sudo 'exit 1'
  tern list
  expect_status 2
  expect_out ''
  expect_err 'apt-get update && apt-get install --no-install-recommends tern-no-such-package'
  if grep -v -- --print-uris "$work/apt-calls"; then flunk 'apt-get may only be asked for sizes'; fi
}

WithSudoItIsUsed() {
  want_a_package
  stand_in id 'echo 1000'
  # shellcheck disable=SC2016  # for the stand-in to expand
  stand_in sudo 'if [ "$1" = -n ]; then shift; fi; exec "$@"'
  tern list
  expect_status 0
  [ -e "$work/installed" ] || flunk 'sudo apt-get was not asked'
}

APackageThatNobodyOffersIsNamed() {
  want_a_package
  stand_in apt-get "
case \"\$*\" in
  *--print-uris*) echo 'E: Unable to locate package tern-no-such-package' >&2; exit 100 ;;
esac"
  tern list
  expect_status 1
  expect_err 'E: Unable to locate package tern-no-such-package'
  expect_err 'apt-get cannot offer all of these packages'
}

WithoutAptTheListIsNamed() {
  mkdir "$work/bin"
  for program in sh dirname readlink find sha256sum sort head tail cat mkdir flock rm; do
    ln -s "$(command -v $program)" "$work/bin/$program"
  done
  (PATH="$work/bin" exec "$toy/tern" list) >"$work/out" 2>"$work/err" </dev/null
  status=$?
  expect_status 2
  expect_err "'cmake' is missing"
  expect_err 'debian-packages.txt'
}

EmptyPackageListsAreReadFirst() {
  want_a_package
  stand_in apt-get "
case \"\$*\" in
  *update*) : >'$work/updated' ;;
  *) [ -e '$work/updated' ] || exit 100
    case \"\$*\" in
      *--print-uris*) echo 'Need to get 5,120 kB of archives.' ;;
      *) : >'$work/installed' ;;
    esac ;;
esac"
  tern list
  expect_status 0
  [ -e "$work/installed" ] || flunk 'nothing was installed after the update'
}

AnUnfinishedInstallationIsPutRightFirst() {
  want_a_package
  stand_in dpkg "
[ \"\$*\" = '--configure -a' ] && : >'$work/configured'"
  stand_in apt-get "
case \"\$*\" in
  *--print-uris*) echo 'Need to get 5,120 kB of archives.' ;;
  *install*) [ -e '$work/configured' ] || exit 100; : >'$work/installed' ;;
esac"
  tern list
  expect_status 0
}

AFailedInstallationSaysHowToRepairIt() {
  want_a_package
  stand_in apt-get "
case \"\$*\" in
  *--print-uris*) echo 'Need to get 5,120 kB of archives.' ;;
  *) echo 'E: the reason' >&2; exit 100 ;;
esac"
  tern list
  expect_status 1
  expect_err 'the reason'
  expect_err 'dpkg --configure -a'
  expect_err 'install.log'
}

# ------------------------------------------------------------------ ./tern test

TestRunsTheSuiteAndTakesCtestWords() {
  tern test
  expect_status 0
  grep -q '100% tests passed' "$work/out" || flunk 'the summary should be shown'
  tern test -R NoSuchTest
  expect_status 1
  echo 'add_test(NAME Toy.Fails COMMAND false)' >>"$toy/CMakeLists.txt"
  tern test
  expect_status 1
  grep -q 'Toy.Fails' "$work/out" || flunk 'the failed test should be named'
}

set_up_toy
$2
echo "passed: $2"
