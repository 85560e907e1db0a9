"""One model of the course, epoch by epoch, beside scikit-learn, PyTorch and Keras."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from speed.bench import Bench
from speed.floor import LIMITS, floors, limits, worker
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, cases, contenders, of, plain, ratio, spread

ORDER = ("regulab", "PyTorch", "PyTorch, one thread", "scikit-learn", "stock Keras", "Keras, sparse input")
BEST_PEERS = ("PyTorch", "PyTorch, one thread", "scikit-learn")


def measure(bench: Bench) -> list[Record]:
    """Training and validation of one model of each width."""
    records = []
    for units in bench.sizes.single_units:
        peers: dict[str, tuple[str, dict[str, Any]]] = {
            "regulab": ("regulab_epochs", {}),
            "PyTorch": ("torch_epochs", {}),
            # On two cores its own threads can cost more than they bring.
            "PyTorch, one thread": ("torch_epochs", {"threads": 1}),
            "scikit-learn": ("sklearn_epochs", {}),
            "stock Keras": ("keras_epochs", {"rows": "dense"}),
            "Keras, sparse input": ("keras_epochs", {"rows": "sparse"}),
        }
        chosen = {
            name: bench.worker(f"{name}, {units}", module, data=bench.data, units=units, **options)
            for name, (module, options) in peers.items()
            if name == "regulab" or name in bench.sizes.peers
        }
        chosen[LIMITS] = worker(bench)
        records += interleave(f"{units} units", chosen, rounds=bench.sizes.epoch_rounds, warm=1)
    return records


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Each contender's epoch as a multiple of regulab's, and the floor."""
    names = [name for name in ORDER if name in contenders(records, cases(records)[0])]
    shown = [*names[1:], "regulab with its further measures", "floor", "regulab, seconds"]
    lines = [f"| one epoch, regulab = 1 | {' | '.join(shown)} |", "|---" * (len(shown) + 1) + "|"]
    for case, least in floors(records, about, cases(records)).items():
        own = of(records, case, "regulab")
        cells = [ratio(of(records, case, name), own).text("×") for name in names[1:]]
        cells.append(ratio(of(records, case, "regulab", "whole"), own).text("×"))
        share = least / median(own)
        cells.append("below 0.01×" if share < 0.01 else f"{plain(share, digits=2)}×")
        cells.append(spread(own).text())
        lines.append(f"| {case} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", limits(records, cases(records)), "", losses(records, names)])


def losses(records: Sequence[Record], names: Sequence[str]) -> str:
    """What all of them have learned by the last turn: the check that they do the same work."""
    rows = []
    for case in cases(records):
        last = ", ".join(f"{name} {of(records, case, name, 'val_loss')[-1]:.3f}" for name in names)
        rows.append(f"{case}: {last}")
    # One epoch before the first round warms up.
    epochs = 2 + max(record["round"] for record in records)
    return f"Validation cross-entropy of each after {epochs} epochs, one seed. {'; '.join(rows)}."


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Not slower than the better peer, and twice as fast for 4 and 16 units."""
    rows = []
    for case in cases(records):
        own = of(records, case, "regulab")
        gains = [ratio(of(records, case, peer), own).middle for peer in BEST_PEERS if peer in contenders(records, case)]
        if gains:
            wanted = 2 if int(case.split()[0]) <= 16 else 1
            rows.append(Reach(f"{case}, times faster than the better peer", min(gains), wanted, least=True))
    return rows
