"""What five seeds cost beside one, and beside what the machine can do at most."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from speed.bench import Bench
from speed.floor import LIMITS, floors, limits, worker
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, cases, of, plain, ratio

ONE, FIVE = "one seed", "five seeds"


def measure(bench: Bench) -> list[Record]:
    """An epoch of the baseline at each width, everything measured that regulab measures."""
    records = []
    for units in bench.sizes.seeds_units:
        chosen = {
            name: bench.worker(f"{units}-{seeds}", "regulab_epochs", data=bench.data, units=units, seeds=seeds)
            for name, seeds in ((ONE, 1), (FIVE, 5))
        }
        chosen[LIMITS] = worker(bench)
        records += interleave(f"{units} units", chosen, rounds=bench.sizes.epoch_rounds, warm=1)
    return records


def shares(records: Sequence[Record], about: dict[str, Any]) -> dict[str, float]:
    """The floor of five seeds as a multiple of what one seed takes."""
    # Beside training and validation, the training loss is measured once more after the epoch.
    least = floors(records, about, cases(records), seeds=5, further_passes=1)
    return {case: seconds / median(of(records, case, ONE, "whole")) for case, seconds in least.items()}


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Five seeds, and their floor, as a multiple of one seed."""
    lines = ["| one epoch, one seed = 1 | five seeds | floor of five seeds |", "|---|---|---|"]
    for case, share in shares(records, about).items():
        cost = ratio(of(records, case, FIVE, "whole"), of(records, case, ONE, "whole"))
        lines.append(f"| {case} | {cost.text('×')} | {plain(share, digits=2)}× |")
    return "\n".join([*lines, "", limits(records, cases(records))])


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Twice the time at most."""
    return [
        Reach(
            f"{case}, five seeds over one",
            ratio(of(records, case, FIVE, "whole"), of(records, case, ONE, "whole")).middle,
            2,
        )
        for case in cases(records)
    ]
