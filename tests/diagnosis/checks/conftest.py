from __future__ import annotations

from collections.abc import Callable

import pytest

from regulab.histories.history import History


@pytest.fixture
def own() -> Callable[..., History]:
    """A history of a regulab study."""

    def make(train: tuple[float, ...], validation: tuple[float, ...], **more: tuple[float, ...]) -> History:
        return History("baseline", 0, {"train_data_loss": train, "val_data_loss": validation, **more})

    return make


@pytest.fixture
def log() -> Callable[..., History]:
    """A history as Keras logs it."""

    def make(train: tuple[float, ...], validation: tuple[float, ...], **more: tuple[float, ...]) -> History:
        return History("log.csv", 0, {"loss": train, "val_loss": validation, **more})

    return make
