# Where in the user's files an option was set: file, line and column.
#
# Positions stay on this side. In the declaration they would change with every edit of the flake, and each edit would
# plan again.
{
  lib,
  options,
}: let
  roots = options.services.podmanBtrfs;

  # Names made by genAttrs and the like stand in nixpkgs' lib, which tells the user nothing.
  library = "${dirOf (builtins.unsafeGetAttrPos "mkOption" lib).file}/";
  isUsers = position: position != null && !lib.hasPrefix library position.file;

  # What a definition says, below mkIf, mkMerge, mkForce and mkOrder.
  contents = value:
    if !(builtins.isAttrs value && value ? _type)
    then [value]
    else
      {
        "if" = lib.optionals value.condition (contents value.content);
        merge = lib.concatMap contents value.contents;
        override = contents value.content;
        order = contents value.content;
      }
      .${value._type}
      or [value];

  # Each step along the path that has a position, with its depth.
  steps = depth: value: path:
    if path == []
    then []
    else let
      step = builtins.head path;
      further = inner: steps (depth + 1) inner (builtins.tail path);
      into = content:
        if builtins.isInt step
        then lib.optionals (builtins.isList content && step < builtins.length content) (further (builtins.elemAt content step))
        else if builtins.isAttrs content && content ? ${step}
        then let
          position = builtins.unsafeGetAttrPos step content;
        in
          lib.optional (isUsers position) {inherit depth position;} ++ further content.${step}
        else [];
    in
      lib.concatMap into (contents value);

  deepest = lib.foldl' (best: step:
    if best == null || step.depth > best.depth
    then step
    else best)
  null;

  # Flakes are read from the store, under a name that changes with every edit.
  relative = file: let
    inStore = builtins.match "/nix/store/[^/]+/(.+)" (builtins.unsafeDiscardStringContext (toString file));
  in
    if inStore == null
    then toString file
    else builtins.head inStore;
in {
  inherit relative;

  # The place of an option path relative to services.podmanBtrfs, or of the nearest thing around it that has one.
  # Null: nothing is known, as for what is not set at all.
  positionOf = path: let
    root = roots.${builtins.head path} or {};
    definitions =
      if path != []
      then root.definitionsWithLocations or []
      else lib.concatMap (option: option.definitionsWithLocations or []) [roots.enable];
    found = deepest (lib.concatMap (definition: steps 1 definition.value (lib.drop 1 path)) definitions);
  in
    if found != null
    then "${relative found.position.file}:${toString found.position.line}:${toString found.position.column}"
    else if definitions != []
    then relative (builtins.head definitions).file
    else null;
}
