from __future__ import annotations

import keras
import numpy as np
import pytest

from regulab.training.kernels.philox import fill_mask


@pytest.mark.parametrize("seed", [3, 12345, 2**31 + 5])
def test_masks_equal_those_that_keras_draws(seed: int) -> None:
    layer = keras.layers.Dropout(0.4, seed=seed)
    ones = np.ones((53, 7), np.float32)
    for _ in range(3):
        state = np.asarray(layer.seed_generator.state)
        expected = np.asarray(layer(ones, training=True))
        mask = np.empty((53, 7), np.float32)
        fill_mask(mask, 0, state[0], state[1], np.float32(0.4))
        np.testing.assert_array_equal(mask, expected)


def test_part_of_a_mask_equals_that_part_of_the_whole_mask() -> None:
    whole, part = np.empty((53, 7), np.float32), np.empty((13, 7), np.float32)
    fill_mask(whole, 0, 1, 2, np.float32(0.5))
    fill_mask(part, 40 * 7, 1, 2, np.float32(0.5))
    np.testing.assert_array_equal(part, whole[40:])


def test_the_rate_is_the_share_of_dropped_units() -> None:
    mask = np.empty((1000, 100), np.float32)
    fill_mask(mask, 0, 7, 0, np.float32(0.3))
    assert set(np.unique(mask)) == {np.float32(0), np.float32(1 / 0.7)}
    assert (mask == 0).mean() == pytest.approx(0.3, abs=0.01)
