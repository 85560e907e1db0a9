"""What the lab asks the learner's kernel: Python expressions as text, each of which gives JSON text there.

The server hands these texts to the panel, and the panel to the kernel. The kernel's modules are only named here, never
imported: the process that judges loads nothing of what runs beside the learner's code.
"""

from __future__ import annotations

from collections.abc import Iterable

_CALL = "__import__('regulab.lab.kernel.{module}', fromlist=['read']).read(globals(), {argument})"

#: Asks for facts about trainings. The panel puts a JSON list in the place of `{known}`: the names of ended trainings
#: that it needs no facts of.
TRAININGS = _CALL.format(module="facts_training", argument="{known}")


def facts_probes(names: Iterable[str]) -> dict[str, str]:
    """Expressions that ask for facts about variables, by the variable's name.

    Example:
        >>> print(facts_probes(["model"])["model"])
        __import__('regulab.lab.kernel.facts', fromlist=['read']).read(globals(), 'model')
    """
    return {name: _CALL.format(module="facts", argument=repr(name)) for name in names}
