"""A user's own `tf.data.Dataset` streams."""

from __future__ import annotations

from typing import Any

from regulab.data.dataset import Dataset, Stream, validate_on_test
from regulab.errors import InputError


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
        raise InputError("Expected a test stream for validation='test'. Received: test=None. Pass one as `test`.")
    validated = tested if on_test and tested is not None else _stream(validation, name="validation")
    data = Dataset(
        name=name, train=_stream(train, name="train"), validation=validated, test=tested, source="tf.data streams"
    )
    return validate_on_test(data) if on_test else data


def _stream(batches: Any, *, name: str) -> Stream:
    if isinstance(batches, Stream):
        return batches
    if not hasattr(batches, "element_spec") or not hasattr(batches, "cardinality"):
        raise InputError(
            f"Expected a tf.data.Dataset for '{name}'. Received: {type(batches).__name__}. "
            "rl.data.arrays(x, y) takes arrays and splits rows; tf.data.Dataset.from_generator makes a stream."
        )
    spec = batches.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3):
        raise InputError(
            f"Expected '{name}' to yield (x, y) or (x, y, sample_weight). Received: {_describe(spec)}. "
            "tf.data.Dataset.zip joins features with labels."
        )
    firsts = [_rows(part) for part in spec]
    if "scalar" in firsts or len({first for first in firsts if first != "unknown"}) > 1:
        raise InputError(
            f"Expected '{name}' to be batched. Received: {_describe(spec)}. Add .batch(32) after the last map."
        )
    batch_count = int(batches.cardinality())
    if batch_count == -1:  # tf.data.INFINITE_CARDINALITY
        raise InputError(f"Expected '{name}' to end. Received: an endless stream. Remove .repeat() or add .take(n).")
    if batch_count == 0:
        raise InputError(f"Expected examples in '{name}'. Received: an empty stream.")
    # A static batch size means that no batch is smaller, so the size is known without a pass.
    rows = firsts[1]
    return Stream(batches, batch_count * rows if isinstance(rows, int) and batch_count > 0 else None)


def _describe(spec: Any) -> str:
    if isinstance(spec, tuple):
        return f"({', '.join(map(_describe, spec))})"
    shape = getattr(spec, "shape", None)
    return f"a {type(spec).__name__}" if shape is None else f"shape {shape}"


def _rows(part: Any) -> int | str | None:
    """The batch dimension: a number, None where it varies, or why there is none to see."""
    shape = getattr(part, "shape", None)
    if shape is None or shape.rank is None:  # Several inputs in a dict or tuple, or an unknown shape.
        return "unknown"
    if shape.rank == 0:
        return "scalar"
    first = shape[0]
    return None if first is None else int(first)
