"""Peak memory and time of every reader against the size of its input, each in a process of its own.

    python benchmarks/memory.py                  # 10,000, 20,000 and 40,000 epochs: half a minute
    python benchmarks/memory.py --epochs 100000  # the limit
    python benchmarks/memory.py --plot memory.png

A noisy log is written in each format, read and diagnosed. Memory is what the process holds at most, beyond what it
holds once everything is imported, so the numbers include the diagnosis. Noise matters: the noisier a curve, the wider
the windows over which it is averaged.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

EPOCHS = (10_000, 20_000, 40_000)


@dataclass(frozen=True)
class Measured:
    """One log, read and diagnosed.

    Attributes:
        reader: What read it.
        epochs: How many it holds.
        input_bytes: Its size.
        peak_bytes: By how much the process grew at most.
        seconds: How long it took, without imports.
    """

    reader: str
    epochs: int
    input_bytes: int
    peak_bytes: int
    seconds: float

    @property
    def multiple(self) -> float:
        """Memory in units of the input."""
        return self.peak_bytes / self.input_bytes


def losses(epochs: int) -> list[list[float]]:
    """Training and validation loss after every epoch, so noisy that a fifth of a run is averaged."""
    rng, progress = np.random.default_rng(0), np.arange(epochs) / epochs
    training = np.abs(0.3 + 0.4 * np.exp(-5 * progress) + 0.1 * rng.standard_normal(epochs))
    validation = np.abs(0.5 * np.exp(-10 * progress) + 0.2 * rng.standard_normal(epochs)) + 1e-6
    return np.stack([training, validation], axis=1).tolist()


def _csv(rows: Sequence[Sequence[float]], path: Path) -> None:
    path.write_text("epoch,loss,val_loss\n" + "".join(f"{e},{a},{b}\n" for e, (a, b) in enumerate(rows)))


def _csv_of_steps(rows: Sequence[Sequence[float]], path: Path) -> None:
    lines = (f"{e},{10 * e + s},{a},{b if s == 9 else ''}\n" for e, (a, b) in enumerate(rows) for s in range(10))
    path.write_text("epoch,step,loss,val_loss\n" + "".join(lines))


def _history_json(rows: Sequence[Sequence[float]], path: Path) -> None:
    path.write_text(json.dumps(dict(zip(("loss", "val_loss"), zip(*rows, strict=True), strict=True))))


def _json_lines(rows: Sequence[Sequence[float]], path: Path) -> None:
    path.write_text("".join(json.dumps({"epoch": e, "loss": a, "val_loss": b}) + "\n" for e, (a, b) in enumerate(rows)))


def _trainer_state(rows: Sequence[Sequence[float]], path: Path) -> None:
    records = [
        record
        for e, (a, b) in enumerate(rows, start=1)
        for record in ({"epoch": e, "step": e, "loss": a}, {"epoch": e, "step": e, "eval_loss": b})
    ]
    path.write_text(json.dumps({"log_history": records}))


def _event_file(rows: Sequence[Sequence[float]], path: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
        for step, values in enumerate(rows):
            event = Event(wall_time=2.0 + step, step=step)
            for tag, value in zip(("loss/train", "loss/validation"), values, strict=True):
                event.summary.value.add(tag=tag, simple_value=value)
            writer.write(event.SerializeToString())


def _run_folder(rows: Sequence[Sequence[float]], path: Path) -> None:
    from regulab.histories.example_losses import ExampleLosses
    from regulab.histories.history import Histories, History
    from regulab.histories.run_folder import RunFolder

    training, validation = zip(*rows, strict=True)
    measures = {"train_data_loss": training, "val_data_loss": validation}
    path.mkdir()
    run = RunFolder(path)
    run.write_study(
        {
            "data": {"name": "made", "title": "made", "validation": len(rows), "validation_is_test": False},
            "variants": [{"name": "baseline", "label": "baseline", "parameters": 1, "capacity": False}],
            "seeds": [0],
            "epochs": len(rows),
        }
    )
    run.write_histories(Histories((History("baseline", 0, measures),)))
    run.write_losses({("baseline", 0): ExampleLosses(np.array(validation))})
    run.complete({})


WRITERS: dict[str, Callable[[Sequence[Sequence[float]], Path], None]] = {
    "CSV, a row an epoch": _csv,
    "CSV, ten steps an epoch": _csv_of_steps,
    "Keras's history as JSON": _history_json,
    "JSON lines": _json_lines,
    "trainer_state.json": _trainer_state,
    "TensorBoard event file": _event_file,
    "run folder": _run_folder,
}

# In a process of its own: the peak of a process never falls.
_CHILD = """
import json, re, sys, time
from pathlib import Path
import regulab as rl

