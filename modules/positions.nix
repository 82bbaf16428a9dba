# Where in the user's files an option was set: file, line and column.
#
# Positions stay on this side. In the declaration they would change with every edit of the flake, and each edit would
# plan again.
{
  config,
  lib,
  options,
}: let
  roots = options.services.podmanBtrfs;

  # Names made by genAttrs and the like stand in nixpkgs' lib, which tells the user nothing.
  # A library that somebody put together may not know where its own functions stand.
  inLibrary = builtins.unsafeGetAttrPos "mkOption" lib;
  isUsers = position:
    position != null && (inLibrary == null || !lib.hasPrefix "${dirOf inLibrary.file}/" position.file);
  ours = "${toString ./.}/";

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

  # Each step along the path that has a position, with its depth. Of several definitions the one counts that gave the
  # value in effect; `merged` is what the module system made of all of them.
  steps = {
    depth,
    path,
    merged,
    around ? null,
  }: value:
    lib.concatMap (content:
      if path == []
      then lib.optional (around != null && !builtins.isAttrs content && content == merged) (mark depth around)
      else inside {inherit depth path merged around content;})
    (contents value);

  inside = {
    depth,
    path,
    merged,
    around,
    content,
  }: let
    step = builtins.head path;
    position = builtins.unsafeGetAttrPos step content;
    known =
      if isUsers position
      then position
      else null;
  in
    if builtins.isInt step
    then
      lib.optional
      (around != null && builtins.isList content && builtins.elem (builtins.elemAt merged step) content)
      (mark depth around)
    else if !(builtins.isAttrs content && content ? ${step})
    then []
    else
      lib.optional (known != null) (mark depth known)
      ++ steps {
        depth = depth + 1;
        path = builtins.tail path;
        merged = merged.${step} or null;
        around = known;
      }
      content.${step};

  mark = depth: position: {inherit depth position;};

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

  # The place of a path below any option, whose value is `merged`, or of the nearest thing around it that has one.
  # Null: nothing is known, as for what is not set at all.
  positionIn = option: merged: path: let
    # Defaults of this module are no place of the user's.
    definitions = lib.filter (definition: !lib.hasPrefix ours (toString definition.file)) (option.definitionsWithLocations or []);
    found = deepest (lib.concatMap (definition:
      steps {
        depth = 1;
        inherit path merged;
      }
      definition.value)
    definitions);
  in
    if found != null
    then "${relative found.position.file}:${toString found.position.line}:${toString found.position.column}"
    else if definitions != []
    then relative (builtins.head definitions).file
    else null;
in {
  inherit positionIn relative;

  # What a message is about, with its place where there is one.
  placed = text: position: text + lib.optionalString (position != null) " (${position})";

  # The place of an option path relative to services.podmanBtrfs.
  positionOf = path:
    if path == []
    then positionIn (roots.enable or {}) config.services.podmanBtrfs.enable []
    else
      positionIn (roots.${builtins.head path} or {})
      config.services.podmanBtrfs.${builtins.head path} (lib.drop 1 path);
}
