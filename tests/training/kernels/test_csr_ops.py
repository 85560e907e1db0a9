"""Sparse products and their gradients against NumPy's dense ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import random_array

from regulab.data.dataset import Split
from regulab.training.kernels import codes
from regulab.training.kernels.csr_ops import batch_to_csc, multiply, scatter_add
from regulab.training.kernels.examples import as_examples

ROWS = np.array([7, 0, 3, 11, 5, 2, 9])


@pytest.fixture(params=["arbitrary values", "multi-hot"])
def examples(request):
    x = random_array((12, 40), density=0.3, format="csr", dtype=np.float32, rng=np.random.default_rng(0))
    if request.param == "multi-hot":
        x.data[...] = 1
    return x.toarray(), as_examples(Split(x, np.zeros((12, 1))))


@pytest.mark.parametrize(("blocks", "width"), [(1, codes.NARROW), (1, codes.MEDIUM), (3, codes.WIDE)])
def test_sparse_product_equals_the_dense_one_for_every_block_width(examples, blocks, width):
    dense, sparse = examples
    kernels = np.random.default_rng(1).normal(size=(blocks, 40, width)).astype(np.float32)
    out = np.full((blocks, len(ROWS), width), np.nan, np.float32)
    multiply(sparse, kernels, (0, blocks), ROWS, 2, 6, out)
    np.testing.assert_allclose(out[:, 2:6], dense[ROWS[2:6]] @ kernels, rtol=1e-5, atol=1e-6)
    # Examples outside of the slice are not written.
    assert np.isnan(out[:, :2]).all()
    assert np.isnan(out[:, 6:]).all()


@pytest.mark.parametrize("width", [codes.NARROW, codes.MEDIUM, codes.WIDE])
def test_scattered_gradient_equals_the_dense_product_for_every_block_width(examples, width):
    dense, sparse = examples
    deltas = np.random.default_rng(2).normal(size=(1, len(ROWS), width)).astype(np.float32)
    out = np.ones((40, width), np.float32)
    scatter_add(sparse, deltas, ROWS, 0, len(ROWS), out)
    np.testing.assert_allclose(out, 1 + dense[ROWS].T @ deltas[0], rtol=1e-5, atol=1e-6)


def test_csc_lists_the_examples_of_each_feature_in_order(examples):
    dense, sparse = examples
    indptr, csc_examples, values = batch_to_csc(sparse, ROWS, 10, 25)
    for feature in range(10, 25):
        entries = slice(indptr[feature - 10], indptr[feature - 9])
        assert csc_examples[entries].tolist() == np.flatnonzero(dense[ROWS, feature]).tolist()
        expected = dense[ROWS[csc_examples[entries]], feature]
        assert (values[entries] if sparse.values.size else np.ones(len(expected))).tolist() == expected.tolist()
