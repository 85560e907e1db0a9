"""What only the bench needs: PyTorch, in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

PYTORCH = "2.13.0"
#: One place for all benches, quick or full, wherever their figures go.
FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench" / "torch"


def pytorch() -> Path:
    """The interpreter of an environment that has PyTorch, made on first use."""
    python = FOLDER / "bin" / "python"
    # Written last: an environment without it was interrupted.
    stamp = FOLDER / f".torch-{PYTORCH}"
    if not stamp.exists():
        print(f"Installing PyTorch {PYTORCH} into {FOLDER}, for this comparison only.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        wanted = [f"torch=={PYTORCH}", f"numpy=={version('numpy')}"]
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, *wanted], check=True, stdout=sys.stderr)
        stamp.touch()
    return python
