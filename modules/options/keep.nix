# How many snapshots of each age are kept.
{lib, ...}: let
  inherit (import ./make.nix {inherit lib;}) mkUnsaid;

  mkAge = age: span:
    mkUnsaid lib.types.int {
      example = 12;
      description = "For how many ${span} the first snapshot of each ${age} is kept. Null: for none.";
    };
in {
  options = {
    hourly = mkAge "hour" "hours";
    daily = mkAge "day" "days";
    weekly = mkAge "week" "weeks";
    monthly = mkAge "month" "months";
    yearly = mkAge "year" "years";
  };
}
