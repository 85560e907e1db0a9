"""The course on the real IMDB reviews: regulab's curves beside those of stock Keras.

python benchmarks/imdb_curves.py [--seeds N] [--reference N] [--write]

The reviews are looked for where `regulab run imdb` looks for them. Three seeds take some minutes,
and with --reference 7 GB of memory.
`--small` runs the same code on a few synthetic reviews in seconds, to see that it works.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# As a file it finds its folder by itself; the tests run it from elsewhere.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages import between

import regulab as rl
from regulab.cli.tf_import import import_tensorflow
from regulab.errors import RegulabError
from regulab.histories.history import Histories, History
from regulab.histories.readers.in_memory import to_histories

PAGE = Path(__file__).parents[1] / "docs" / "imdb.md"
MARKS = ("<!-- written by benchmarks/imdb_curves.py -->", "<!-- end of what it wrote -->")
EPOCHS, BATCH = 20, 512
#: Stock Keras 3.15 on TensorFlow 2.21: dense multi-hot, Adam, one seed, two CPU cores. Penalty-free
#: cross-entropy: training in the last epoch, best validation and its 1-based epoch, last validation.
REFERENCE = {
    "smaller": (0.052, 0.283, 6, 0.480),
    "baseline": (0.003, 0.287, 3, 0.762),
    "bigger": (0.000, 0.291, 1, 0.924),
    "l2": (0.069, 0.284, 3, 0.474),
    "dropout": (0.065, 0.275, 4, 0.580),
}
STOCK = "baseline in stock Keras"
WIDTHS = {"smaller": 1 / 4, "bigger": 32}


@dataclass(frozen=True)
class Row:
    """One line of the table: lowest and highest seed of each figure.

    Attributes:
        name: The variant, or who trained it.
        train_last: Training cross-entropy as Keras averages it over the last epoch, dropout on.
        val_best: Validation cross-entropy at each seed's best epoch.
        best_epoch: That epoch, 1-based.
        val_last: Validation cross-entropy after the last epoch.
    """

    name: str
    train_last: tuple[float, float]
    val_best: tuple[float, float]
    best_epoch: tuple[float, float]
    val_last: tuple[float, float]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.small and options.write:
        print("Error: Expected --write with the real reviews. Received: --small as well.", file=sys.stderr)
        return 2
    try:
        import_tensorflow()
        text = measure(seeds=options.seeds, reference=options.reference, small=options.small)
        print(text)
        if options.write:
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
            print(f"Wrote {PAGE}.", file=sys.stderr)
    except RegulabError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def measure(*, seeds: int, reference: int, small: bool) -> str:
    """Train everything and return the report in Markdown."""
    if small:
        data, epochs = rl.data.reviews(train=400, validation="test", test=200, words=500), 2
    else:
        data, epochs = rl.data.imdb(validation="test"), EPOCHS
    widths = [rl.width(factor).named(name) for name, factor in WIDTHS.items()]
    variants = [*widths, rl.l2(0.001), rl.dropout(0.5), rl.l2(0.001) + rl.dropout(0.5)]
    study = rl.Study(
        rl.default_model(data), data, variants=variants, epochs=epochs, batch_size=BATCH, seeds=1 if small else seeds
    )
    started = time.perf_counter()
    results = study.run()
    seconds = time.perf_counter() - started
    order = ["smaller", "baseline", "bigger", "l2", "dropout", "l2+dropout"]
    rows = [row_of(results.histories, name) for name in order]
    trained = f"{len(order)} models with {counted(len(results.histories.seeds))} each, {epochs} epochs"
    notes = [
        f"Data: {data.title}, {len(data.train):,} reviews to train on and {len(data.validation):,} to validate on; "
        f"{trained}."
    ]
    print(f"{trained}: {seconds:.0f} s", file=sys.stderr)
    if reference:
        started = time.perf_counter()
        rows.append(row_of(stock_keras(data, epochs=epochs, seeds=reference), STOCK))
        print(f"Stock Keras, {counted(reference)}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
        notes.append(f"The last line is {counted(reference)} of the baseline in `model.fit`.")
    return f"{report(rows, {} if small else REFERENCE)}\n\n{' '.join(notes)}"


def stock_keras(data: rl.data.Dataset, *, epochs: int, seeds: int) -> Histories:
    """The baseline trained by `model.fit` on dense multi-hot rows, as the course does it."""
    import keras
    import tensorflow as tf

    x, x_val = data.train.x.toarray(), data.validation.x.toarray()
    rows = []
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        model = rl.default_model(data)()
        # While TensorFlow is seeded, `fit` repeats the first epoch's order of batches in every epoch.
        tf.random.set_seed(None)
        fitted = model.fit(
            x, data.train.y, epochs=epochs, batch_size=BATCH, validation_data=(x_val, data.validation.y), verbose=0
        )
        rows.append(fitted)
    return to_histories({STOCK: rows})


def row_of(histories: Histories, name: str) -> Row:
    """One variant over its seeds, by Keras's own metric `binary_crossentropy`, which holds no penalty."""
    figures = np.array([_figures(member) for member in histories.of(name)])
    return Row(name, *(tuple(column) for column in zip(figures.min(axis=0), figures.max(axis=0), strict=True)))


def _figures(member: History) -> tuple[float, float, int, float]:
    validation = member.measures["val_binary_crossentropy"]
    best = int(np.argmin(validation))
    return member.at("binary_crossentropy", -1), validation[best], best + 1, validation[-1]


def report(rows: Sequence[Row], reference: dict[str, tuple[float, float, int, float]]) -> str:
    """The table in Markdown: each figure as lowest–highest seed, with the reference in parentheses."""
    lines = ["| model | training, last epoch | validation, best | in epoch | validation, last epoch |"]
    lines.append("|---|---|---|---|---|")
    for row in rows:
        values = (row.train_last, row.val_best, row.best_epoch, row.val_last)
        known = reference.get(row.name, (None,) * 4)
        cells = [
            spread(value, digits=digits) + ("" if ref is None else f" ({ref:.{digits}f})")
            for value, ref, digits in zip(values, known, (3, 3, 0, 3), strict=True)
        ]
        lines.append(f"| {' | '.join([row.name, *cells])} |")
    return "\n".join(lines)


def spread(value: tuple[float, float], *, digits: int = 3) -> str:
    """Lowest and highest, or one number where they are written alike.

    Example:
        >>> spread((0.28, 0.2904)), spread((3, 3), digits=0)
        ('0.280–0.290', '3')
    """
    low, high = (f"{part:.{digits}f}" for part in value)
    return low if low == high else f"{low}–{high}"


def counted(seeds: int) -> str:
    """The number of seeds in words."""
    return f"{seeds} seed" if seeds == 1 else f"{seeds} seeds"


def with_table(page: str, text: str) -> str:
    """The page with the text between its marks."""
    return between(page, text, marks=MARKS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="regulab's IMDB curves beside those of stock Keras.")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of every model (default: 3)")
    parser.add_argument("--reference", type=int, default=0, metavar="N", help="also fit the baseline in stock Keras")
    parser.add_argument("--small", action="store_true", help="a few synthetic reviews instead, to try the script")
    parser.add_argument("--write", action="store_true", help=f"write the table into docs/{PAGE.name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
