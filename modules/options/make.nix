# How the options of this module are made: what is null was not said, and the helper decides it.
{lib}: let
  inherit (lib) types;
in {
  # Lists that come from the helper's own types; `cargo xtask generate` writes the file.
  generated = lib.importJSON ../generated.json;

  # An attribute set whose names the user chooses; the placeholder stands for the name in the documentation.
  namedBy = placeholder: elemType:
    if types ? attrsWith
    then types.attrsWith {inherit elemType placeholder;}
    else types.attrsOf elemType;

  # Text of one form: the helper checks it, and whoever writes a number instead is told the form.
  text = form: types.str // {description = "text, ${form}";};

  mkUnsaid = type: more: lib.mkOption ({default = null;} // more // {type = types.nullOr type;});
}
