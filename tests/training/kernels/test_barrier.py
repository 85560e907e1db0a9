from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from regulab.training.kernels.barrier import release, wait


@njit(nogil=True)
def _wait_repeatedly(arrivals, threads, rounds):
    """Call `wait` once a round, and record before each call how many rounds are complete."""
    for index in range(len(rounds)):
        rounds[index] = arrivals[0] // threads
        wait(arrivals, threads)


def test_no_thread_gets_a_round_ahead_of_another():
    arrivals, rounds = np.zeros(1, np.int64), np.zeros((3, 200), np.int64)
    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(_wait_repeatedly, arrivals, 3, rounds[thread]) for thread in range(3)]:
            future.result(timeout=60)
    assert arrivals[0] == 600
    assert rounds.tolist() == [list(range(200))] * 3


def test_a_waiting_thread_continues_when_another_fails():
    arrivals, rounds = np.zeros(1, np.int64), np.zeros((1, 3), np.int64)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_wait_repeatedly, arrivals, 2, rounds[0])
        while arrivals[0] == 0:
            time.sleep(0.001)
        assert not waiting.done()
        release(arrivals)
        waiting.result(timeout=60)
