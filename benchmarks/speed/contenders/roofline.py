"""What the machine can do at most: rewrite memory, add up what is in a cache, and multiply matrices."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from speed.turns import Turns

#: As many floats as the widest model's first kernel and both its moments have: what Adam rewrites in each step.
REWRITTEN = 3 * 10_000 * 512
SIDE = 2048
TRIES = 3
#: As many floats as fit into the nearest cache of any usual machine, and how often they are added up.
NEAR, OFTEN = 4096, 100_000


@njit(nogil=True)
def rewrite(values: np.ndarray) -> None:
    """Read and write each value once."""
    for index in range(values.size):
        values[index] += np.float32(1)


@njit(nogil=True, fastmath=True)
def add_up(values: np.ndarray, often: int) -> np.float32:
    """The sum of all values, summed so often."""
    total = np.float32(0)
    for _ in range(often):
        summed = np.float32(0)
        # By number: what reads `for value in values` is not vectorized.
        for index in range(values.size):
            summed += values[index]
        total += summed
    return total


def best_of(task: Callable[[], object]) -> float:
    """The shortest of some tries, in seconds."""
    taken = []
    for _ in range(TRIES):
        started = time.perf_counter()
        task()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    argparse.ArgumentParser().parse_args()
    turns = Turns()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = np.zeros(REWRITTEN, np.float32)
    parts = np.array_split(memory, cores)
    square = np.ones((SIDE, SIDE), np.float32)
    product = np.zeros_like(square)
    near = [np.ones(NEAR, np.float32) for _ in range(cores)]
    with ThreadPoolExecutor(cores) as pool:
        add_up(near[0], 1)
        rewrite(memory)
        turns.ready()
        while turns.wait():
            rewriting = best_of(lambda: list(pool.map(rewrite, parts)))
            adding = best_of(lambda: list(pool.map(lambda values: add_up(values, OFTEN), near)))
            multiplying = best_of(lambda: np.matmul(square, square, out=product))
            # Each byte is read once and written once.
            turns.report(
                rewrite_gb_s=2 * memory.nbytes / rewriting / 1e9,
                add_gb_s=cores * OFTEN * near[0].nbytes / adding / 1e9,
                sgemm_gflops=2 * SIDE**3 / multiplying / 1e9,
            )


if __name__ == "__main__":
    main()
