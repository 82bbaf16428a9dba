# `nix fmt`
{pkgs}:
pkgs.treefmt.withConfig {
  runtimeInputs = [pkgs.alejandra pkgs.rustfmt];
  settings = {
    on-unmatched = "info";
    formatter.alejandra = {
      command = "alejandra";
      options = ["--quiet"];
      includes = ["*.nix"];
      # The helper's own output, byte for byte.
      excludes = ["tests/scenarios/*/disko.nix"];
    };
    formatter.rustfmt = {
      command = "rustfmt";
      options = ["--edition" "2024" "--config-path" "rust"];
      includes = ["*.rs"];
    };
  };
}
