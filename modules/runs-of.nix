# The runs of btrbk that a job is cut into: its own name, `..2` behind it, and so on.
{
  lib,
  cfg,
}: job:
lib.filter (run: run == job || lib.hasPrefix "${job}.." run)
(lib.attrNames (cfg.bundle.nixos.services.btrbk.instances or {}))
