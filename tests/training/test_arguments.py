from __future__ import annotations

import numpy as np
import pytest

from regulab.data.arrays import arrays
from regulab.errors import InputError
from regulab.training.arguments import check_weighted, class_weights


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


def test_class_weights_need_labels_that_are_classes():
    x = np.arange(20.0).reshape(20, 1)
    check_weighted(arrays(x, np.arange(20) % 2, validation=0.5), {0: 2.0})
    check_weighted(arrays(x, x[:, 0] / 3, validation=0.5), None)
    with pytest.raises(InputError, match=r"class numbers as labels.*Received: labels such as 0\.333333.*sample_weight"):
        check_weighted(arrays(x, np.full(20, 1 / 3), validation=0.5), {0: 2.0})
