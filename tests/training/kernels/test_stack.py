from __future__ import annotations

import numpy as np

from regulab.training.kernels import codes
from regulab.training.kernels.model_spec import DenseSpec, ModelSpec, OptimizerSpec
from regulab.training.kernels.stack import Stack


def spec(units):
    layer = DenseSpec(6, units, codes.LINEAR, True, (0.0, 0.0), (0.0, 0.0), False, False)
    return ModelSpec((layer,), codes.SQUARED_LOSS, 0.0, (), OptimizerSpec(codes.SGD, 0.0, 0.0, 0.0, 0.0, 0.1))


def test_a_model_that_spans_two_blocks_returns_the_weights_it_was_given():
    rng = np.random.default_rng(3)
    weights = [[rng.normal(size=(6, u)).astype(np.float32), np.zeros(u, np.float32)] for u in (20, 30, 5)]
    stack = Stack([spec(20), spec(30), spec(5)], weights, sparse=True)
    assert stack.state.first_kernels.shape == (2, 6, codes.WIDE)
    for model, given in enumerate(weights):
        for returned, expected in zip(stack.weights(model), given, strict=True):
            assert returned.tolist() == expected.tolist()
