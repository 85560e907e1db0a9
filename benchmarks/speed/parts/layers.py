"""Convolutional and recurrent models, which are trained by Keras's own steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from speed.bench import Bench
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, cases, of, ratio

KINDS = ("convolutional", "recurrent")
FIT = "fit"


def measure(bench: Bench) -> list[Record]:
    """A study of three variants, and the same members fitted one after the other."""
    records = []
    given = {"epochs": bench.sizes.layers_epochs, "seeds": bench.sizes.layers_seeds}
    for kind in KINDS:
        chosen = {by: bench.whole(f"{kind}-{by}", "layers", by=by, kind=kind, **given) for by in ("regulab", FIT)}
        records += interleave(kind, chosen, rounds=bench.sizes.layers_rounds)
    return records


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """The time of `fit` as a multiple of regulab's, from building the models to the end of training."""
    members = 3 * about["sizes"]["layers_seeds"]
    lines = [f"| {members} members on digits | regulab | `fit`, one after the other |", "|---|---|---|"]
    for kind in cases(records):
        lines.append(f"| {kind} | 1 | {gain(records, kind).text('×')} |")
    return "\n".join(lines)


def gain(records: Sequence[Record], kind: str) -> Any:
    """How many times faster regulab is."""
    return ratio(of(records, kind, FIT, "training_s"), of(records, kind, "regulab", "training_s"))


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Nothing lost."""
    return [
        Reach(f"{kind}, times faster than fit", gain(records, kind).middle, 1, least=True) for kind in cases(records)
    ]
