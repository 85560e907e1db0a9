"""What a study trains on: named splits of features and labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from regulab.errors import InputError
from regulab.printable import printable

Array = Any  # a numpy array, or a scipy CSR array for features


@dataclass(frozen=True, eq=False)
class Split:
    """Examples held in memory.

    Attributes:
        x: Features, shape `(n, ...)`: a numpy array or a scipy CSR array/matrix.
        y: Labels, shape `(n,)` or `(n, ...)`.
        sample_weight: Optional weights, shape `(n,)`.

    Example:
        >>> len(Split(np.zeros((3, 2)), np.array([0, 1, 0])))
        3
    """

    x: Array
    y: np.ndarray
    sample_weight: np.ndarray | None = None

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def __repr__(self) -> str:
        return f"<Split: x {np.shape(self.x)}, y {np.shape(self.y)}>"

    def rows(self, index: np.ndarray) -> Split:
        """The examples at `index`, in that order."""
        weight = None if self.sample_weight is None else self.sample_weight[index]
        return Split(self.x[index], self.y[index], weight)


@dataclass(frozen=True, eq=False)
class Stream:
    """Examples read batch by batch from a `tf.data.Dataset`, which may be larger than memory.

    Attributes:
        batches: A batched, finite `tf.data.Dataset` of `(x, y)` or `(x, y, sample_weight)`.
        size: Number of examples, or None where it is not known before the first pass.
    """

    batches: Any
    size: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """Named splits: validation data is for choosing, test data for one final report.

    Attributes:
        name: Short name, as tables and files show it.
        train: What the models are fitted to.
        validation: What epochs and variants are chosen on.
        test: What the chosen ones are reported on, or None.
        synthetic: Whether a generator made the examples.
        source: Where the examples came from, as one phrase for people.
        validation_is_test: Whether the test split serves as validation (the course's own protocol),
            so that figures on it flatter whatever was chosen by it.
    """

    name: str
    train: Split | Stream
    validation: Split | Stream
    test: Split | Stream | None = None
    synthetic: bool = False
    source: str = ""
    validation_is_test: bool = False

    def __repr__(self) -> str:
        sizes = [
            f"{name} {f'{len(split):,}' if isinstance(split, Split) else 'a stream'}" for name, split in self.splits()
        ]
        return printable(f"<Dataset {self.title}: {', '.join(sizes)}>")

    def splits(self) -> Iterator[tuple[str, Split | Stream]]:
        """The splits that exist, with their names."""
        for name in ("train", "validation", "test"):
            split = getattr(self, name)
            if split is not None:
                yield name, split

    @property
    def title(self) -> str:
        """The name for people, which says 'synthetic' where it is."""
        return f"{self.name} (synthetic)" if self.synthetic else self.name


def validate_on_test(dataset: Dataset) -> Dataset:
    """The course's own protocol: the test split serves as the validation split.

    Raises:
        InputError: If there is no test split.
    """
    if dataset.test is None:
        raise InputError(
            f"Expected a data set with a test split for validation='test'. Received: '{dataset.name}', which has none. "
            "Give it one, or leave `validation` out."
        )
    return replace(dataset, validation=dataset.test, validation_is_test=True)
