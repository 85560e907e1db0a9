"""One model of the course, epoch by epoch, beside scikit-learn, PyTorch and Keras."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from speed.bench import Bench
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, cases, contenders, of, plain, ratio, spread

ORDER = ("regulab", "PyTorch", "PyTorch, one thread", "scikit-learn", "stock Keras", "Keras, sparse input")
BEST_PEERS = ("PyTorch", "PyTorch, one thread", "scikit-learn")
LIMITS = "limits of the machine"


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
        chosen[LIMITS] = bench.worker("roofline", "roofline")
        records += interleave(f"{units} units", chosen, rounds=bench.sizes.epoch_rounds, warm=1)
    return records


def floor(units: int, *, rows: int, words: int, copy_gb_s: float, sgemm_gflops: float, batch: int = 512) -> float:
    """Seconds below which an epoch with Adam cannot come on the machine, summing the first layer's rows aside.

    Adam reads and writes the first kernel and its two moments in every step, six times the kernel's bytes;
    where that fits into a cache the bound does not hold, but is too small to matter. The second layer's matrix
    is multiplied three times in training and once in validation.
    """
    steps = -(-rows // batch)
    moved = steps * 6 * 4 * words * units
    multiplied = 2 * units * units * rows * (3 + 1)
    return moved / (copy_gb_s * 1e9) + multiplied / (sgemm_gflops * 1e9)


def floors(records: Sequence[Record], about: dict[str, Any]) -> dict[str, float]:
    """The floor of each case by the limits measured between its turns."""
    found = {}
    for case in cases(records):
        copy, multiply = (median(of(records, case, LIMITS, key)) for key in ("copy_gb_s", "sgemm_gflops"))
        size = {"rows": about["data"]["rows"], "words": about["data"]["words"]}
        found[case] = floor(int(case.split()[0]), copy_gb_s=copy, sgemm_gflops=multiply, **size)
    return found


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Each contender's epoch as a multiple of regulab's, and the floor."""
    names = [name for name in ORDER if name in contenders(records, cases(records)[0])]
    shown = [*names[1:], "regulab with its further measures", "floor", "regulab, seconds"]
    lines = [f"| one epoch, regulab = 1 | {' | '.join(shown)} |", "|---" * (len(shown) + 1) + "|"]
    for case in cases(records):
        own = of(records, case, "regulab")
        cells = [ratio(of(records, case, name), own).text("×") for name in names[1:]]
        cells.append(ratio(of(records, case, "regulab", "whole"), own).text("×"))
        share = floors(records, about)[case] / median(own)
        cells.append("below 0.01×" if share < 0.01 else f"{plain(share, digits=2)}×")
        cells.append(spread(own).text())
        lines.append(f"| {case} | {' | '.join(cells)} |")
    copy, multiply = (
        spread([value for case in cases(records) for value in of(records, case, LIMITS, key)])
        for key in ("copy_gb_s", "sgemm_gflops")
    )
    limits = (
        f"Measured between the turns: memory copied at {copy.text(' GB/s')}, bytes read and written counted, and "
        f"float32 matrices multiplied at {multiply.text(' GFLOP/s')}."
    )
    return "\n".join([*lines, "", limits, "", losses(records, names)])


def losses(records: Sequence[Record], names: Sequence[str]) -> str:
    """What all of them have learned by the last turn: the check that they do the same work."""
    found = []
    for case in cases(records):
        last = ", ".join(f"{name} {of(records, case, name, 'val_loss')[-1]:.3f}" for name in names)
        found.append(f"{case}: {last}")
    # One epoch before the first round warms up.
    epochs = 2 + max(record["round"] for record in records)
    return f"Validation cross-entropy of each after {epochs} epochs, one seed. {'; '.join(found)}."


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Not slower than the better peer, and twice as fast for 4 and 16 units."""
    found = []
    for case in cases(records):
        own = of(records, case, "regulab")
        gains = [ratio(of(records, case, peer), own).middle for peer in BEST_PEERS if peer in contenders(records, case)]
        if gains:
            wanted = 2 if int(case.split()[0]) <= 16 else 1
            found.append(Reach(f"{case}, times faster than the better peer", min(gains), wanted, least=True))
    return found
