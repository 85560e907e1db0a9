"""Studies with a known truth: data sets with and without duplicates, test splits kept or used, grids of strengths."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from curves import numbers

from regulab.data.arrays import arrays
from regulab.data.dataset import Dataset, Split, validate_on_test
from regulab.data.describe import describe
from regulab.diagnosis.run_checks import diagnose_study
from regulab.histories.history import Histories, History


@dataclass(frozen=True)
class StudyCase:
    """A study's document and histories, and whether its code has to be given."""

    kind: str
    code: str
    given: bool
    study: dict[str, Any]
    histories: Histories = field(default_factory=lambda: Histories(()))


def clean(rng: np.random.Generator) -> StudyCase:
    """Rows that differ, or that are alike by chance only, as rows of few possible values are."""
    return StudyCase("clean", "DUPLICATES-ACROSS-SPLITS", False, {"data": describe(_data(rng))})


def copied(rng: np.random.Generator) -> StudyCase:
    """One row up to a third of the validation or the test split are copies of training rows."""
    data = _data(rng, few_values=False)
    name = str(rng.choice(["validation", "test"]))
    split = getattr(data, name)
    count = max(1, round(len(split) * 10 ** rng.uniform(-2.5, -0.5)))
    places, copies = (rng.choice(len(part), count, replace=False) for part in (split, data.train))
    x = split.x.copy()
    x[places] = data.train.x[copies]
    spoiled = replace(data, **{name: Split(x, split.y)})
    return StudyCase("copied", "DUPLICATES-ACROSS-SPLITS", True, {"data": describe(spoiled)})


def kept(rng: np.random.Generator) -> StudyCase:
    """A test split that was kept for the end."""
    return StudyCase("kept", "TEST-USED-FOR-VALIDATION", False, {"data": describe(_data(rng))})


def used(rng: np.random.Generator) -> StudyCase:
    """The same split for validation and test."""
    return StudyCase("used", "TEST-USED-FOR-VALIDATION", True, {"data": describe(validate_on_test(_data(rng)))})


def beyond(rng: np.random.Generator) -> StudyCase:
    """The best strength lies beyond the grid, and its end is better than its neighbour by five times the noise."""
    count, direction = int(rng.integers(3, 7)), int(rng.choice([-1, 1]))
    best = -rng.uniform(1, 3) if direction < 0 else count - 1 + rng.uniform(1, 3)
    return _grid(rng, "beyond", True, (np.arange(count) - best) ** 2, noise=rng.uniform(0.0, 1 / 5))


def within(rng: np.random.Generator) -> StudyCase:
    """The best strength is not at an end."""
    count = int(rng.integers(3, 7))
    best = rng.uniform(0.8, count - 1.8)
    return _grid(rng, "within", False, (np.arange(count) - best) ** 2, noise=rng.uniform(0.0, 1.0))


def indifferent(rng: np.random.Generator) -> StudyCase:
    """All strengths are equally good."""
    return _grid(rng, "indifferent", False, np.zeros(int(rng.integers(3, 7))), noise=1.0)


def agreeing(rng: np.random.Generator) -> StudyCase:
    """Seeds of an ordinary spread, which is up to twice as large, or half as large, for one variant as for another."""
    return _seeds(rng, "agreeing", fails=False)


def stuck(rng: np.random.Generator) -> StudyCase:
    """Of one variant some trainings, but not all, come only part of the way."""
    return _seeds(rng, "stuck", fails=True)


STUDIES: tuple[Callable[[np.random.Generator], StudyCase], ...] = (
    clean,
    copied,
    kept,
    used,
    beyond,
    within,
    indifferent,
    agreeing,
    stuck,
)


def studies(*, half: int, per_kind: int) -> Iterator[StudyCase]:
    """Every kind's cases of one half; 0 is for tuning, 1 for reporting."""
    for number, kind in enumerate(STUDIES):
        for case in numbers(half=half, per_kind=per_kind):
            yield kind(np.random.default_rng([number, case]))


