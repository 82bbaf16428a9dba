#!/usr/bin/env bash
# What root does for one source where a rule of sudo cannot say it whole: `root.sh PATH receive now`, `root.sh PATH clear now`,
# `root.sh PATH send [--no-data] NAME [PARENT]`, `root.sh PATH records NAME...`; for a source of encrypted files `describe NAME`, `write NAME`,
# `complete NAME`, `read NAME`, `remove NAME` and `describe-all now`.
#
# The rule names PATH and the verb. Everything else comes from the guard, is a name directly in PATH, and is looked at again here:
# whoever gets past the guard can do no more than these.
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

# What is being received, a file each, beside PATH: a stream can reach all of PATH. In each are the highest number of a subvolume that was
# there before, and the numbers of copies that came to their end meanwhile. It is held for as long as something is received.
#
# Btrfs says of a copy that it is whole, and has that on the disk, before it has written all that is in it. So what is there after a
# power cut, or a kill, is what was sent only where this file is gone, and only then was the sender told.
receiving=${own%/*}/.podman-btrfs-receiving/${own##*/}

# The name that a stream begins with. What was read of it goes on in the file, exactly so far and no further.
name_of_stream() {
  local length
  head -c 27 >"$1"
  length=$(($(od -An -tu4 -j17 -N4 --endian=little -- "$1") + 0))
  ((length > 0 && length <= 8192)) || return 1
  head -c "$length" >>"$1"
  [[ $(btrfs receive --dump -f "$1" 2>/dev/null) =~ ^(subvol|snapshot)\ +\./([A-Za-z0-9_@+:][A-Za-z0-9._@+:-]*)\ +uuid= ]] || return 1
  printf '%s' "${BASH_REMATCH[2]}"
}

