"""The course as whole processes: time, and the most memory held."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from speed.bench import Bench
from speed.processes import Whole, interleave
from speed.reaches import Reach
from speed.results import Record, of, ratio, spread

CASE = "course"
STOCK = "stock Keras"


def measure(bench: Bench) -> list[Record]:
    """Five models: regulab's command, and the script in stock Keras."""
    models = "baseline,smaller,bigger,l2,dropout"
    contenders = {
        "regulab": command(bench, "course", variants="smaller,bigger,l2,dropout", seeds=1),
        STOCK: bench.whole("stock-course", "stock_course", data=bench.data, models=models, epochs=bench.sizes.epochs),
    }
    return interleave(CASE, contenders, rounds=bench.sizes.course_rounds)


def command(bench: Bench, name: str, *, variants: str, seeds: int, units: int | None = None) -> Whole:
    """`regulab run` as a user types it; on generated reviews it reads the same file as stock Keras.

    With `units`, the network has another width than the course's.
    """
    source = "imdb" if bench.source == "imdb" else str(bench.data)
    folder = bench.work_file(f"run-{name}")
    options = {
        "--validation": "test",
        "--variants": variants,
        "--seeds": str(seeds),
        "--epochs": str(bench.sizes.epochs),
        "--batch-size": "512",
        "--out": str(folder),
    }
    environment = bench.environment
    if units is not None:
        options["--model"] = "speed.contenders.course_model:of_another_width"
        environment |= {"SPEED_WORDS": str(bench.sizes.words), "SPEED_UNITS": str(units)}
    words = [word for pair in options.items() for word in pair]
    return Whole(
        [sys.executable, bench.regulab, "run", source, *words],
        log=bench.work_file(f"regulab-{name}.log"),
        environment=environment,
        fresh=folder,
    )


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Time and memory of both."""
    stock, own = of(records, CASE, STOCK), of(records, CASE, "regulab")
    peaks = {name: spread(of(records, CASE, name, "peak_mb")) for name in ("regulab", STOCK)}
    return "\n".join(
        [
            "| the course as a whole process | time | peak memory |",
            "|---|---|---|",
            f"| regulab | 1 | {peaks['regulab'].text(' MB')} |",
            f"| stock Keras | {ratio(stock, own).text('×')} | {peaks[STOCK].text(' MB')} |",
        ]
    )


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Ten times faster, in less than 1.5 GB."""
    gain = ratio(of(records, CASE, STOCK), of(records, CASE, "regulab")).middle
    peak = max(of(records, CASE, "regulab", "peak_mb"))
    return [
        Reach("course, times faster than stock Keras", gain, 10, least=True),
        Reach("course, peak memory in MB", peak, 1500),
    ]