def count_studies(*, half: int, per_kind: int, errors: str = "") -> dict[str, dict[str, Counter[str]]]:
    """For each code and kind of study how often it was required, missed, forbidden and a false alarm."""
    tallies: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for case in studies(half=half, per_kind=per_kind):
        given = any(finding.code == case.code for finding in diagnose_study(case.study, case.histories))
        tally = tallies[case.code][case.kind]
        tally["must" if case.given else "must not"] += 1
        tally["missed" if case.given else "false"] += given != case.given
        if given != case.given and case.code == errors:
            print(case.kind, [(member.variant, member.measures["val_data_loss"]) for member in case.histories])
    return tallies


def _data(rng: np.random.Generator, *, few_values: bool = True) -> Dataset:
    """Measurements, grey levels, word counts or, where asked for, rows of a few answers."""
    rows, width = int(rng.integers(100, 600)), int(rng.integers(20, 60))
    kind = int(rng.integers(4 if few_values else 3))
    x = {
        0: lambda: rng.standard_normal((rows, width)),
        1: lambda: rng.integers(0, 17, (rows, width)) / 16,
        2: lambda: rng.poisson(0.5, (rows, 100)),
        3: lambda: rng.integers(0, 3, (rows, int(rng.integers(2, 6)))),
    }[kind]()
    return arrays(x.astype(np.float32), rng.integers(0, 2, rows), validation=0.2, test=0.2, seed=0)


def _seeds(rng: np.random.Generator, kind: str, *, fails: bool) -> StudyCase:
    """Two to twelve seeds of a baseline and up to six variants; noise is normal, or has long tails.

    The spread of a training is 0.3% to 5% of the loss, from which a study begins at two to eight times its lowest. A
    training that fails comes 10% to 65% of the way, and at least 15% of the loss and ten spreads less far.
    """
    seeds, names = int(rng.integers(2, 13)), ["baseline", *(f"variant {index}" for index in range(rng.integers(1, 7)))]
    level, start = 0.3, 0.3 * 2 ** rng.uniform(1, 3)
    spread = 10 ** rng.uniform(-2.5, -1.3)
    shared = 0.5 * spread * rng.standard_normal(seeds)
    tails = rng.random() < 0.3
    losses = {}
    for name in names:
        own = rng.standard_t(5, seeds) / 1.29 if tails else rng.standard_normal(seeds)
        losses[name] = level * rng.uniform(0.95, 1.3) * (1 + shared + spread * 2 ** rng.uniform(-1, 1) * own)
    if fails:
        row = losses[str(rng.choice(names))]
        failing = rng.permutation(seeds)[: rng.integers(1, seeds)]
        way = rng.uniform(0.1, 0.65)
        fallen = np.maximum(start - way * (start - row[failing]), row[failing] * (1 + max(0.15, 10 * spread)))
        row[failing] = fallen
    members = tuple(
        History(name, seed, {"val_data_loss": (float(start), float(loss))})
        for name, row in losses.items()
        for seed, loss in enumerate(row)
    )
    return StudyCase(kind, "SEEDS-DISAGREE", fails, {}, Histories(members))


def _grid(rng: np.random.Generator, kind: str, given: bool, shape: np.ndarray, *, noise: float) -> StudyCase:
    """Three to five seeds of a grid; seeds differ, and on top each training differs by `noise` steps of the grid."""
    strengths = [f"l2({10.0 ** (index - 5):g})" for index in range(len(shape))]
    step = min(abs(shape[1] - shape[0]), abs(shape[-1] - shape[-2])) or 1.0
    size = rng.uniform(0.005, 0.05) / step
    level = 0.3 * (1 + size * shape)
    seeds = int(rng.integers(3, 6))
    shared = 0.02 * rng.standard_normal(seeds)
    own = 0.3 * size * step * noise * rng.standard_normal((len(shape), seeds))
    losses = {
        # Worse than all: a grid whose weakest strength does not beat the baseline is another matter.
        "baseline": 0.3 * (1 + size * (shape.max() + 10 * step)) + shared,
        **dict(zip(strengths, level[:, None] + shared + own, strict=True)),
    }
    members = tuple(
        History(name, seed, {"val_data_loss": (float(loss),)})
        for name, row in losses.items()
        for seed, loss in enumerate(row)
    )
    study = {"variants": [{"name": name, "label": name} for name in losses]}
    return StudyCase(kind, "EDGE-OF-GRID", given, study, Histories(members))
