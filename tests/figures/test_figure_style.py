from __future__ import annotations

import pytest

from regulab.figures.axes import epoch_ticks, top_below_exploded
from regulab.figures.style import PALETTE, colour, marker, palette_indices


def test_the_baseline_has_the_first_colour_wherever_it_is_listed() -> None:
    assert palette_indices(["l2", "baseline"])["baseline"] == palette_indices(["baseline", "l2"])["baseline"] == 0


def test_no_two_of_sixteen_variants_share_colour_and_marker() -> None:
    assert len({(colour(index), marker(index)) for index in range(17)}) == 17


def test_neighbouring_colours_differ_in_a_deuteranopia_simulation() -> None:
    # Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
    # Deficiency" (2009), deuteranopia.
    matrix = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))

    def seen(code: str) -> list[float]:
        linear = [(int(code[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
        mixed = (sum(a * b for a, b in zip(row, linear, strict=True)) for row in matrix)
        return [max(value, 0.0) ** (1 / 2.2) for value in mixed]

    first = [seen(code) for code in PALETTE[:6]]
    for i, one in enumerate(first):
        for other in first[:i]:
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.15


@pytest.mark.parametrize("epochs", [1, 7, 10, 11, 20, 33, 100, 5000])
def test_ticks_start_at_epoch_one_and_are_few(epochs: int) -> None:
    ticks = epoch_ticks(epochs)
    assert ticks[0] == 1
    assert ticks[-1] <= epochs
    assert len(set(ticks)) == len(ticks) <= 10


def test_ordinary_overfitting_is_not_cut_off() -> None:
    assert top_below_exploded([0.48, 0.76, 1.6]) is None


def test_nothing_is_cut_off_without_values_above_zero() -> None:
    assert top_below_exploded([]) is None
    assert top_below_exploded([9e9]) is None
    assert top_below_exploded([0.0, 0.0, 1.0]) is None
