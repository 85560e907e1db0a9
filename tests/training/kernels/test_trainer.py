from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import random_array

from regulab.data.dataset import Split
from regulab.training.kernels import codes, threads
from regulab.training.kernels.examples import as_examples
from regulab.training.kernels.model_spec import DenseSpec, ModelSpec, OptimizerSpec
from regulab.training.kernels.trainer import Trainer

FEATURES, BATCH, ROWS = 40, 2048, 18_000


def layer(inputs: int, units: int, activation: int) -> DenseSpec:
    return DenseSpec(inputs, units, activation, True, (0.0, 0.0), (0.0, 0.0), False, False)


@pytest.mark.parametrize("units", [8, 200], ids=["one batch at a time", "several batches at once"])
def test_every_row_is_measured_once_and_in_order(units, monkeypatch) -> None:
    monkeypatch.setattr(threads, "count_for", lambda multiplications: 2)
    rng = np.random.default_rng(0)
    x = random_array((ROWS, FEATURES), density=0.3, format="csr", dtype=np.float32, rng=rng)
    y = rng.normal(size=(ROWS, 1)).astype(np.float32)
    hidden, output = layer(FEATURES, units, codes.RELU), layer(units, 1, codes.LINEAR)
    spec = ModelSpec((hidden, output), codes.SQUARED_LOSS, 0.0, (), OptimizerSpec(codes.SGD, 0.0, 0.0, 0.0, 0.0, 0.1))
    shapes = (FEATURES, units), (units,), (units, 1), (1,)
    kernel, bias, output_kernel, output_bias = weights = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    rows = rng.permutation(ROWS)
    trainer = Trainer([spec], [weights], as_examples(Split(x, y)), batch_size=BATCH)
    losses, totals = trainer.measure(trainer.examples, rows)
    expected = ((np.maximum(x.toarray() @ kernel + bias, 0) @ output_kernel + output_bias - y) ** 2)[rows]
    np.testing.assert_allclose(losses, expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(totals.loss, expected.mean(), rtol=1e-5)
