#!/usr/bin/env bash
# What a sender's key may do here, and nothing else: `guard.sh [--delete] [--read] [--files] PATH`, as the forced command of that key.
#
# The sender's words are matched whole, and what is run is put together anew: no word of theirs reaches a shell.
# What btrbk asks of a target is answered: reading the mounts, looking at subvolumes, receiving into PATH, and with
# --delete removing what lies directly in PATH. With --read also what a restore asks: sending back what lies directly in PATH,
# and what is recorded in it. With --files copies are encrypted files in place of subvolumes (btrbk's `raw` targets): they are
# described, written once, looked at, and with --delete and --read removed and read; and nothing else is answered.
set -euf -o pipefail
export LC_ALL=C

# What root does beyond the rules of sudo: root.sh.
root_script=@root@

delete=
if [[ $1 == --delete ]]; then
  delete=1
  shift
fi
read=
if [[ $1 == --read ]]; then
  read=1
  shift
fi
files=
if [[ $1 == --files ]]; then
  files=1
  shift
fi
own=$1
asked=${SSH_ORIGINAL_COMMAND-}

refuse() {
  printf 'ERROR: podman-btrfs receiver: refused, %s: %q\n' "$1" "$asked" >&2
  exit 255
}

# A name directly in PATH, as btrbk writes it. The first character is no dot, so it is neither `.` nor `..`.
name="[A-Za-z0-9_@+:][A-Za-z0-9._@+:-]*"
# One path, quoted or (btrbk before 0.32) plain.
path="'?(/[A-Za-z0-9._@+:/-]*)'?"
root='(sudo -n |doas -n )?'
unpack='((gzip|pigz|bzip2|pbzip2|xz|lzop|lz4|zstd) -d -c( -[pT][0-9]+)? \| )?'