# The number of the subvolume that is a copy. It never changes, and names do.
number() {
  local shown
  [[ -d $own/$1 && ! -L $own/$1 ]] || return
  shown=$(btrfs subvolume show "$own/$1") || return
  [[ $shown =~ Subvolume\ ID:[[:space:]]+([0-9]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# Nobody was told that it is there, so that it may go as if it had never been sent, and is sent again. Nothing of that name was there
# before; a stream can give the name to another copy, which has another number.
forget() {
  local known found
  mapfile -t known <"$receiving/$1"
  # Without a number it did not begin.
  if [[ ${known[0]-} =~ ^[0-9]{1,19}$ && -d $own/$1 && ! -L $own/$1 ]]; then
    found=$(number "$1") || return
    if ((found > known[0])) && [[ " ${known[*]:1} " != *" $found "* ]]; then
      btrfs subvolume delete --commit-after "$own/$1" >/dev/null || return
    fi
  fi
  end "$1"
}

# It is on the disk, and a copy from here on. What is received beside it must not be taken for it.
confirm() {
  local found one
  found=$(number "$1") || return
  exec 8<"$receiving"
  flock 8
  while IFS= read -r -d '' one; do
    [[ ${one##*/} == "$1" ]] || { printf '%s\n' "$found" >>"$one" && sync -- "$one"; } || return
  done < <(find "$receiving" -mindepth 1 -maxdepth 1 -type f -print0)
  end "$1"
}

end() {
  rm -- "$receiving/$1" && sync -- "$receiving"
}

# Whoever begins waits for this, and this for who begins.
forget_broken() {
  local one
  exec 8<"$receiving"
  flock 8
  while IFS= read -r -d '' one; do
    (
      exec 9<"$one"
      # Not one that came to its end a moment ago.
      flock -n 9 && [[ $one -ef /proc/self/fd/9 ]] && forget "${one##*/}"
    ) || true
  done < <(find "$receiving" -mindepth 1 -maxdepth 1 -type f -print0)
}

# A copy that is a file: its name, and that neither it nor what is said of it is anything but a file. What is not there is no link.
stream() {
  [[ $1 =~ ^[A-Za-z0-9_@+:][A-Za-z0-9._@+:-]*\.btrfs(\.[a-z0-9]+)*$ && $1 != *.info && -d $own && ! -L $own ]] || refuse 'no copy of this source'
  local one
  for one in "$own/$1" "$own/$1.info"; do
    [[ ! -L $one && (! -e $one || -f $one) ]] || refuse 'no copy of this source'
  done
}

# btrbk says that a copy came to its end by a line behind the others. The last word counts.
unfinished_file() {
  [[ -f $own/$1.info && $(grep '^INCOMPLETE=' -- "$own/$1.info" | tail -n 1) != INCOMPLETE=0 ]]
}

# What was begun, is not being written, and has not been touched for ten minutes, is nobody's copy: a connection broke. btrbk sends a name
# that is taken never again, so it is taken away.
clear_unfinished() {
  local info name
  while IFS= read -r -d '' info; do
    name=${info##*/}
    name=${name%.info}
    (
      stream "$name" 2>/dev/null
      exec 9<"$info"
      if flock -n 9 && unfinished_file "$name" && [[ -z $(find "$own/$name" -maxdepth 0 -mmin -10 2>/dev/null) ]]; then
        rm -f -- "$own/$name" "$info"
      fi
    ) || true
  done < <(find "$own" -maxdepth 1 -type f -name '*.btrfs*.info' -mmin +10 -print0)
}

# What is said is the sender's: lines of letters that no terminal and no program reads as more, and not many.
said() {
  local text
  text=$(head -c 65536 | tr -d '\r')
  [[ $text =~ ^[[:alnum:][:blank:]$'\n'_=#:.@/,+-]*$ ]] || refuse 'not what is said of a copy'
  printf '%s\n' "$text"
}

umask 077
case $verb in
  receive)
    # Who broke off reads no more.
    trap '' PIPE
    [[ -d $own && ! -L $own ]] || refuse 'no directory of copies'
    head=$(mktemp)
    trap 'rm -f -- "$head"' EXIT
    name=$(name_of_stream "$head") || refuse 'not the stream of a copy'
    mkdir -p -- "$receiving"
    forget_broken
    [[ ! -e $receiving/$name ]] || refuse "$name is being received"
    [[ ! -e $own/$name && ! -L $own/$name ]] || refuse "$name is there"
    listed=$(btrfs subvolume list -- "$own") || refuse 'what is there is not known'
    last=$(cut -d ' ' -f 2 <<<"$listed" | sort -n | tail -n 1)
    exec 9>"$receiving/$name"
    flock -n 9
    printf '%s\n' "${last:-0}" >&9
    sync -- "$receiving/$name" "$receiving" "$receiving/.." "$receiving/../.."
    exec 8<&-
    code=0
    cat -- "$head" - | btrfs receive -C "$own" || code=$?
    if ((!code)); then
      { sync --file-system -- "$own" && confirm "$name"; } || code=$?
    fi
    if ((code)); then
      forget "$name" || true
    fi
    exit "$code"
    ;;
  clear)
    if [[ -d $receiving ]]; then
      forget_broken
    fi
    ;;
  describe)
    (($# == 1)) || refuse 'not one copy'
    stream "$1"
    [[ ! -e $own/$1 && ! -e $own/$1.info ]] || refuse 'it is there'
    text=$(said)
    [[ $'\n'$text$'\n' == *$'\nTYPE=raw\n'* && $'\n'$text$'\n' == *$'\nFILE='"$1"$'\n'* && $text == *INCOMPLETE=1* && $text != *INCOMPLETE=0* ]] ||
      refuse 'not what is said of a copy that begins'
    set -o noclobber
    printf '%s\n' "$text" >"$own/$1.info"
    ;;
  write)
    (($# == 1)) || refuse 'not one copy'
    stream "$1"
    unfinished_file "$1" || refuse 'nothing says that it begins'
    # Held for as long as it is written.
    exec 9<"$own/$1.info"
    flock -n 9 || refuse 'it is being written'
    set -o noclobber
    cat >"$own/$1" || refuse 'it is there, or there is no room'
    sync -- "$own/$1" "$own"
    ;;
  complete)
    (($# == 1)) || refuse 'not one copy'
    stream "$1"
    text=$(said)
    [[ $(grep -v -e '^#' -e '^-e -n #' -e '^$' <<<"$text") == INCOMPLETE=0 ]] || refuse 'not what is said of a copy that ends'
    unfinished_file "$1" && [[ -s $own/$1 ]] || refuse 'nothing says that it began'
    exec 9<"$own/$1.info"
    flock -n 9 || refuse 'it is being written'
    printf '%s\n' "$text" >>"$own/$1.info"
    sync -- "$own/$1.info"
    ;;
  describe-all)
    clear_unfinished
    exec find "$own" -maxdepth 1 -type f ! -size 0 -name '*.btrfs*.info' -exec echo 'INFO_FILE={}' ';' -exec cat '{}' ';'
    ;;
  read)
    (($# == 1)) || refuse 'not one copy'
    stream "$1"
    [[ -f $own/$1 ]] || refuse 'it is not there'
    exec cat -- "$own/$1"
    ;;
  remove)
    (($# == 1)) || refuse 'not one copy'
    stream "$1"
    exec rm -f -- "$own/$1" "$own/$1.info"
    ;;
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
  *)
    refuse 'not among what root does here'
    ;;
esac
