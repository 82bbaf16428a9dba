"""The generations of a machine, and the word with which a script goes from one to the next."""

from __future__ import annotations

from . import switch
from .generation import Generation, put_in_place
from .machine import Machine


class Switching:
    """A machine that begins with the generation `first`."""

    def __init__(self, machine: Machine, generations: dict[str, Generation]) -> None:
        self._machine = machine
        self._generations = generations
        self._current = generations["first"]
        put_in_place(self._current, None, machine.root)

    def switch_to(self, name: str, fails: bool = False, begin: bool = False) -> str:
        """Switches the running machine to a generation; what the switch said.

        `fails`: it must end with an error. `begin`: it goes on while the script does, for what comes in its middle.
        """
        old, new = self._current, self._generations[name]
        self._current = new
        with self._machine.nested(f"switching to {name}"):
            if begin:
                switch.begin(old, new, self._machine.root, self._machine.execute)
                return ""
            well, said = switch.switch(old, new, self._machine.root, self._machine.execute)
            self._machine.log(said)
            if well is fails:
                raise AssertionError(f"the switch to {name} {'succeeded' if well else 'failed'}: {said}")
        return said
