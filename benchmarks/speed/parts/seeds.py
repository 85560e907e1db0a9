"""What five seeds cost beside one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from speed.bench import Bench
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, cases, of, ratio

ONE, FIVE = "one seed", "five seeds"


def measure(bench: Bench) -> list[Record]:
    """An epoch of the baseline at each width, everything measured that regulab measures."""
    records = []
    for units in bench.sizes.seeds_units:
        chosen = {
            name: bench.worker(f"{units}-{seeds}", "regulab_epochs", data=bench.data, units=units, seeds=seeds)
            for name, seeds in ((ONE, 1), (FIVE, 5))
        }
        records += interleave(f"{units} units", chosen, rounds=bench.sizes.epoch_rounds, warm=1)
    return records


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Five seeds as a multiple of one."""
    lines = ["| one epoch, one seed = 1 | five seeds |", "|---|---|"]
    for case in cases(records):
        cost = ratio(of(records, case, FIVE, "whole"), of(records, case, ONE, "whole"))
        lines.append(f"| {case} | {cost.text('×')} |")
    return "\n".join(lines)


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
