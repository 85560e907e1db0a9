"""What five seeds cost beside one: as a user waits for them, and in an epoch beside the machine's limits."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from speed.bench import Bench
from speed.floor import LIMITS, floors, limits, worker
from speed.parts.course import command
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, Spread, cases, of, plain, ratio, spread

ONE, FIVE = "one seed", "five seeds"
SEEDS = {ONE: 1, FIVE: 5}
#: What is measured at each width: an epoch, and what a user waits for.
EPOCH, PROCESS = "one epoch", "as a whole process"


def measure(bench: Bench) -> list[Record]:
    """The baseline at each width: an epoch with everything that regulab measures, and the command."""
    records, sizes = [], bench.sizes
    for units in sizes.seeds_units:
        chosen = {
            name: bench.worker(f"{units}-{seeds}", "regulab_epochs", data=bench.data, units=units, seeds=seeds)
            for name, seeds in SEEDS.items()
        }
        chosen[LIMITS] = worker(bench)
        records += interleave(case(units, EPOCH), chosen, rounds=sizes.epoch_rounds, warm=1)
        commands = {
            name: command(bench, f"{units}-units-{name.replace(' ', '-')}", variants="none", seeds=seeds, units=units)
            for name, seeds in SEEDS.items()
        }
        records += interleave(case(units, PROCESS), commands, rounds=sizes.course_rounds)
    return records


def case(units: int, what: str) -> str:
    """The name of what is measured."""
    return f"{units} units, {what}"


def costs(records: Sequence[Record], what: str) -> dict[str, Spread]:
    """Five seeds as a multiple of one, by case."""
    key = "whole" if what == EPOCH else "seconds"
    return {
        name: ratio(of(records, name, FIVE, key), of(records, name, ONE, key))
        for name in cases(records)
        if name.endswith(what)
    }


def shares(records: Sequence[Record], about: dict[str, Any]) -> dict[str, float]:
    """The floor of an epoch of five seeds as a multiple of what one seed takes."""
    # Beside training and validation, the training loss is measured once more after the epoch.
    least = floors(records, about, list(costs(records, EPOCH)), seeds=5, further_passes=1)
    return {name: seconds / median(of(records, name, ONE, "whole")) for name, seconds in least.items()}


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Five seeds as a multiple of one seed, in an epoch beside the floor, and as a whole process."""
    lines = [
        "| five seeds, one seed = 1 | as a whole process | one seed, seconds | one epoch | floor of one epoch |",
        "|---|---|---|---|---|",
    ]
    epochs, processes, least = costs(records, EPOCH), costs(records, PROCESS), shares(records, about)
    for (epoch, cost), (process, whole) in zip(epochs.items(), processes.items(), strict=True):
        seconds = spread(of(records, process, ONE)).text()
        floor = plain(least[epoch], digits=2)
        lines.append(f"| {epoch.partition(',')[0]} | {whole.text('×')} | {seconds} | {cost.text('×')} | {floor}× |")
    return "\n".join([*lines, "", limits(records, list(epochs))])


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Twice the time at most."""
    return [
        Reach(f"{name}, five seeds over one", cost.middle, 2)
        for what in (PROCESS, EPOCH)
        for name, cost in costs(records, what).items()
    ]
