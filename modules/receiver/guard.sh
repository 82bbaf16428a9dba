#!/usr/bin/env bash
# What a sender's key may do here, and nothing else: `guard.sh [--delete] [--read] PATH`, as the forced command of that key.
#
# The sender's words are matched whole, and what is run is put together anew: no word of theirs reaches a shell.
# What btrbk asks of a target is answered: reading the mounts, looking at subvolumes, receiving into PATH, and with
# --delete removing what lies directly in PATH. With --read also what a restore asks: sending back what lies directly in PATH,
# and what is recorded in it.
set -euf
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

# The stream is the sender's too: what it names is looked up below PATH only. One that breaks off leaves half a copy of its
# name, which btrbk would neither send again nor may remove where copies are only added: root takes it away again.
receive() {
  local program=$1 since=$EPOCHSECONDS code=0 said
  # Who broke off reads no more.
  trap '' PIPE
  set -o pipefail
  if [[ -n $program ]]; then
    said=$("$program" -d -c | sudo -n btrfs receive -C "$own" 2>&1) || code=$?
  else
    said=$(sudo -n btrfs receive -C "$own" 2>&1) || code=$?
  fi
  if ((code)) && [[ $said =~ (^|$'\n')At\ (subvol|snapshot)\ ($name)($|$'\n') ]]; then
    sudo -n "$root_script" "$own" unfinished "${BASH_REMATCH[3]}" "$since" || true
  fi
  printf '%s\n' "$said" >&2 || true
  exit "$code"
}

if [[ $asked == 'cat /proc/self/mountinfo' ]]; then
  exec cat /proc/self/mountinfo

elif [[ $asked =~ ^${root}readlink\ (-v\ )?-e\ $path$ ]]; then
  found=${BASH_REMATCH[3]}
  visible "$found"
  exec readlink -e -- "$found"

elif [[ $asked =~ ^${root}btrfs\ subvolume\ (show|list)((\ -[acpuqRr]|\ --rootid=5)*)\ $path$ ]]; then
  verb=${BASH_REMATCH[2]} options=${BASH_REMATCH[3]} found=${BASH_REMATCH[5]}
  visible "$found"
  # Options are of one letter each, so splitting at blanks is exact.
  # shellcheck disable=SC2086
  exec sudo -n btrfs subvolume "$verb" $options "$found"

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
  exec sudo -n "$root_script" "$own" send ${options:+--no-data} "${found##*/}" ${parent:+"${parent##*/}"}

elif [[ -n $read && $asked =~ ^${root}getfattr\ --absolute-names\ --no-dereference\ --encoding=hex\ --dump\ \'--match=\^trusted\.podman-btrfs\.snapshot\$\'((\ $path)+)$ ]]; then
  # The pattern left no blank inside of a path.
  read -r -a places <<<"${BASH_REMATCH[2]//\'/}"
  names=()
  for place in "${places[@]}"; do
    directly "$place" || refuse 'another place'
    names+=("${place##*/}")
  done
  exec sudo -n "$root_script" "$own" records "${names[@]}"

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
