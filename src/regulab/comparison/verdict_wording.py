"""Verdicts in tables, and the notes that say how to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulab.comparison.paired import Comparison, Verdict
from regulab.comparison.power import Power
from regulab.diagnosis.number_format import rounded

#: Verdicts in tables, which have little room; the others are short already.
_SHORT: Mapping[Verdict, str] = {Verdict.NO_DIFFERENCE: "not detectable", Verdict.ONE_SEED: "one seed"}


def short_verdict(verdict: Verdict) -> str:
    """A verdict in two words or three.

    Example:
        >>> short_verdict(Verdict.NO_DIFFERENCE), short_verdict(Verdict.BETTER)
        ('not detectable', 'better')
    """
    return _SHORT.get(verdict, str(verdict))


def verdict_cell(comparison: Comparison, places: int) -> str:
    """A verdict for a table: where nothing is detectable, below which size, and why it is not despite the interval.

    Args:
        comparison: It.
        places: How many decimals losses are written with.

    Example:
        >>> verdict_cell(Comparison("l2", "baseline", -0.2, -0.3, -0.1, 0.04, 3, 9, "test", 0.08), 3)
        'not detectable (p = 0.08)'
    """
    verdict, seen = short_verdict(comparison.verdict), comparison.power
    if comparison.verdict is not Verdict.NO_DIFFERENCE:
        return verdict
    below = f" below {rounded(seen.detectable, places)}" if seen is not None and seen.detectable else ""
    return f"{verdict}{below}{f' (p = {comparison.p_value:.2g})' if comparison.excludes_zero else ''}"


def interval_note(split: str, *, one_seed: bool = False) -> str:
    """How to read the differences in a table."""
    measured = f"Difference: on {split} data, each at best"
    if one_seed:
        return f"{measured}; below 0 is better. One seed has no interval: another training may differ by more."
    return f"{measured}, ± half the width of the 95% interval; below 0 is better."


def verdict_note(comparisons: int) -> str:
    """What the verdicts of so many comparisons promise."""
    corrected = "" if comparisons == 1 else f", corrected for {comparisons} comparisons"
    return f"Verdict{corrected}: where nothing differs, at most 5% of studies claim a difference."


def undetected_notes(comparisons: Sequence[Comparison], places: int) -> list[str]:
    """What 'not detectable below' means, what 'p' does, and what it would take to see a smaller difference.

    Args:
        comparisons: All that verdicts are corrected for.
        places: How many decimals losses are written with.
    """
    undetected = [comparison for comparison in comparisons if comparison.verdict is Verdict.NO_DIFFERENCE]
    notes = []
    powers = [(comparison.variant, comparison.power) for comparison in undetected]
    known = sorted(
        ((variant, seen) for variant, seen in powers if seen is not None and seen.detectable),
        key=lambda entry: entry[1].detectable,
    )
    if known:
        # The one in the middle, as an example.
        needed = _needed(*known[len(known) // 2], places)
        notes.append(f"Not detectable below: a true difference of that size is detected four times in five.{needed}")
    if any(comparison.excludes_zero for comparison in undetected):
        notes.append("p: above 0.05 nothing is claimed, even where the interval of one comparison excludes zero.")
    return notes


def _needed(variant: str, seen: Power, places: int) -> str:
    """What it would take to see a hundredth of the loss, where that is not seen already."""
    if not seen.sought or seen.detectable <= seen.sought:
        return ""
    goal = f" To see 1% of the baseline's loss ({rounded(seen.sought, places)}) for {variant}"
    ways = [
        f"{seen.seeds} seeds" if seen.seeds else "",
        f"{_two_digits(seen.examples):,} examples to compare on" if seen.examples else "",
    ]
    enough = " or ".join(filter(None, ways))
    if not enough:
        return f"{goal}, it takes both more seeds and more examples."
    return f"{goal}, it takes about {enough}."


def _two_digits(count: int) -> int:
    """A number rounded up to two digits."""
    unit: int = 10 ** max(len(str(count)) - 2, 0)
    return -(-count // unit) * unit
