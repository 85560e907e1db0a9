from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numba import njit
from scipy.sparse import random_array

from regulab.data.dataset import Split
from regulab.training.kernels import layout as codes
from regulab.training.kernels.barrier import let_go, wait
from regulab.training.kernels.csr_ops import by_feature, scatter_rows, sum_rows
from regulab.training.kernels.dense import copy_columns
from regulab.training.kernels.examples import as_examples
from regulab.training.kernels.model_spec import DenseLayer, Optimizer, Plan
from regulab.training.kernels.stack import Stack

ROWS = np.array([7, 0, 3, 11, 5, 2, 9])


@pytest.fixture(params=["numbers", "ones"])
def examples(request):
    x = random_array((12, 40), density=0.3, format="csr", dtype=np.float32, rng=np.random.default_rng(0))
    if request.param == "ones":
        x.data[...] = 1
    return x.toarray(), as_examples(Split(x, np.zeros((12, 1))))


@pytest.mark.parametrize(("blocks", "width"), [(1, codes.NARROW), (1, codes.MIDDLE), (3, codes.WIDE)])
def test_sums_of_kernel_rows_are_the_product_in_every_width(examples, blocks, width):
    dense, sparse = examples
    first = np.random.default_rng(1).normal(size=(blocks, 40, width)).astype(np.float32)
    out = np.full((blocks, len(ROWS), width), np.nan, np.float32)
    sum_rows(sparse, first, (0, blocks), ROWS, 2, 6, out)
    np.testing.assert_allclose(out[:, 2:6], dense[ROWS[2:6]] @ first, rtol=1e-5, atol=1e-6)
    assert np.isnan(out[:, :2]).all()
    assert np.isnan(out[:, 6:]).all()


@pytest.mark.parametrize("width", [codes.NARROW, codes.MIDDLE, codes.WIDE])
def test_scattered_gradients_add_up_to_the_product_in_every_width(examples, width):
    dense, sparse = examples
    upstream = np.random.default_rng(2).normal(size=(1, len(ROWS), width)).astype(np.float32)
    out = np.ones((40, width), np.float32)
    scatter_rows(sparse, upstream, ROWS, 0, len(ROWS), out)
    np.testing.assert_allclose(out, 1 + dense[ROWS].T @ upstream[0], rtol=1e-5, atol=1e-6)


def test_examples_are_listed_by_the_features_they_have(examples):
    dense, sparse = examples
    starts, owners, values = by_feature(sparse, ROWS, 10, 25)
    for feature in range(10, 25):
        held = slice(starts[feature - 10], starts[feature - 9])
        assert owners[held].tolist() == np.flatnonzero(dense[ROWS, feature]).tolist()
        of_feature = dense[ROWS[owners[held]], feature]
        assert (values[held] if sparse.values.size else np.ones(len(of_feature))).tolist() == of_feature.tolist()


def test_columns_are_copied_across_blocks_and_back():
    blocks = np.arange(3 * 5 * 4, dtype=np.float32).reshape(3, 5, 4)
    side_by_side = blocks.transpose(1, 0, 2).reshape(5, 12)
    values = np.empty((2, 7), np.float32)
    copy_columns(blocks, 3, 1, values, False)
    assert values.tolist() == side_by_side[1:3, 3:10].tolist()
    other = np.zeros_like(blocks)
    copy_columns(other, 3, 1, values, True)
    expected = np.zeros((5, 12), np.float32)
    expected[1:3, 3:10] = values
    assert other.transpose(1, 0, 2).reshape(5, 12).tolist() == expected.tolist()


def test_a_model_that_lies_in_two_blocks_gets_back_the_weights_it_gave():
    def plan(units):
        layer = DenseLayer(6, units, codes.LINEAR, True, (0.0, 0.0), (0.0, 0.0), False, False)
        return Plan((layer,), codes.SQUARED, 0.0, (), Optimizer(codes.SGD, 0.0, 0.0, 0.0, 0.0, 0.1))

    rng = np.random.default_rng(3)
    weights = [[rng.normal(size=(6, u)).astype(np.float32), np.zeros(u, np.float32)] for u in (20, 30, 5)]
    stack = Stack([plan(20), plan(30), plan(5)], weights, sparse=True)
    assert stack.state.first.shape == (2, 6, codes.WIDE)
    for place, given in enumerate(weights):
        for one, other in zip(stack.weights(place), given, strict=True):
            assert one.tolist() == other.tolist()


@njit(nogil=True)
def _rounds(arrivals, threads, thread, seen):
    for number in range(len(seen)):
        seen[number] = arrivals[0] // threads
        wait(arrivals, threads)


def test_no_thread_is_a_round_ahead_of_another():
    arrivals, seen = np.zeros(1, np.int64), np.zeros((3, 200), np.int64)
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(_rounds, arrivals, 3, thread, seen[thread]) for thread in range(3)]:
            done.result(timeout=60)
    assert arrivals[0] == 600
    assert seen.tolist() == [list(range(200))] * 3


def test_a_waiting_thread_is_let_go_when_another_fails():
    arrivals, seen = np.zeros(1, np.int64), np.zeros((1, 3), np.int64)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_rounds, arrivals, 2, 0, seen[0])
        while arrivals[0] == 0:
            time.sleep(0.001)
        assert not waiting.done()
        let_go(arrivals)
        waiting.result(timeout=60)
