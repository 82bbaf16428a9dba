# Puts the root subvolume aside and begins a new one, in the initial ram disk, before it is mounted.
#
# From the environment: DEVICE, ROOT (the subvolume, without a slash), KEEP (how many old roots), PLACE (to mount at).
# Cut off between any two commands, the next boot goes on: there is a root, or the next one waits to become it. Nothing
# is deleted but old roots, oldest first, and of those none that holds a subvolume with something in it.
set -eu

old="$PLACE/@old-roots"
next="$PLACE/@next-root"
root="$PLACE/$ROOT"

mkdir -p "$PLACE"
mount -t btrfs -o subvolid=5 "$DEVICE" "$PLACE"
trap 'umount "$PLACE"' EXIT
mkdir -p "$old"

# Numbers, because a clock may be wrong: of each old root, the first word of its name.
newest=0
for one in "$old"/*; do
  number=${one##*/}
  number=${number%%-*}
  case $number in
    '' | *[!0-9]*) continue ;;
  esac
  if [ "$number" -gt "$newest" ]; then newest=$number; fi
done

# Left by a boot that was cut off, it is as good as a new one: nothing was ever mounted from it.
if [ ! -e "$next" ]; then btrfs subvolume create "$next"; fi
if [ -e "$root" ]; then
  newest=$((newest + 1))
  mv "$root" "$old/$newest-$(date -u +%Y-%m-%dT%H:%M:%SZ)"
fi
mv "$next" "$root"
# What follows may fail: the new root is there.
sync

# Of what systemd makes subvolumes of in every root, what may be emptied and what must be empty to go.
forget() {
  for inner in tmp var/tmp; do
    if btrfs subvolume show "$1/$inner" >/dev/null 2>&1; then btrfs subvolume delete "$1/$inner" || true; fi
  done
  for inner in var/lib/machines var/lib/portables srv; do
    if btrfs subvolume show "$1/$inner" >/dev/null 2>&1; then rmdir "$1/$inner" 2>/dev/null || true; fi
  done
  btrfs subvolume delete "$1" || echo "podman-btrfs: ${1##*/} stays: it cannot be deleted, or holds subvolumes that are not empty" >&2
}

for one in "$old"/*; do
  number=${one##*/}
  number=${number%%-*}
  case $number in
    '' | *[!0-9]*) continue ;;
  esac
  if [ "$number" -le $((newest - KEEP)) ]; then forget "$one"; fi
done
