"""Do the intervals hold the truth, and do studies without any difference claim none?

python benchmarks/statistics/coverage.py [--write] [--small]

Simulates thousands of studies (`simulate.py`) and judges them with regulab's own code, beside two usual ways.
Prints every setting; `--write` puts the summary into docs/comparing.md. Some minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from textwrap import fill

import numpy as np
from scipy.stats import t

# This folder is found by itself; the one above holds what all benchmarks share.
sys.path.insert(1, str(Path(__file__).resolve().parents[1]))

from pages import between
from simulate import Studies, World, simulate, worlds

from regulab.comparison.optimism import optimism
from regulab.comparison.random_effects import CLAIMS, estimate, half_width, holm, p_value
from regulab.comparison.scores import choose, score

PAGE = Path(__file__).parents[2] / "docs" / "comparing.md"
MARKS = ("<!-- written by benchmarks/statistics/coverage.py -->", "<!-- end of what it wrote -->")
SEEDS = (2, 3, 5, 10)
VARIANTS = 6
#: Examples, and how many studies are simulated with them.
SIZES = {300: 2000, 3000: 1000, 25_000: 300}
#: Losses held in memory at once.
_AT_ONCE = 3_000_000
_RESAMPLED = 400
#: With curves as steep as this, the epoch that is chosen is the best one.
_STEEP = 300.0


@dataclass(frozen=True)
class Coverage:
    """Shares of intervals that hold the truth and of studies that claim what is not there.

    Attributes:
        world: What varies most.
        seeds: Number of seeds.
        examples: Number of test examples.
        studies: Number of simulated studies.
        interval: Share of regulab's intervals that hold the truth.
        satterthwaite: The same of Welch's and Satterthwaite's.
        bootstrap: The same of the crossed bootstrap's, or NaN where it was left out.
        claims: Share of studies without difference in which regulab claims one.
        uncorrected: Share of them in which an interval excludes zero.
    """

    world: str
    seeds: int
    examples: int
    studies: int
    interval: float
    satterthwaite: float
    bootstrap: float
    claims: float
    uncorrected: float


@dataclass(frozen=True)
class Flattery:
    """Optimism as it is and as regulab estimates it, both as means over studies.

    Attributes:
        case: Which variants differ.
        fixed: Whether noise does not move the best epoch.
        seeds: Number of seeds.
        simulated: By how much the chosen variant's lead on validation data exceeds the true one.
        error: Standard error of `simulated`.
        printed: What regulab says of it.
    """

    case: str
    fixed: bool
    seeds: int
    simulated: float
    error: float
    printed: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write the summary into docs/{PAGE.name}")
    parser.add_argument("--small", action="store_true", help="few studies, in seconds, to see that it works")
    options = parser.parse_args(arguments)
    if options.small and options.write:
        print("Error: Expected --write with all studies. Received: --small as well.", file=sys.stderr)
        return 2
    started = time.perf_counter()
    sizes = {60: 20} if options.small else SIZES
    coverages = []
    for result in measure_coverage(sizes):
        coverages.append(result)
        print(
            f"{result.world:16} {result.seeds:2} seeds {result.examples:6,} examples {result.studies:5,} studies: "
            f"interval {result.interval:.1%}, Satterthwaite {result.satterthwaite:.1%}, "
            f"bootstrap {result.bootstrap:.1%}, claims {result.claims:.1%}, uncorrected {result.uncorrected:.1%}",
            flush=True,
        )
    flatteries = []
    for flattered in measure_flattery(studies=20 if options.small else 3000):
        flatteries.append(flattered)
        epoch = "given" if flattered.fixed else "chosen"
        print(
            f"{flattered.case:30} epoch {epoch:6} {flattered.seeds:2} seeds: "
            f"optimism simulated {flattered.simulated:.4f} ± {flattered.error:.4f}, printed {flattered.printed:.4f}",
            flush=True,
        )
    text = report(coverages, flatteries)
    print(f"\n{text}\n\n{time.perf_counter() - started:.0f} s")
    if options.write:
        PAGE.write_text(between(PAGE.read_text(encoding="utf-8"), text, marks=MARKS), encoding="utf-8")
        print(f"Wrote {PAGE}.", file=sys.stderr)
    return 0


def measure_coverage(sizes: dict[int, int]) -> Iterator[Coverage]:
    """Every setting; in all of them nothing differs, so that every claim is a wrong one.

    The crossed bootstrap is judged with the fewest examples only, since it goes through them hundreds of times.
    """
    for examples, studies in sizes.items():
        for number, world in enumerate(worlds(examples)):
            for seeds in SEEDS:
                rng = np.random.default_rng([examples, number, seeds])
                yield _coverage(
                    world, rng, studies=studies, seeds=seeds, examples=examples, bootstrap=examples == min(sizes)
                )


def _coverage(
    world: World, rng: np.random.Generator, *, studies: int, seeds: int, examples: int, bootstrap: bool
) -> Coverage:
    hits: dict[str, list[np.ndarray]] = defaultdict(list)
    for made in _batches(world, rng, studies=studies, seeds=seeds, examples=examples, effects=(0.0,) * VARIANTS):
        difference = made.test[:, 1:] - made.test[:, :1]
        truth = made.truth[:, 1:] - made.truth[:, :1]
        estimated = estimate(difference)
        half = half_width(estimated)
        hits["interval"].append(np.abs(estimated.mean - truth) <= half)
        hits["satterthwaite"].append(np.abs(estimated.mean - truth) <= _satterthwaite(difference))
        if bootstrap:
            low, high = _bootstrap(difference[:, 0], rng)
            hits["bootstrap"].append((low <= truth[:, 0]) & (truth[:, 0] <= high))
        excluded = np.abs(estimated.mean) > half
        small = np.array([holm(row) for row in p_value(estimated)]) <= CLAIMS
        hits["claims"].append((excluded & small).any(axis=1))
        hits["uncorrected"].append(excluded.any(axis=1))
    shares = {name: float(np.concatenate(parts).mean()) for name, parts in hits.items()}
    return Coverage(world.name, seeds, examples, studies, **{"bootstrap": float("nan"), **shares})


def _batches(
    world: World,
    rng: np.random.Generator,
    *,
    studies: int,
    seeds: int,
    examples: int,
    effects: Sequence[float],
    validation: bool = False,
) -> Iterator[Studies]:
    at_once = max(1, _AT_ONCE // (len(effects) * seeds * examples))
    for start in range(0, studies, at_once):
        count = min(at_once, studies - start)
        yield simulate(
            world, rng, studies=count, seeds=seeds, examples=examples, effects=effects, validation=validation
        )


def _satterthwaite(difference: np.ndarray) -> np.ndarray:
    """Half widths of the interval with Satterthwaite's degrees of freedom, cells counted twice."""
    seeds, examples = difference.shape[-2:]
    parts = np.stack(
        [
            difference.mean(axis=-1).var(axis=-1, ddof=1) / seeds,
            difference.mean(axis=-2).var(axis=-1, ddof=1) / examples,
        ]
    ).astype(float)
    freedom = np.array([seeds - 1, examples - 1]).reshape(2, 1, 1)
    return t.ppf(0.975, parts.sum(axis=0) ** 2 / (parts**2 / freedom).sum(axis=0)) * np.sqrt(parts.sum(axis=0))


