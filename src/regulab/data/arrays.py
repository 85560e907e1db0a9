"""A user's own data in memory: arrays, sparse matrices, data frames, streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from regulab.data.dataset import Dataset, Split, Stream, validate_on_test
from regulab.data.splitting import split_off
from regulab.errors import InputError


def arrays(
    x: Any,
    y: Any,
    *,
    validation: Any = 0.2,
    test: Any = None,
    sample_weight: Any = None,
    name: str = "data",
    seed: int = 0,
) -> Dataset:
    """Make a data set of features and labels held in memory.

    Shares are shares of all rows of `x`, split off by `seed`, class by class where `y` holds classes.

    Args:
        x: Features, shape `(n, ...)`: a numpy array, nested lists, or any scipy sparse matrix.
        y: Labels, shape `(n, ...)`.
        validation: A share in (0, 1), a pair `(x, y)`, a triple `(x, y, sample_weight)`, or `"test"`
            to validate on the test split.
        test: A share, a pair, a triple, or None for no test split.
        sample_weight: Weights of the rows of `x`, shape `(n,)`.
        name: Short name, as tables and files show it.
        seed: Decides which row goes into which split.

    Raises:
        InputError: If lengths differ, a share is out of range, or something cannot become an array.

    Example:
        >>> data = arrays(np.eye(10), np.arange(10) % 2, test=0.2)
        >>> len(data.train), len(data.validation), len(data.test)
        (6, 2, 2)
    """
    whole = make_split(x, y, sample_weight, name="x")
    return assemble(whole, validation=validation, test=test, name=name, seed=seed, source="arrays in memory")


def assemble(whole: Split, *, validation: Any, test: Any, name: str, seed: int, source: str) -> Dataset:
    """Split off validation and test, or take them as given, and say in `source` what was done.

    Raises:
        InputError: As `arrays`.
    """
    _check_shares(validation, test)
    train, notes = whole, []
    tested = None
    if isinstance(test, float):
        stay, taken = split_off(train.y, test, seed=seed)
        train, tested = train.rows(stay), train.rows(taken)
        notes.append(f"test: {test:.0%} of the rows, seed {seed}")
    elif test is not None:
        tested = _given(test, name="test")
    if isinstance(validation, float):
        share = validation / (1 - test) if isinstance(test, float) else validation
        stay, taken = split_off(train.y, share, seed=seed)
        train, validated = train.rows(stay), train.rows(taken)
        notes.append(f"validation: {validation:.0%} of the rows, seed {seed}")
    elif validation == "test" if isinstance(validation, str) else False:
        if tested is None:
            raise InputError("Expected a test split for validation='test'. Received: test=None.")
        validated = tested
    else:
        validated = _given(validation, name="validation")
    data = Dataset(name=name, train=train, validation=validated, test=tested, source="; ".join([source, *notes[::-1]]))
    return validate_on_test(data) if validated is tested else data


def frame(
    frame: Any,
    *,
    target: str,
    validation: Any = 0.2,
    test: Any = None,
    sample_weight: str | None = None,
    name: str = "data",
    seed: int = 0,
) -> Dataset:
    """Make a data set of a pandas DataFrame with numeric columns.

    Args:
        frame: One row an example.
        target: The column that holds the labels.
        validation: A share in (0, 1), another DataFrame with the same columns, or `"test"`.
        test: A share, another DataFrame, or None.
        sample_weight: The column that holds the weights, or None.
        name: Short name, as tables and files show it.
        seed: Decides which row goes into which split.

    Returns:
        Features are float32, shape `(n, columns)`, in the order of the columns; labels keep their dtype.

    Raises:
        InputError: If a column is missing or not numeric, or as `arrays`.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"age": range(10), "height": range(10), "ill": [0, 1] * 5})
        >>> frame(table, target="ill").train.x.shape
        (8, 2)
    """
    whole, columns = _frame_split(frame, target, sample_weight, columns=None)
    validation, test = (
        _frame_split(given, target, sample_weight, columns=columns)[0] if hasattr(given, "columns") else given
        for given in (validation, test)
    )
    return assemble(whole, validation=validation, test=test, name=name, seed=seed, source="a data frame in memory")


def stream(train: Any, validation: Any, test: Any = None, *, name: str = "stream") -> Dataset:
    """Make a data set of `tf.data.Dataset` objects, which may be larger than memory.

    Args:
        train: Batched and finite, of `(x, y)` or `(x, y, sample_weight)`.
        validation: The same, or `"test"` to validate on the test stream.
        test: The same, or None.
        name: Short name, as tables and files show it.

    Raises:
        InputError: If one is not a `tf.data.Dataset`, has no labels, is not batched, or never ends.
    """
    tested = None if test is None else _stream(test, name="test")
    on_test = isinstance(validation, str) and validation == "test"
    if on_test and tested is None:
        raise InputError("Expected a test stream for validation='test'. Received: test=None.")
    validated = tested if on_test and tested is not None else _stream(validation, name="validation")
    data = Dataset(
        name=name, train=_stream(train, name="train"), validation=validated, test=tested, source="tf.data streams"
    )
    return validate_on_test(data) if on_test else data


def make_split(x: Any, y: Any, sample_weight: Any = None, *, name: str) -> Split:
    """Features and labels as arrays of equal length; sparse features become CSR.

    Raises:
        InputError: If lengths differ or something cannot become an array.
    """
    if sparse.issparse(x):
        features: Any = sparse.csr_array(x)
        if features.dtype != np.float32:
            features = features.astype(np.float32)
        features.sum_duplicates()
    else:
        features = _array(x, f"{name} (features)")
    labels = _array(y, f"{name} (labels)")
    weights = None if sample_weight is None else _array(sample_weight, f"{name} (sample weights)")
    for what, part in (("features", features), ("labels", labels), ("sample weights", weights)):
        if part is not None and part.ndim == 0:
            raise InputError(f"Expected {what} of '{name}' with one row an example. Received: a single value.")
        if part is not None and part.shape[0] != features.shape[0]:
            raise InputError(
                f"Expected as many {what} as features in '{name}'. "
                f"Received: {features.shape[0]} rows of features, {part.shape[0]} of {what}."
            )
    return Split(features, labels, weights)


def _array(value: Any, what: str) -> np.ndarray:
    try:
        found = np.asarray(value)
    except ValueError as error:  # Rows of unequal length.
        raise InputError(f"Expected {what} as rows of equal length. Received: {error}.") from error
    if found.dtype.kind not in "biuf":
        raise InputError(
            f"Expected numbers for {what}. Received: dtype {found.dtype}. Turn text and categories into numbers first."
        )
    return found


def _check_shares(validation: Any, test: Any) -> None:
    total = 0.0
    for option, value in (("validation", validation), ("test", test)):
        if isinstance(value, float):
            if not 0 < value < 1:
                raise InputError(f"Expected `{option}` as a share in (0, 1). Received: {value}. 0.2 is a usual choice.")
            total += value
    if total >= 1:
        raise InputError(
            f"Expected shares that leave rows to train on. Received: validation={validation}, test={test}."
        )


def _given(value: Any, *, name: str) -> Split:
    if isinstance(value, Split):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) in (2, 3):
        return make_split(*value, name=name)
    also = " or 'test'" if name == "validation" else ""
    raise InputError(
        f"Expected `{name}` as a share such as 0.2, a pair (x, y), a triple (x, y, sample_weight){also}. "
        f"Received: {value!r}."[:400]
    )


def _frame_split(table: Any, target: str, weight: str | None, *, columns: list[Any] | None) -> tuple[Split, list[Any]]:
    known = list(table.columns)
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
            f"Expected numeric columns. Received: {', '.join(text)}, which hold text, categories or dates. "
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


def _stream(batches: Any, *, name: str) -> Stream:
    if isinstance(batches, Stream):
        return batches
    if not hasattr(batches, "element_spec") or not hasattr(batches, "cardinality"):
        raise InputError(f"Expected a tf.data.Dataset for '{name}'. Received: {type(batches).__name__}.")
    spec = batches.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3):
        raise InputError(f"Expected '{name}' to give (x, y) or (x, y, sample_weight). Received elements: {spec}.")
    firsts = [_rows(part) for part in spec]
    if "scalar" in firsts or len({first for first in firsts if first != "unknown"}) > 1:
        raise InputError(
            f"Expected '{name}' to be batched. Received elements: {spec}. Add .batch(32) after the last map."
        )
    batch_count = int(batches.cardinality())
    if batch_count == -1:  # tf.data.INFINITE_CARDINALITY
        raise InputError(f"Expected '{name}' to end. Received: an endless stream. Drop .repeat(), or add .take(n).")
    if batch_count == 0:
        raise InputError(f"Expected examples in '{name}'. Received: an empty stream.")
    # A static batch size means that no batch is smaller, so the size is known without a pass.
    rows = firsts[1]
    return Stream(batches, batch_count * rows if isinstance(rows, int) and batch_count > 0 else None)


def _rows(part: Any) -> int | str | None:
    """The batch dimension: a number, None where it varies, or why there is none to see."""
    shape = getattr(part, "shape", None)
    if shape is None or shape.rank is None:  # Several inputs in a dict or tuple, or an unknown shape.
        return "unknown"
    if shape.rank == 0:
        return "scalar"
    first = shape[0]
    return None if first is None else int(first)
