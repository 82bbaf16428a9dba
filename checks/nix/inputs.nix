# nixpkgs' lib and disko: from NIX_PATH, else as nix/dev/flake.lock has them. A whole nixpkgs: from NIX_PATH only.
# A locked input whose content is in the store already is taken from there without the network.
let
  lock = builtins.fromJSON (builtins.readFile ../../nix/dev/flake.lock);

  locked = name: let
    inherit (lock.nodes.${name}) locked;
  in
    builtins.fetchTarball {
      url = "https://github.com/${locked.owner}/${locked.repo}/archive/${locked.rev}.tar.gz";
      sha256 = locked.narHash;
    };

  # Looking up what is not in NIX_PATH is an error that can be caught.
  onNixPath = name: let
    looked = builtins.tryEval (builtins.findFile builtins.nixPath name);
  in
    if looked.success
    then looked.value
    else null;

  firstOf = choices: fallback: let
    found = builtins.filter (choice: choice != null) choices;
  in
    if found == []
    then fallback
    else builtins.head found;

  # A nixpkgs may be older than what the checks are written in; whole systems are evaluated of it all the same.
  ifNew = path:
    if path != null && !(import ./is-old-lib.nix (import path))
    then path
    else null;
in {
  lib = import (firstOf [(onNixPath "nixpkgs-lib/lib") (ifNew (onNixPath "nixpkgs/lib"))] "${locked "nixpkgs-lib"}/lib");
  disko = firstOf [(onNixPath "disko")] (locked "disko");
  nixpkgs = onNixPath "nixpkgs";
}
