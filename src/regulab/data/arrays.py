"""A user's own data in memory: arrays and sparse matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from regulab.data.dataset import Dataset, Split, validate_on_test
from regulab.data.splitting import split_off
from regulab.data.validate import check_csr, check_values
from regulab.errors import InputError


def arrays(
    x: Any,
    y: Any,
    *,
    validation: Any = 0.2,
    test: Any = "auto",
    sample_weight: Any = None,
    name: str = "data",
    seed: int = 0,
) -> Dataset:
    """Make a data set of features and labels held in memory.

    Shares are shares of all rows of `x`. The rows are chosen by `seed`, class by class where `y` holds classes.

    Args:
        x: Features, shape `(n, ...)`: a numpy array, nested lists, or any scipy sparse matrix.
        y: Labels, shape `(n, ...)`.
        validation: A share in (0, 1), a pair `(x, y)`, a triple `(x, y, sample_weight)`, or `"test"`
            to validate on the test split.
        test: A share, a pair, a triple, or None for no test split. By default 0.2, or None where `validation` gives
            rows, since `x` then holds rows to train on.
        sample_weight: Weights of the rows of `x`, shape `(n,)`, at least 0.
        name: Short name, as tables and files show it.
        seed: Decides which row goes into which split.

    Raises:
        InputError: If lengths differ, a share is out of range, a value is missing, NaN or infinite, a weight
            is negative, or something cannot become an array.

    Example:
        >>> data = arrays(np.eye(10), np.arange(10) % 2)
        >>> len(data.train), len(data.validation), len(data.test)
        (6, 2, 2)
    """
    whole = make_split(x, y, sample_weight, name=name)
    return assemble(whole, validation=validation, test=test, name=name, seed=seed, source="arrays in memory")


def assemble(whole: Split, *, validation: Any, test: Any, name: str, seed: int, source: str) -> Dataset:
    """Split off validation and test, or take them as given, and say in `source` what was done.

    A test split of `"auto"` is a fifth of the rows where validation rows are split off, or are the test rows.

    Raises:
        InputError: As `arrays`.
    """
    validation, test = _share("validation", validation), _share("test", test)
    if isinstance(test, str) and test == "auto":
        test = 0.2 if isinstance(validation, (float, str)) else None
    _check_total(validation, test)
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
    elif isinstance(validation, str) and validation == "test":
        if tested is None:
            raise InputError(
                "Expected a test split for validation='test'. Received: test=None. Use test=0.2 to split one off."
            )
        validated = tested
    else:
        validated = _given(validation, name="validation")
    data = Dataset(name=name, train=train, validation=validated, test=tested, source="; ".join([source, *notes[::-1]]))
    return validate_on_test(data) if validated is tested else data


def make_split(x: Any, y: Any, sample_weight: Any = None, *, name: str) -> Split:
    """Features and labels as arrays of equal length; sparse features become CSR.

    Raises:
        InputError: If lengths differ, something cannot become an array, a value is NaN or infinite, or a weight
            is negative.
    """
    _refuse_several(x, "features", name)
    _refuse_several(y, "labels", name)
    features = _csr(x, name) if sparse.issparse(x) else _array(x, "features", name)
    labels = _array(y, "labels", name)
    weights = None if sample_weight is None else _array(sample_weight, "sample weights", name)
    for what, part in (("features", features), ("labels", labels), ("sample weights", weights)):
        if part is not None and part.ndim == 0:
            raise InputError(f"Expected {what} of '{name}' with one row per example. Received: a single value.")
        if part is not None and part.shape[0] != features.shape[0]:
            raise InputError(
                f"Expected as many {what} as features in '{name}'. "
                f"Received: {features.shape[0]} rows of features, {part.shape[0]} of {what}."
            )
        if part is not None:
            # Checked before the split, since a row has another number in its split.
            check_values(name, what, part)
    return Split(features, labels, None if weights is None else weights.reshape(len(weights)))


def _csr(x: Any, name: str) -> sparse.csr_array:
    if x.ndim != 2 or x.dtype.kind not in "biuf":
        raise InputError(
            f"Expected a sparse matrix of numbers with one row per example as features in '{name}'. "
            f"Received: shape {x.shape}, dtype {x.dtype}."
        )
    features = sparse.csr_array(x)
    check_csr(name, features)
    if features.dtype != np.float32:
        features = features.astype(np.float32)
    features.sum_duplicates()
    return features


def _refuse_several(value: Any, what: str, name: str) -> None:
    # A data frame is no Mapping.
    if isinstance(value, Mapping):
        remedy = (
            "For a model with several inputs, make tf.data.Dataset objects of such batches and pass them to "
            "rl.data.stream(train, validation)."
            if what == "features"
            else "regulab trains models with one output: study several outputs one at a time."
        )
        raise InputError(
            f"Expected the {what} of '{name}' as one array. Received: a {type(value).__name__} "
            f"({', '.join(map(str, value)) or 'empty'}). {remedy}"
        )


def _array(value: Any, what: str, name: str) -> np.ndarray:
    if sparse.issparse(value):
        raise InputError(f"Expected a dense array of {what} in '{name}'. Received: a sparse matrix. Use .toarray().")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(
            f"Expected {what} in '{name}' as rows of equal length. Received: rows of different lengths. "
            "Pad or truncate them; rl.data.multi_hot(...) encodes lists of word ids."
        ) from error
    if array.dtype.kind not in "biuf":
        # Data frames hold text as objects.
        is_text = array.dtype.kind in "US" or all(isinstance(item, str) for item in array.flat)
        remedy = (
            "Number the classes from 0, for example with numpy.unique(y, return_inverse=True)[1]."
            if what == "labels" and is_text
            else "Fill missing values, and turn text and categories into numbers first."
        )
        raise InputError(f"Expected numbers as {what} in '{name}'. Received: dtype {array.dtype}. {remedy}")
    return array


def _share(option: str, value: Any) -> Any:
    """A share as a float, checked; anything else as it came."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        raise InputError(
            f"Expected `{option}` as a share in (0, 1). Received: {value}, a whole number. "
            "To split off a number of rows, divide it by the number of all rows."
        )
    if not isinstance(value, (float, np.floating)):
        return value
    if not 0 < value < 1:
        raise InputError(f"Expected `{option}` as a share in (0, 1). Received: {value}. 0.2 is a usual choice.")
    return float(value)


def _check_total(validation: Any, test: Any) -> None:
    if sum(value for value in (validation, test) if isinstance(value, float)) >= 1:
        raise InputError(
            f"Expected shares that leave rows to train on. Received: validation={validation}, test={test}. "
            "Use smaller shares, or test=None for no test split."
        )


def _given(value: Any, *, name: str) -> Split:
    if isinstance(value, Split):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) in (2, 3):
        return make_split(*value, name=name)
    also = " or 'test'" if name == "validation" else ""
    raise InputError(
        f"Expected `{name}` as a share such as 0.2, a pair (x, y), a triple (x, y, sample_weight){also}. "
        f"Received: {_brief(value)}."
    )


def _brief(value: Any) -> str:
    """What was received, without pages of numbers."""
    if value is None or isinstance(value, (str, bool)):
        return repr(value)
    if isinstance(value, Sequence):
        return f"a {type(value).__name__} of length {len(value)}"
    return type(value).__name__
