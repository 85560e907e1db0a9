"""One module a question: `measure` lets the contenders take turns, `table` and `reaches` read the records."""

from types import ModuleType

from speed.parts import course, five_seeds, growth, layers, seeds, single, start

PARTS: dict[str, ModuleType] = {
    "course": course,
    "five-seeds": five_seeds,
    "single": single,
    "seeds": seeds,
    "start": start,
    "growth": growth,
    "layers": layers,
}
