"""`python benchmarks/speed`: measure, and write what was found into docs/performance.md."""

import sys
from pathlib import Path

if not __package__:
    # Run as a folder: its modules are those of the package `speed`, and not top-level ones.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from speed.command import main

if __name__ == "__main__":
    sys.exit(main())
