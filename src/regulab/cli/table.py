"""The table that a run ends with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulab.results import Results


def print_results(results: Results) -> None:
    """Print the table of variants, the conclusion and where the run folder lies."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    seeds = len(results.histories.seeds)
    data = results.study["data"]
    tested = data["test"] is not None and not data["validation_is_test"]
    recommended = results.recommend().variant
    table = Table(
        title=f"{data['title']}: loss without penalty, mean of {seeds} seed{'s' if seeds > 1 else ''}",
        caption=f"{data['source']}\n"
        f"At best: each seed at its own best epoch. At end: after epoch {results.study['epochs']}.",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("variant")
    for heading in ("parameters", "best\nepoch", "validation\nat best", "validation\nat end"):
        table.add_column(heading, justify="right")
    if tested:
        table.add_column("test\nat best", justify="right")
    for line in results.summary():
        cells = [
            line.variant,
            f"{line.parameters:,}",
            "–" if line.best_epoch is None else str(line.best_epoch + 1),
            _loss(line.val_loss_best),
            _loss(line.val_loss_last),
        ]
        if tested:
            cells.append(_loss(line.test_loss_best))
        table.add_row(*cells, style="bold" if line.variant == recommended else None)
    console.print(table)
    if data["validation_is_test"]:
        console.print("The test split served as validation, so its losses flatter whatever was chosen by them.")
    for sentence in results.conclusion():
        console.print(sentence, soft_wrap=True)
    if results.folder is not None:
        console.print(f"Run folder: {results.folder} (figures in {results.folder / 'figures'})", soft_wrap=True)


def _loss(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"
