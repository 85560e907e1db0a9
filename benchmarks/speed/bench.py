"""What every part is measured with: sizes, data, interpreters and folders."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from regulab.data.imdb_source import FILE_NAMES
from speed import peers
from speed.processes import Whole, Worker
from speed.sizes import Sizes

PACKAGES = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Bench:
    """The surroundings of a measurement.

    Attributes:
        folder: Where data, logs and runs go.
        sizes: How much is measured.
        quick: Whether only to see that it runs.
    """

    folder: Path
    sizes: Sizes
    quick: bool

    @cached_property
    def source(self) -> str:
        """`imdb` where REGULAB_DATA_DIR holds the reviews, else `reviews`, which are generated."""
        folder = os.environ.get("REGULAB_DATA_DIR")
        at_hand = bool(folder) and any((Path(folder).expanduser() / name).is_file() for name in FILE_NAMES)
        return "imdb" if at_hand and not self.quick else "reviews"

    @property
    def data(self) -> Path:
        """The reviews."""
        return self.reviews(self.sizes.rows, source=self.source)

    def reviews(self, rows: int, *, source: str = "reviews") -> Path:
        """A file of reviews, written on first use."""
        size = "" if source == "imdb" else f"-{rows}"
        path = self.folder / "data" / f"{source}{size}-{self.sizes.words}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            print(f"Writing {path.name}.", file=sys.stderr)
            options = ["--source", source, "--rows", str(rows), "--words", str(self.sizes.words)]
            command = [sys.executable, "-m", "speed.data", "--out", str(path), *options]
            subprocess.run(command, check=True, env=self.environment, stdout=sys.stderr)
        return path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every contender."""
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "KERAS_BACKEND": "tensorflow",
            "MPLBACKEND": "Agg",
        }

    def compile(self) -> None:
        """Compile regulab's kernels, as its installation does: otherwise the first round would."""
        command = [sys.executable, "-m", "regulab.training.kernels"]
        subprocess.run(command, check=True, env=self.environment, stdout=sys.stderr)

    @property
    def regulab(self) -> str:
        """The command."""
        return str(Path(sys.executable).with_name("regulab"))

    def work_file(self, *parts: str) -> Path:
        """A path in a folder of the bench that exists."""
        path = self.folder.joinpath("work", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def worker(self, name: str, module: str, **options: Any) -> Worker:
        """A contender that stays, by the name of its module."""
        python = str(peers.pytorch()) if module == "torch_epochs" else sys.executable
        return Worker(
            [python, "-m", f"speed.contenders.{module}", *_words(options)],
            log=self.work_file(f"{name}.log"),
            environment=self.environment,
        )

    def whole(self, name: str, module: str, *, environment: Mapping[str, str] | None = None, **options: Any) -> Whole:
        """A contender that is run anew each turn and writes figures of its own."""
        values = self.work_file(f"{name}.json")
        return Whole(
            [sys.executable, "-m", f"speed.contenders.{module}", "--out", str(values), *_words(options)],
            log=self.work_file(f"{name}.log"),
            environment={**self.environment, **(environment or {})},
            values=values,
        )


def _words(options: Mapping[str, Any]) -> list[str]:
    return [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
