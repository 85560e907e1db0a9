from __future__ import annotations

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.training.arguments import class_weights


def test_class_weights_become_plain_numbers():
    assert class_weights({np.int64(0): 1, True: np.float32(2.5)}) == {0: 1.0, 1: 2.5}
    assert class_weights(None) is None


@pytest.mark.parametrize(
    "given",
    [
        {"a": 1},
        {0: "1"},
        {0: -1.0},
        {-1: 1.0},
        {0.5: 1.0},
        {0: float("nan")},
        {0: float("inf")},
        {},
        "balanced",
        [1, 2],
    ],
)
def test_class_weights_that_cannot_weigh_are_refused(given):
    with pytest.raises(
        InputError, match=r"from class numbers to weights of at least 0. Received: class_weight=.*\{0: 1"
    ):
        class_weights(given)
