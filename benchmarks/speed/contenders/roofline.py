"""What the machine can do at most: copy memory, and multiply matrices."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from speed.turns import Turns

#: Far more than any cache holds.
MEGABYTES = 256
SIDE = 2048
TRIES = 3


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
    source = np.ones(MEGABYTES * 250_000, np.float32)
    target = np.zeros_like(source)
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    square = np.ones((SIDE, SIDE), np.float32)
    product = np.zeros_like(square)
    with ThreadPoolExecutor(cores) as pool:
        turns.ready()
        while turns.wait():
            copying = best_of(lambda: list(pool.map(lambda part: np.copyto(*part), parts)))
            multiplying = best_of(lambda: np.matmul(square, square, out=product))
            # Each byte is read once and written once.
            turns.report(copy_gb_s=2 * source.nbytes / copying / 1e9, sgemm_gflops=2 * SIDE**3 / multiplying / 1e9)


if __name__ == "__main__":
    main()
