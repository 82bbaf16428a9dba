# Meant for one volume's place, and in effect for every file of the filesystem after the next switch.
{
  imports = [./base.nix];

  fileSystems."/srv/tank".options = ["nodatacow"];
}
