"""What the machine cannot go below: seconds of an epoch by the limits that `contenders.roofline` measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from speed.bench import Bench
from speed.processes import Worker
from speed.results import Record, of, spread

#: The name under which the limits are measured between a case's turns.
LIMITS = "limits of the machine"
_BATCH = 512


def worker(bench: Bench) -> Worker:
    """What measures the limits."""
    return bench.worker("roofline", "roofline")


@dataclass(frozen=True)
class Limits:
    """What the machine can do at most.

    Attributes:
        rewrite_gb_s: Memory read and written in place, both counted.
        add_gb_s: Numbers added up that lie in the nearest cache.
        sgemm_gflops: Float32 matrices multiplied.
    """

    rewrite_gb_s: float
    add_gb_s: float
    sgemm_gflops: float

    @classmethod
    def between(cls, records: Sequence[Record], case: str) -> Limits:
        """The median of what was measured between the turns of a case."""
        return cls(*(median(of(records, case, LIMITS, key)) for key in cls.__annotations__))

    def floor(
        self, units: int, *, rows: int, words: int, entries: int, seeds: int = 1, further_passes: int = 0
    ) -> float:
        """Seconds below which an epoch of the course's model with Adam cannot come.

        Adam reads and writes the first kernels and their two moments in every step, six times the kernels' bytes;
        where those fit into a cache the bound does not hold, but is too small to matter. A kernel row is added up for
        each word of each review in training and in validation, and a gradient row in training. The second layer's
        matrix is multiplied three times in training and once in validation. Looking up, which row it is, is free here.

        Args:
            units: Width of the model.
            rows: Reviews to train on, and as many to validate on.
            words: Size of the vocabulary.
            entries: Words of all reviews of a split, each counted once a review.
            seeds: Models side by side.
            further_passes: Passes forward beside training and validation.
        """
        columns = units * seeds
        moved = -(-rows // _BATCH) * 6 * 4 * words * columns
        added = 4 * columns * entries * (3 + further_passes)
        multiplied = 2 * units * columns * rows * (4 + further_passes)
        return (
            moved / (self.rewrite_gb_s * 1e9) + added / (self.add_gb_s * 1e9) + multiplied / (self.sgemm_gflops * 1e9)
        )


def reviews(about: Mapping[str, Any]) -> dict[str, int]:
    """What `Limits.floor` has to know of the reviews."""
    return {key: about["data"][key] for key in ("rows", "words", "entries")}


def floors(
    records: Sequence[Record], about: Mapping[str, Any], cases: Sequence[str], **options: int
) -> dict[str, float]:
    """The floor of each case, which begins with its number of units; `options` as in `Limits.floor`."""
    data = reviews(about)
    return {case: Limits.between(records, case).floor(int(case.split()[0]), **data, **options) for case in cases}


def limits(records: Sequence[Record], cases: Sequence[str]) -> str:
    """The limits in a sentence."""
    rewrite, add, multiply = (
        spread([value for case in cases for value in of(records, case, LIMITS, key)]) for key in Limits.__annotations__
    )
    return (
        f"Measured between the turns: memory rewritten in place at {rewrite.text(' GB/s')}, counting bytes read and "
        f"written; numbers in the nearest cache summed at {add.text(' GB/s')}; float32 matrices multiplied at "
        f"{multiply.text(' GFLOP/s')}."
    )
