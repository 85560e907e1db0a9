"""How an epoch of the four small models grows with rows and with seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from speed.bench import Bench
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, Spread, contenders, of, ratio

ROWS, SEEDS = "rows", "seeds"
SMALL = "smaller,l2,dropout"


def measure(bench: Bench) -> list[Record]:
    """On generated reviews, which there are as many of as are asked for."""
    sizes = bench.sizes
    by_rows = {
        f"{times}": bench.worker(
            f"rows-{times}", "regulab_epochs", data=bench.reviews(times * sizes.rows), variants=SMALL
        )
        for times in sizes.growth_rows
    }
    by_seeds = {
        f"{seeds}": bench.worker(
            f"seeds-{seeds}", "regulab_epochs", data=bench.reviews(sizes.rows), variants=SMALL, seeds=seeds
        )
        for seeds in sizes.growth_seeds
    }
    return [
        *interleave(ROWS, by_rows, rounds=sizes.growth_rounds, warm=1),
        *interleave(SEEDS, by_seeds, rounds=sizes.growth_rounds, warm=1),
    ]


def growth(records: Sequence[Record], case: str) -> dict[int, Spread]:
    """An epoch's time at each size as a multiple of the smallest."""
    sizes = sorted(int(name) for name in contenders(records, case))
    first = of(records, case, str(sizes[0]), "whole")
    return {size: ratio(of(records, case, str(size), "whole"), first) for size in sizes}


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Both in one table."""
    lines = ["| one epoch of the four small models | time |", "|---|---|"]
    rows = about["sizes"]["rows"]
    for size, cost in growth(records, ROWS).items():
        lines.append(f"| {size * rows:,} reviews to train on and as many to validate on | {cost.text('×')} |")
    for size, cost in growth(records, SEEDS).items():
        lines.append(f"| {size} {'seed' if size == 1 else 'seeds'} | {cost.text('×')} |")
    return "\n".join(lines)


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Linear in rows, within a tenth; less than linear in seeds."""
    rows, seeds = growth(records, ROWS), growth(records, SEEDS)
    most, many = max(rows), max(seeds)
    return [
        Reach(f"{most} times the rows, time over linear", rows[most].middle / (most / min(rows)), 1.1),
        Reach(f"{many} seeds, time over linear", seeds[many].middle / (many / min(seeds)), 1),
    ]
