"""The data that `regulab run` is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulab.cli.import_target import locate
from regulab.errors import InputError

if TYPE_CHECKING:
    from regulab.data.dataset import Dataset
    from regulab.study import Study

BUILT_IN = ("imdb", "reviews", "digits")
# The course trains on 512 reviews at a time; elsewhere Keras's own default holds.
_BATCH_SIZES = {"imdb": 512, "reviews": 512}
_KERAS_BATCH_SIZE = 32


def batch_size(source: str) -> int:
    """The batch size where none is asked for."""
    return _BATCH_SIZES.get(source, _KERAS_BATCH_SIZE)


def check_source(source: str) -> None:
    """Refuse a name that is no source of data.

    Raises:
        InputError: If it is neither a built-in data set, a file nor a function.
    """
    if source in BUILT_IN or source.endswith(".npz") or ":" in source:
        return
    hint = " That file exists, but only .npz files are read." if Path(source).exists() else ""
    raise InputError(f"No data set '{source}'.{hint} Available: {', '.join(BUILT_IN)}, DATA.npz, module:function.")


def read_source(source: str, *, data_file: str | None, validation: str | None) -> Dataset | Study:
    """The data set, or whole study, that a name, a file or a function stands for.

    Raises:
        InputError: If there is no such source, or an option does not go with it.
    """
    from regulab import data

    if data_file is not None and source != "imdb":
        raise InputError(f"Expected --data-file together with imdb. Received: --data-file with {source}.")
    if source == "imdb":
        return data.imdb(data_file=data_file, validation=validation)
    if source == "digits":
        return data.digits(validation=validation)
    if source == "reviews":
        dataset: Dataset | Study = data.reviews()
    elif source.endswith(".npz"):
        return data.load(source, validation=validation)
    else:
        dataset = as_data(locate(source, option="the data source")(), name=source, validation=validation)
    return _with_protocol(dataset, validation)


def as_data(value: Any, *, name: str, validation: str | None = None) -> Dataset | Study:
    """What a user's function returned, as a data set or study.

    Takes a `Dataset`, a `Study`, `(x, y)`, `((x, y), (x_test, y_test))` as Keras's own data sets come, or
    `tf.data.Dataset` streams as `(train, validation)` or `(train, validation, test)`. With `validation="test"`,
    arrays with test rows give none of their training rows away for validation.

    Raises:
        InputError: If it is something else.
    """
    from regulab import data
    from regulab.data.dataset import Dataset
    from regulab.study import Study

    if isinstance(value, (Dataset, Study)):
        return value
    if isinstance(value, (tuple, list)) and len(value) in (2, 3):
        if all(hasattr(part, "element_spec") for part in value):
            return data.stream(*value, name=name)
        if all(isinstance(part, (tuple, list)) and len(part) == 2 for part in value):
            (x, y), *held_out = value
            if len(held_out) == 1:
                return data.arrays(x, y, validation=validation or 0.2, test=tuple(held_out[0]), name=name)
            return data.arrays(x, y, validation=tuple(held_out[0]), test=tuple(held_out[1]), name=name)
        if len(value) == 2:
            return data.arrays(value[0], value[1], validation=validation or 0.2, name=name)
    raise InputError(
        f"Expected {name} to return a regulab Dataset or Study, (x, y), ((x, y), (x_test, y_test)), or "
        f"tf.data.Dataset streams (train, validation). Received: {type(value).__name__}."
    )


def _with_protocol(dataset: Dataset | Study, validation: str | None) -> Dataset | Study:
    from regulab.data.dataset import Dataset, validate_on_test

    if validation is None:
        return dataset
    if not isinstance(dataset, Dataset):
        raise InputError("Expected --validation with a data set. Received: a whole study, which brings its own.")
    return validate_on_test(dataset)
