"""The kernels' design note names every module, and nothing that does not exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from regulab.training import kernels

FOLDER = Path(kernels.__file__).parent
NAMES = set(re.findall(r"`(\w+(?:\.\w+)*)`", (FOLDER / "README.md").read_text(encoding="utf-8")))
MODULES = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}


def test_every_module_is_named() -> None:
    assert {name.partition(".")[0] for name in NAMES} >= MODULES


def test_every_named_file_exists() -> None:
    files = {path.name for folder in (FOLDER, Path(__file__).parent) for path in folder.glob("*.py")}
    assert {name for name in NAMES if name.endswith(".py")} <= files


def test_every_named_function_exists() -> None:
    missing = set()
    for name in NAMES:
        module, _, attribute = name.partition(".")
        if module in MODULES and attribute not in ("", "py"):
            loaded = importlib.import_module(f"regulab.training.kernels.{module}")
            if not hasattr(loaded, attribute):
                missing.add(name)
    assert missing == set()
