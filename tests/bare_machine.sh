#!/bin/sh
# What a newcomer sees: makes a minimal Debian 12 in a new folder, puts the checkout into it (what git
# tracks, with changes that are not committed) and nothing else, and runs there what the README says.
# Takes as long as a first build and the whole suite; before a release, not before a commit.
#   tests/bare_machine.sh FOLDER [MIRROR]
# FOLDER: to be made, with room for 6 GB; it stays, to be looked at and removed by you.
# MIRROR: of Debian; by default the first that this machine's apt is told of.
# Needs root and debootstrap. Exit status: 0 if both commands passed, 1 if one failed, 2 for a bad call.
set -eu

fail() { # SENTENCE
  echo "bare_machine: $*" >&2
  exit 2
}

# "http://..", from either form of apt's sources.
first_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -e 's/^deb  *\(\[[^]]*\]  *\)\{0,1\}\(http[^ ]*\).*/\2/p' -e 's/^URIs:  *\(http[^ ]*\).*/\1/p' |
    head -n 1
}

if [ $# -lt 1 ] || [ $# -gt 2 ]; then fail 'usage: tests/bare_machine.sh FOLDER [MIRROR]'; fi
folder=$1
mirror=${2-$(first_mirror)}
if [ -e "$folder" ]; then fail "'$folder' exists already; expected a folder to be made"; fi
if [ -z "$mirror" ]; then fail "apt's sources name no mirror; give one as the second word"; fi
if [ "$(id -u)" != 0 ]; then fail 'needs root, for chroot'; fi
command -v debootstrap >/dev/null || fail "'debootstrap' is missing; please install it"
checkout=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
tree=$(git -C "$checkout" stash create) # a commit of what is changed, which nothing points to
tree=${tree:-HEAD}

echo "== Debian 12 from $mirror"
mkdir -p "$folder"
debootstrap --variant=minbase bookworm "$folder" "$mirror" >"$folder/debootstrap.log" 2>&1 || {
  tail -n 5 "$folder/debootstrap.log" >&2
  fail "debootstrap failed; its log is $folder/debootstrap.log"
}
# How this machine reaches the network, and no more of it.
for file in /etc/resolv.conf /etc/hosts /etc/apt/apt.conf.d/*proxy*; do
  if [ -f "$file" ]; then cp "$file" "$folder$file"; fi
done
mkdir "$folder/root/tern"
git -C "$checkout" archive "$tree" | tar -x -C "$folder/root/tern"

# In a mount and process space of its own, which is gone with the command.
status=0
newcomer() { # WORDS
  echo "== $*"
  began=$(date +%s)
  # shellcheck disable=SC2016  # for the shell in there to expand
  if env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    unshare --mount --pid --fork chroot "$folder" /bin/sh -c \
    'mount -t proc proc /proc && mount -t devpts devpts /dev/pts && cd /root/tern && "$@"' newcomer "$@" </dev/null; then
    echo "== passed in $(($(date +%s) - began)) s: $*"
  else
    echo "== FAILED after $(($(date +%s) - began)) s: $*"
    status=1
  fi
}
newcomer ./tern train configs/ppo_cartpole.yaml
newcomer ./tern test
exit $status