# PATH, what is directly in it, or what it lies in: btrbk looks for the mount point. A link leads nowhere.
visible() {
  [[ $1 == "$own" || $1 == / || $own/ == "${1%/}"/* ]] || directly "$1" || refuse 'another place'
}
directly() {
  [[ $1 == "$own"/* && ${1#"$own"/} =~ ^$name$ && ! -L $1 ]]
}

as_root() {
  exec sudo -n "$root_script" "$own" "$@"
}

# The stream is the sender's too. Root notes on the disk that it is being received, for as long as not all of it is there.
receive() {
  local program=$1
  if [[ -n $program ]]; then
    "$program" -d -c | as_root receive now
  else
    as_root receive now
  fi
}

# Whoever knows a subvolume's UUID has `btrfs receive` make a copy of it, wherever it lies: of what is not directly in PATH none is told.
# What is left of it tells it from all others, as btrbk needs it, and the rest is as hard to guess as before.
without_uuids() {
  local digit='[0-9a-f]'
  sed -E "$1 s/$digit{8}-$digit{4}-$digit{4}-$digit{4}-($digit{12})/00000000-0000-4000-8000-\\1/g"
}
list() {
  local mount root place
  mount=$(findmnt --first-only -no TARGET --target "$own")
  root=$(findmnt --first-only -no FSROOT --target "$own")
  place=${root%/}${own#"${mount%/}"}
  # Letter by letter itself, and nothing that a pattern reads as more.
  place=$(sed 's/[^A-Za-z0-9_@/-]/[&]/g' <<<"${place#/}")
  sudo -n btrfs subvolume list "$@" | without_uuids "\\#path (<FS_TREE>/)?${place:+$place/}[^/]*\$#!"
}
show() {
  if directly "${*: -1}"; then
    exec sudo -n btrfs subvolume show "$@"
  fi
  sudo -n btrfs subvolume show "$@" | without_uuids ''
}

# What is asked of a target that holds files, by btrbk 0.32 (`btrfs_send_to_file`, `system_read_raw_info_dir`) and by
# podman-btrfs. The writing is root's, and root looks again: what is there stays as it is.
stream="$name\\.btrfs(\\.[a-z0-9]+)*"
file="'?(/[A-Za-z0-9._@+:/-]*)'?"
of_btrbk='-exec echo INFO_FILE=\{\} \; -exec cat \{\} \;'
of_ours="-exec echo 'INFO_FILE={}' ';' -exec cat '{}' ';'"

# The name of a file directly in PATH.
named() {
  [[ $1 == "$own"/* && ${1#"$own"/} =~ ^$stream$ ]] || refuse 'another place'
  printf '%s' "${1#"$own"/}"
}

answer_for_files() {
  local found
  if [[ $asked == 'cat /proc/self/mountinfo' ]]; then
    exec cat /proc/self/mountinfo
  elif [[ $asked =~ ^readlink\ -e\ $path$ && ${BASH_REMATCH[1]} == "$own" ]]; then
    exec readlink -e -- "$own"
  elif [[ $asked =~ ^${root}btrfs\ filesystem\ usage\ -b\ $path$ && ${BASH_REMATCH[2]} == "$own" ]]; then
    exec sudo -n btrfs filesystem usage -b "$own"
  elif [[ $asked == "find '$own' -maxdepth 1 -type f ! -size 0 -name \\*.btrfs.\\*info $of_btrbk" ||
    $asked == "find $own -maxdepth 1 -type f '!' -size 0 -name '*.btrfs.*info' $of_ours" ]]; then
    as_root describe-all now
  elif [[ $asked == "find $own -maxdepth 1 -type f -name '*.btrfs*' -printf '%s %f\\n'" ]]; then
    exec find "$own" -maxdepth 1 -type f -name '*.btrfs*' -printf '%s %f\n'
  elif [[ $asked =~ ^cat\ \>\ $file$ && ${BASH_REMATCH[1]} == *.info ]]; then
    found=$(named "${BASH_REMATCH[1]%.info}") || exit
    as_root describe "$found"
  elif [[ $asked =~ ^dd\ status=none\ bs=[0-9]+[kKmM]?\ of=$file$ ]]; then
    found=$(named "${BASH_REMATCH[1]}") || exit
    as_root write "$found"
  elif [[ $asked =~ ^test\ -s\ $file$ ]]; then
    found=$(named "${BASH_REMATCH[1]}") || exit
    exec test -s "$own/$found"
  elif [[ $asked =~ ^cat\ \>\>\ $file$ && ${BASH_REMATCH[1]} == *.info ]]; then
    found=$(named "${BASH_REMATCH[1]%.info}") || exit
    as_root complete "$found"
  elif [[ -n $read && $asked =~ ^cat\ $file$ ]]; then
    found=$(named "${BASH_REMATCH[1]}") || exit
    as_root read "$found"
  elif [[ -n $delete && $asked =~ ^rm\ -f\ $file\ ${file}\.info$ && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]; then
    found=$(named "${BASH_REMATCH[1]}") || exit
    as_root remove "$found"
  else
    refuse 'not among what a target of files answers'
  fi
}

if [[ -n $files ]]; then
  answer_for_files

elif [[ $asked == 'cat /proc/self/mountinfo' ]]; then
  exec cat /proc/self/mountinfo

elif [[ $asked =~ ^${root}readlink\ (-v\ )?-e\ $path$ ]]; then
  found=${BASH_REMATCH[3]}
  visible "$found"
  exec readlink -e -- "$found"

elif [[ $asked =~ ^${root}btrfs\ subvolume\ (show|list)((\ -[acpuqRr]|\ --rootid=5)*)\ $path$ ]]; then
  verb=${BASH_REMATCH[2]} options=${BASH_REMATCH[3]} found=${BASH_REMATCH[5]}
  visible "$found"
  # Who sends lists first. What was broken off is none of what is looked for.
  [[ $verb == show ]] || sudo -n "$root_script" "$own" clear now
  # Options are of one letter each, so splitting at blanks is exact.
  # shellcheck disable=SC2086
  "$verb" $options "$found"

elif [[ $asked =~ ^${root}btrfs\ filesystem\ usage(\ -b)?\ $path$ ]]; then
  found=${BASH_REMATCH[3]}
  visible "$found"
  exec sudo -n btrfs filesystem usage -b "$found"

elif [[ $asked =~ ^${unpack}${root}btrfs\ receive\ $path$ ]]; then
  program=${BASH_REMATCH[2]} found=${BASH_REMATCH[5]}
  [[ ${found%/} == "$own" ]] || refuse 'another place'
  receive "$program"

elif [[ -n $read && $asked =~ ^${root}btrfs\ send(\ -q)?(\ --no-data)?(\ -p\ $path)?\ $path$ ]]; then
  options=${BASH_REMATCH[3]} parent=${BASH_REMATCH[5]} found=${BASH_REMATCH[6]}
  directly "$found" || refuse 'another place'
  [[ -z $parent ]] || directly "$parent" || refuse 'another place'
  as_root send ${options:+--no-data} "${found##*/}" ${parent:+"${parent##*/}"}

elif [[ -n $read && $asked =~ ^${root}getfattr\ --absolute-names\ --no-dereference\ --encoding=hex\ --dump\ \'--match=\^trusted\.podman-btrfs\.snapshot\$\'((\ $path)+)$ ]]; then
  # The pattern left no blank inside of a path.
  read -r -a places <<<"${BASH_REMATCH[2]//\'/}"
  names=()
  for place in "${places[@]}"; do
    directly "$place" || refuse 'another place'
    names+=("${place##*/}")
  done
  as_root records "${names[@]}"

elif [[ -n $delete && $asked =~ ^${root}btrfs\ subvolume\ delete(\ --commit-after|\ --commit-each|\ -c|\ -C)?((\ $path)+)$ ]]; then
  # The pattern left no blank inside of a path.
  read -r -a victims <<<"${BASH_REMATCH[3]//\'/}"
  for victim in "${victims[@]}"; do
    directly "$victim" || refuse 'another place'
  done
  for victim in "${victims[@]}"; do
    sudo -n btrfs subvolume delete --commit-after "$victim"
  done

else
  refuse 'not among what a target answers'
fi
