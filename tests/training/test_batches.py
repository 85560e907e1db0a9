from __future__ import annotations

import numpy as np
import pytest

from regulab.training.batches import example_weights


@pytest.mark.parametrize(
    ("labels", "weights"),
    [
        ([0.0, 0.6, 1.0], {0: 1.0, 1: 5.0}),
        ([-1, 1], {1: 5.0}),
        ([0, 3, 7], {3: 2.0}),
        ([[0], [2]], {2: 0.5}),
        ([[0, 1], [1, 0]], {0: 3.0}),
    ],
)
def test_classes_are_weighted_as_keras_weights_them(labels, weights) -> None:
    from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

    given = np.array(labels)
    assert example_weights(given, weights).tolist() == class_weight_to_sample_weights(given, weights).tolist()
