"""The figures of a study, as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from regulab.diagnosis.gap import can_split, gap
from regulab.figures import style
from regulab.figures.curves import curves, draw_curves
from regulab.figures.gap import draw_gap
from regulab.figures.gap import is_empty as has_no_gap
from regulab.figures.gap import size as gap_size
from regulab.figures.ladder import draw_ladder, ladder
from regulab.figures.regularized import draw_regularized, regularized
from regulab.figures.save import save
from regulab.histories.history import Histories


def save_figures(
    histories: Histories, parameters: Mapping[str, int], folder: Path, *, title: str, capacity: tuple[str, ...]
) -> tuple[Path, ...]:
    """Write a study's figures: `loss.png`, `ladder.png`, `regularized.png` and `gap.png`, as far as they apply.

    One without a single finite value is left out. Works without a display and leaves pyplot alone.

    Args:
        histories: The study.
        parameters: Parameter count of each variant.
        folder: Where the figures go; made if missing.
        title: What the models were trained on; every figure shows it.
        capacity: Names of the variants that change only capacity. The ladder shows them and the
            baseline, if that makes two or more; all others are compared with the baseline.

    Returns:
        The files written.

    Raises:
        InputError: If the histories lack the penalty-free losses, or a size has no parameter count.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [name for name in histories.variants if name in capacity or name == style.BASELINE]
    others = [name for name in histories.variants if name not in sizes]
    # Everything is computed before anything is written.
    curves_record = curves(histories)
    ladder_record = ladder(histories, parameters, variants=sizes) if len(sizes) >= 2 else None
    has_pairs = bool(others) and style.BASELINE in histories.variants
    regularized_record = regularized(histories, variants=others) if has_pairs else None
    gaps = gap(histories) if can_split(histories) else None

    written: list[Path] = []
    with style.context():
        if not curves_record.empty:
            figure = style.new_figure(*style.SIZE, shown=False)
            draw_curves(curves_record, ax=figure.add_subplot(), title=title)
            written.append(save(figure, folder / "loss.png"))
        if ladder_record is not None and not ladder_record.empty:
            figure = style.new_figure(*style.SIZE, shown=False)
            draw_ladder(ladder_record, ax=figure.add_subplot(), title=title)
            written.append(save(figure, folder / "ladder.png"))
        if regularized_record is not None and not regularized_record.empty:
            figure = style.new_figure(*style.SIZE, shown=False)
            draw_regularized(regularized_record, figure=figure, title=title)
            written.append(save(figure, folder / "regularized.png"))
        if gaps is not None and not has_no_gap(gaps):
            figure = style.new_figure(*gap_size(gaps), shown=False)
            draw_gap(gaps, ax=figure.add_subplot(), title=title)
            written.append(save(figure, folder / "gap.png"))
    return tuple(written)
