"""The four small models with five seeds each, beside stock Keras one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from speed.bench import Bench
from speed.floor import LIMITS, Limits, limits, reviews, worker
from speed.parts.course import STOCK, command
from speed.processes import interleave
from speed.reaches import Reach
from speed.results import Record, of, plain, ratio

CASE = "four small models, five seeds"
MODELS = ("baseline", "smaller", "l2", "dropout")
SEEDS = 5
EPOCH = "regulab, one epoch"


def measure(bench: Bench) -> list[Record]:
    """Regulab in full; stock Keras with one seed for a few epochs, from which its whole time follows."""
    variants = "smaller,l2,dropout"
    epochs = bench.sizes.stock_epochs
    contenders = {
        "regulab": command(bench, "five-seeds", variants=variants, seeds=SEEDS),
        EPOCH: bench.worker("five-seeds", "regulab_epochs", data=bench.data, variants=variants, seeds=SEEDS, warm=1),
        LIMITS: worker(bench),
        STOCK: bench.whole("stock-four", "stock_course", data=bench.data, models=",".join(MODELS), epochs=epochs),
    }
    records = interleave(CASE, contenders, rounds=bench.sizes.five_rounds)
    for record in records:
        if record["contender"] == STOCK:
            record["values"] |= scaled(record["values"], epochs=bench.sizes.epochs)
    return records


def scaled(values: dict[str, float], *, epochs: int) -> dict[str, float]:
    """What stock Keras would take for all seeds and epochs: loading once, then each model's own costs.

    Example:
        >>> measured = {f"{name}_{part}": 1.0 for name in MODELS for part in ("once_s", "later_s")}
        >>> scaled({"loading_s": 2.0, **measured}, epochs=20)
        {'scaled_s': 402.0, 'epoch_s': 20.0}
    """
    models = sum(values[f"{name}_once_s"] + (epochs - 1) * values[f"{name}_later_s"] for name in MODELS)
    epoch = SEEDS * sum(values[f"{name}_later_s"] for name in MODELS)
    return {"scaled_s": values["loading_s"] + SEEDS * models, "epoch_s": epoch}


def gains(records: Sequence[Record]) -> dict[str, Any]:
    """How many times faster regulab is: as a whole process, and in an epoch."""
    return {
        "as a whole process": ratio(of(records, CASE, STOCK, "scaled_s"), of(records, CASE, "regulab")),
        "one epoch, training and validation": ratio(of(records, CASE, STOCK, "epoch_s"), of(records, CASE, EPOCH)),
        "one epoch, with regulab's further measures": ratio(
            of(records, CASE, STOCK, "epoch_s"), of(records, CASE, EPOCH, "whole")
        ),
    }


def share(records: Sequence[Record], about: dict[str, Any]) -> float:
    """The floor of an epoch with the further measures, as a share of what it takes.

    Three models have 16 units and one has 4. All are measured once more after the epoch, and the one with dropout
    once again with it on.
    """
    data = reviews(about)
    floor = Limits.between(records, CASE).floor
    least = floor(16, seeds=2 * SEEDS, further_passes=1, **data) + floor(16, seeds=SEEDS, further_passes=2, **data)
    least += floor(4, seeds=SEEDS, further_passes=1, **data)
    return least / median(of(records, CASE, EPOCH, "whole"))


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """The gains, the floor, and how stock Keras's time was come by."""
    lines = ["| four small models, five seeds | regulab | stock Keras |", "|---|---|---|"]
    lines += [f"| {what} | 1 | {gain.text('×')} |" for what, gain in gains(records).items()]
    lines.append(f"| floor of the last, see below | {plain(share(records, about), digits=2)}× | |")
    note = (
        f"Stock Keras was not run in full: each of the four models was fitted once, with one seed, for "
        f"{about['sizes']['stock_epochs']} epochs. Its time is one loading of the data plus, for each model and seed, "
        f"the fixed cost of a model and {about['sizes']['epochs']} epochs."
    )
    return "\n".join([*lines, "", note, "", limits(records, [CASE])])


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Forty times faster."""
    return [
        Reach(f"five seeds, {what}, times faster", gain.middle, 40, least=True) for what, gain in gains(records).items()
    ]
