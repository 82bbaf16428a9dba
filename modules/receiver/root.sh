#!/usr/bin/env bash
# What root does for one source where a rule of sudo cannot say it whole: `root.sh PATH send [--no-data] NAME [PARENT]`,
# `root.sh PATH records NAME...`, `root.sh PATH unfinished NAME SINCE`.
#
# The rule names PATH and the verb. Everything else comes from the guard, is a name directly in PATH, and is looked at again here:
# whoever gets past the guard can do no more than these three.
set -euf
export LC_ALL=C PATH=/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin

own=$1 verb=$2
shift 2

refuse() {
  printf 'ERROR: podman-btrfs receiver: refused, %s\n' "$1" >&2
  exit 255
}

# A link would lead elsewhere.
copy() {
  [[ $1 =~ ^[A-Za-z0-9_@+:][A-Za-z0-9._@+:-]*$ && -d $own/$1 && ! -L $own/$1 && ! -L $own ]] || refuse 'no copy of this source'
}

case $verb in
  send)
    options=(-q)
    if [[ ${1-} == --no-data ]]; then
      options+=(--no-data)
      shift
    fi
    (($# == 1 || $# == 2)) || refuse 'not one copy'
    copy "$1"
    if (($# == 2)); then
      copy "$2"
      options+=(-p "$own/$2")
    fi
    exec btrfs send "${options[@]}" "$own/$1"
    ;;
  records)
    places=()
    for name in "$@"; do
      copy "$name"
      places+=("$own/$name")
    done
    ((${#places[@]})) || refuse 'no copy'
    exec getfattr --absolute-names --no-dereference --encoding=hex --dump '--match=^trusted.podman-btrfs.snapshot$' "${places[@]}"
    ;;
  unfinished)
    # Only what began with the very receiving that broke, is not whole, and so nobody's copy: it has no UUID of what it was
    # received from, is not read-only, and was made since then.
    (($# == 2)) && [[ $2 =~ ^[0-9]{1,12}$ ]] || refuse 'not one copy'
    copy "$1"
    shown=$(btrfs subvolume show "$own/$1")
    [[ $shown =~ Received\ UUID:[[:space:]]+-[[:space:]] ]] || refuse 'it is whole'
    [[ $shown =~ Flags:[[:space:]]+-[[:space:]] ]] || refuse 'it is whole'
    [[ $shown =~ Creation\ time:[[:space:]]+([0-9]{4}-[0-9]{2}-[0-9]{2}\ [0-9:]{8}\ [+-][0-9]{4}) ]] || refuse 'its age is not known'
    (($(date --date="${BASH_REMATCH[1]}" +%s) >= $2)) || refuse 'it is older'
    exec btrfs subvolume delete --commit-after "$own/$1"
    ;;
  *)
    refuse 'not among what root does here'
    ;;
esac
