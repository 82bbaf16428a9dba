# The word with which a script goes to another generation of its host, as checks/machine/switching.py has it for Debian.
{lib}: systems: ''
  GENERATIONS = ${builtins.toJSON (lib.mapAttrs (_: toString) systems)}


  def switch_to(name: str, fails: bool = False, begin: bool = False) -> str:
      command = f"{GENERATIONS[name]}/bin/switch-to-configuration test"
      if begin:
          return machine.succeed(f"systemd-run --no-block {command}")
      status, said = machine.execute(f"{command} 2>&1")
      assert (status != 0) == fails, f"the switch to {name} ended with {status}: {said}"
      return said


''
