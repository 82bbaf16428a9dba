# Neither our types nor disko's are known to a library whose modules have no class: one from before 23.05.
lib: !(builtins.functionArgs lib.evalModules ? class)
