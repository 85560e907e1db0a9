"""On what a part was measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from speed import peers
from speed.bench import Bench
from speed.data import read

PACKAGES = ("regulab", "keras", "tensorflow-cpu", "tensorflow", "numba", "numpy", "scikit-learn")


def about(bench: Bench) -> dict[str, Any]:
    """Machine, versions and data as plain values."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    if any("PyTorch" in peer for peer in bench.sizes.peers):
        versions["torch"] = peers.PYTORCH
    imdb = bench.source == "imdb"
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions,
        "data": {
            "name": "the IMDB reviews" if imdb else "synthetic reviews",
            "rows": 25_000 if imdb else bench.sizes.rows,
            "words": bench.sizes.words,
            # Of the reviews to train on; those to validate on hold about as many.
            "entries": len(read(bench.data)[0].indices),
        },
    }
