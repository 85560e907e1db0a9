"""What the playground's drawing costs after an epoch, beside the same curves as a Matplotlib image.

`python benchmarks/playground.py` takes a few seconds and trains nothing.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable

from regulab.figures.curves import curves, draw_curves
from regulab.figures.style import context, new_figure
from regulab.histories.history import Histories, History
from regulab.play.chart import MOST, chart, draw, table
from regulab.play.runs import Run
from regulab.play.settings import Settings

EPOCHS, TIMES = 20, 15


def main() -> int:
    """Print the costs; returns the exit code."""
    runs = [_run(number) for number in range(1, MOST + 1)]

    def page() -> str:
        record = chart(runs, epochs=EPOCHS)
        return draw(record) + table(record)

    def image() -> bytes:
        histories = Histories(tuple(run.history for run in runs))
        out = io.BytesIO()
        with context():
            figure = new_figure(8.6, 4.8, shown=False)
            draw_curves(curves(histories, measure="data_loss"), ax=figure.add_subplot())
            figure.savefig(out, format="png")
        return out.getvalue()

    print(f"{MOST} runs of {EPOCHS} epochs, median of {TIMES} drawings")
    for name, drawing in (("the playground's chart and table", page), ("the same curves by Matplotlib, as PNG", image)):
        milliseconds, size = measured(drawing)
        print(f"{name:38} {milliseconds:7.1f} ms {size / 1000:7.1f} kB")
    return 0


def measured(drawing: Callable[[], str | bytes]) -> tuple[float, int]:
    """Milliseconds and bytes of a drawing."""
    taken = []
    result = drawing()
    for _ in range(TIMES):
        begun = time.perf_counter()
        result = drawing()
        taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken), len(result.encode() if isinstance(result, str) else result)


def _run(number: int) -> Run:
    falling = tuple(0.7 * 0.8**epoch for epoch in range(EPOCHS))
    turning = tuple(0.7 * 0.8**epoch + 0.01 * number * epoch for epoch in range(EPOCHS))
    history = History(f"run {number}", 0, {"train_data_loss": falling, "val_data_loss": turning})
    return Run(number, Settings(seed=number), history, "done")


if __name__ == "__main__":
    sys.exit(main())
