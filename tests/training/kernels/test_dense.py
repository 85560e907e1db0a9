from __future__ import annotations

import numpy as np

from regulab.training.kernels.dense import copy_columns


def test_columns_are_copied_across_blocks_and_back():
    blocks = np.arange(3 * 5 * 4, dtype=np.float32).reshape(3, 5, 4)
    as_one_matrix = blocks.transpose(1, 0, 2).reshape(5, 12)
    values = np.empty((2, 7), np.float32)
    copy_columns(blocks, 3, 1, values, False)
    assert values.tolist() == as_one_matrix[1:3, 3:10].tolist()
    copied_back = np.zeros_like(blocks)
    copy_columns(copied_back, 3, 1, values, True)
    expected = np.zeros((5, 12), np.float32)
    expected[1:3, 3:10] = values
    assert copied_back.transpose(1, 0, 2).reshape(5, 12).tolist() == expected.tolist()
