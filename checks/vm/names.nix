# What the machines of a test are called, and the files of their plans.
{lib}: {
  # Names of machines are Python's too. A further generation is a machine of its own, of which only the system is used.
  nodeName = node: generation:
    if generation == "first"
    then node
    else lib.replaceStrings ["-"] ["_"] (lib.optionalString (node != "machine") "${node}_" + "generation_${generation}");

  planName = node: generation: lib.optionalString (node != "machine") "${node}-" + generation;
}