def peak():
    # What `getrusage` says of a process begins with the peak of the process that started it.
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text()).group(1))
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS: in bytes

from regulab.histories.readers import epoch_table, events, records, table, tensorboard
import regulab.results, tempfile
if sys.argv[2] == "TensorBoard event file":
    import tensorboard.compat.proto.event_pb2, tensorboard.compat.tensorflow_stub.pywrap_tensorflow
rl.diagnose({"loss": [0.5] * 20, "val_loss": [0.5] * 20})
before, start = peak(), time.perf_counter()
print(rl.diagnose(sys.argv[1]).state, file=sys.stderr)
if sys.argv[2] == "run folder":
    rl.load(sys.argv[1]).conclusion()
seconds = time.perf_counter() - start
print(json.dumps([peak() - before, seconds]))
"""


def measure(reader: str, rows: Sequence[Sequence[float]], path: Path) -> Measured:
    """Write a log, and have it read."""
    WRITERS[reader](rows, path)
    files = path.rglob("*") if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), reader], check=True, capture_output=True, text=True
    )
    return Measured(reader, len(rows), size, *json.loads(child.stdout))


def measure_all(epochs: Sequence[int]) -> Iterator[Measured]:
    """Every reader with logs of every length."""
    for length in epochs:
        rows = losses(length)
        for number, reader in enumerate(WRITERS):
            with TemporaryDirectory() as folder:
                yield measure(reader, rows, Path(folder, f"log{number}"))


def table(measured: Sequence[Measured]) -> str:
    """A line a log, in Markdown.

    Example:
        >>> print(table([Measured("run folder", 1_000, 10**6, 5 * 10**6, 0.25)]))
        | read | epochs | input | memory beyond imports | multiple | time |
        |---|---|---|---|---|---|
        | run folder | 1,000 | 1.0 MB | 5 MB | 5 | 0.2 s |
    """
    lines = ["| read | epochs | input | memory beyond imports | multiple | time |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {entry.reader} | {entry.epochs:,} | {entry.input_bytes / 1e6:.1f} MB | {entry.peak_bytes / 1e6:.0f} MB "
        f"| {entry.multiple:.0f} | {entry.seconds:.1f} s |"
        for entry in sorted(measured, key=lambda entry: (list(WRITERS).index(entry.reader), entry.epochs))
    ]
    return "\n".join(lines)


def plot(measured: Sequence[Measured], path: Path) -> None:
    """Peak memory against input size, a line a reader."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 4.8), layout="constrained")
    ax = figure.subplots()
    for marker, reader in zip("os^DvPX", WRITERS, strict=True):
        entries = [entry for entry in measured if entry.reader == reader]
        sizes = [entry.input_bytes / 1e6 for entry in entries]
        ax.plot(sizes, [entry.peak_bytes / 1e6 for entry in entries], marker=marker, label=reader)
    ax.set(xlabel="Input (MB)", ylabel="Memory beyond imports (MB)", xlim=(0, None), ylim=(0, None))
    ax.set_title("Peak memory of every reader, with the diagnosis", loc="left")
    ax.legend()
    figure.savefig(path, dpi=150)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Peak memory and time of every reader.")
    parser.add_argument("--epochs", type=int, nargs="+", default=EPOCHS, help="lengths of the logs")
    parser.add_argument("--plot", type=Path, help="file to draw memory against size in")
    options = parser.parse_args()
    start, measured = time.perf_counter(), list(measure_all(options.epochs))
    print(table(measured))
    print(f"\nMeasured in {time.perf_counter() - start:.0f} s.")
    if options.plot is not None:
        plot(measured, options.plot)


if __name__ == "__main__":
    main()