def _bootstrap(difference: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of the pigeonhole bootstrap (Owen, 2007): seeds and examples drawn independently."""
    seeds, examples = difference.shape[-2:]
    drawn = [
        rng.multinomial(count, np.full(count, 1 / count), size=_RESAMPLED).T.astype(np.float32) / count
        for count in (seeds, examples)
    ]
    # Means of examples for each draw, then of seeds with the same draw.
    means = np.einsum("rsb,sb->rb", difference @ drawn[1], drawn[0])
    low, high = np.quantile(means, [0.025, 0.975], axis=1)
    return low, high


def measure_flattery(*, studies: int) -> Iterator[Flattery]:
    """Optimism where nothing differs, and where something does."""
    examples = 300
    world = World.of("both", ratio=1, examples=examples)
    # One standard error of a difference with three seeds, roughly.
    step = (2 * (world.seed**2 / 3 + world.example**2 / examples)) ** 0.5
    cases = {
        "nothing differs": (0.0,) * VARIANTS,
        "one is better by one error": (0.0, -step, 0.0, 0.0, 0.0, 0.0),
        "one is better by four errors": (0.0, -4 * step, 0.0, 0.0, 0.0, 0.0),
        "all are a little different": tuple(step * factor for factor in (0, -0.5, 0.5, -1, 1, -0.2)),
    }
    for (number, (case, effects)), fixed, seeds in product(enumerate(cases.items()), (False, True), SEEDS):
        rng, real, said = np.random.default_rng([number, seeds]), [], []
        made = _batches(
            replace(world, steep=_STEEP) if fixed else world,
            rng, studies=studies, seeds=seeds, examples=examples, effects=effects, validation=True,
        )  # fmt: skip
        for batch in made:
            for truth, losses in zip(batch.truth, batch.validation, strict=True):
                scores = score(losses)
                chosen = int(choose(scores.means, scores.errors, range(VARIANTS), reference=0))
                lead = scores.means[0] - scores.means[chosen]
                real.append(lead - (truth[0] - truth[chosen]))
                said.append(optimism(scores, range(VARIANTS), reference=0))
        error = float(np.std(real, ddof=1)) / len(real) ** 0.5
        yield Flattery(case, fixed, seeds, float(np.mean(real)), error, float(np.mean(said)))


def report(coverages: Sequence[Coverage], flatteries: Sequence[Flattery]) -> str:
    """The summary in Markdown: for each number of seeds the lowest and highest share."""
    lines = [
        "| seeds | interval holds the truth | with Satterthwaite's degrees of freedom | with the crossed bootstrap "
        "| studies that claim a difference | studies with an interval that excludes zero |",
        "|---|---|---|---|---|---|",
    ]
    kinds = tuple(dict.fromkeys(result.world for result in coverages))
    for seeds in SEEDS:
        groups = [[result for result in coverages if (result.seeds, result.world) == (seeds, kind)] for kind in kinds]
        cells = [
            _range([_pooled(group, name) for group in groups])
            for name in ("interval", "satterthwaite", "bootstrap", "claims", "uncorrected")
        ]
        lines.append(f"| {seeds} | {' | '.join(cells)} |")
    sizes = sorted({result.examples for result in coverages})
    per_kind = sum(result.studies for result in coverages) // (len(SEEDS) * len(kinds))
    lines += [
        "",
        fill(
            f"Lowest and highest of {len(kinds)} kinds of studies ({', '.join(kinds)}), {per_kind:,} of each, with "
            f"{', '.join(f'{size:,}' for size in sizes)} examples and {VARIANTS} variants, none of which differs; "
            f"the bootstrap with {sizes[0]:,} examples only. "
            f"The standard error of a share of 5% is {100 * (0.05 * 0.95 / per_kind) ** 0.5:.1f} points.",
            width=120,
        ),
        "",
        "| what differs | seeds | optimism, simulated | as printed | with the best epoch given | as printed |",
        "|---|---|---|---|---|---|",
        *(
            f"| {chosen.case} | {chosen.seeds} | {_flattery(chosen)} | {_flattery(given)} |"
            for chosen in flatteries
            for given in flatteries
            if not chosen.fixed and given.fixed and (given.case, given.seeds) == (chosen.case, chosen.seeds)
        ),
    ]
    return "\n".join(lines)


def _flattery(result: Flattery) -> str:
    return f"{result.simulated:.4f} ± {result.error:.4f} | {result.printed:.4f}"


def _pooled(group: Sequence[Coverage], name: str) -> float:
    """A share over studies of all sizes in which it was measured."""
    pairs = [(getattr(result, name), result.studies) for result in group]
    known = [(share, studies) for share, studies in pairs if share == share]
    return sum(share * studies for share, studies in known) / sum(studies for _, studies in known)


def _range(values: Sequence[float]) -> str:
    return f"{100 * min(values):.1f}–{100 * max(values):.1f}%"


if __name__ == "__main__":
    sys.exit(main())
