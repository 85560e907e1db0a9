"""A user's own pandas DataFrame."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulab.data.arrays import assemble, make_split
from regulab.data.dataset import Dataset, Split
from regulab.errors import InputError


def frame(
    frame: Any,
    *,
    target: str,
    validation: Any = 0.2,
    test: Any = "auto",
    sample_weight: str | None = None,
    name: str = "data",
    seed: int = 0,
) -> Dataset:
    """Make a data set of a pandas DataFrame with numeric columns.

    Args:
        frame: One row an example.
        target: The column that holds the labels.
        validation: A share in (0, 1), another DataFrame with the same columns, or `"test"`.
        test: A share, another DataFrame, or None for no test split; by default as in `arrays`.
        sample_weight: The column that holds the weights, or None.
        name: Short name, as tables and files show it.
        seed: Decides which row goes into which split.

    Returns:
        Features are float32, shape `(n, columns)`, in the order of the columns; labels keep their dtype.

    Raises:
        InputError: If a column is missing, duplicated or not numeric, or as `arrays`.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"age": range(10), "height": range(10), "ill": [0, 1] * 5})
        >>> frame(table, target="ill").train.x.shape
        (6, 2)
    """
    whole, columns = _frame_split(frame, target, sample_weight, columns=None)
    validation, test = (
        _frame_split(given, target, sample_weight, columns=columns)[0] if hasattr(given, "columns") else given
        for given in (validation, test)
    )
    return assemble(whole, validation=validation, test=test, name=name, seed=seed, source="a data frame in memory")


def _frame_split(table: Any, target: str, weight: str | None, *, columns: list[Any] | None) -> tuple[Split, list[Any]]:
    if not hasattr(table, "columns"):
        raise InputError(
            f"Expected a pandas DataFrame. Received: {type(table).__name__}. rl.data.arrays(x, y) takes arrays."
        )
    known = list(table.columns)
    twice = sorted({str(column) for column in known if known.count(column) > 1})
    if twice:
        raise InputError(f"Expected each column once. Received: {', '.join(twice)} more than once. Rename or drop one.")
    for column in (target, *([] if weight is None else [weight])):
        if column not in known:
            raise InputError(f"No column '{column}'. Available: {', '.join(map(str, known))}.")
    if columns is None:
        columns = [column for column in known if column not in (target, weight)]
    missing = [str(column) for column in columns if column not in known]
    if missing:
        raise InputError(f"Expected the columns of the training frame. Received: one without {', '.join(missing)}.")
    if not columns:
        raise InputError(f"Expected at least one column of features. Received: only '{target}'.")
    # numpy kinds: bool, integer, unsigned, float. Text, categories, dates and lists have others.
    text = [str(column) for column in columns if getattr(table[column].dtype, "kind", "O") not in "biuf"]
    if text:
        raise InputError(
            f"Expected numeric columns. Received: text, categories, dates or mixed values in {', '.join(text)}. "
            "Turn them into numbers, for example with pandas.get_dummies, or leave them out."
        )
    if getattr(table[target].dtype, "kind", "O") not in "biuf":
        raise InputError(
            f"Expected a numeric target. Received: '{target}' of dtype {table[target].dtype}. "
            f"Use integer codes: frame['{target}'].astype('category').cat.codes."
        )
    # NaN for missing values also in pandas's nullable dtypes; `check` then names the row.
    features = table[columns].to_numpy(dtype=np.float32, na_value=np.nan)
    return make_split(features, table[target], None if weight is None else table[weight], name="frame"), columns
