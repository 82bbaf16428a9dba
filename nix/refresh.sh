# Writes the committed plans of the hosts of the flake in this folder anew: `refresh [HOST]…`; none named: all that have
# a `planFile`. What is current is left as it is.
set -euo pipefail

nix() {
  command nix --extra-experimental-features 'nix-command flakes' "$@"
}

# Host and file, the file from the flake's own folder.
# shellcheck disable=SC2016
planned=$(nix eval --impure --raw --expr '
  let
    flake = builtins.getFlake (toString ./.);
    root = "${toString flake.outPath}/";
    length = builtins.stringLength root;
    line = name: let
      file = flake.nixosConfigurations.${name}.config.services.podmanBtrfs.planFile or null;
      text = toString file;
    in
      if file == null
      then ""
      else if builtins.substring 0 length text != root
      then throw "the plan of ${name} is at ${text}, which is not in the folder of the flake"
      else "${name}\t${builtins.unsafeDiscardStringContext (builtins.substring length (-1) text)}\n";
  in
    builtins.concatStringsSep "" (map line (builtins.attrNames (flake.nixosConfigurations or {})))
')

refreshed=0
while IFS=$'\t' read -r host file; do
  if [[ -z $host ]]; then continue; fi
  if (($# > 0)) && [[ " $* " != *" $host "* ]]; then continue; fi
  # shellcheck disable=SC2016
  bundle=$(nix build --impure --no-link --print-out-paths --argstr host "$host" --expr '
    {host}: (builtins.getFlake (toString ./.)).nixosConfigurations.${host}.config.system.build.podmanBtrfsBundle
  ')
  refreshed=$((refreshed + 1))
  if cmp --quiet -- "$bundle" "$file"; then
    printf '%s: %s is current\n' "$host" "$file"
  else
    # Whole or not at all.
    install -m 644 -- "$bundle" "$file.new"
    mv -- "$file.new" "$file"
    printf '%s: %s is written; look at what changed, and commit it\n' "$host" "$file"
  fi
done <<<"$planned"

if ((refreshed == 0)); then
  printf 'refresh: no host here%s has a services.podmanBtrfs.planFile\n' "${*:+ of that name}" >&2
  exit 1
fi
