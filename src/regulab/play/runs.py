"""The runs of a playground: one that is being trained, and those before it, which stay."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from regulab.errors import RegulabError
from regulab.histories.history import History
from regulab.play.settings import Settings

#: Seconds that settings have to stay unchanged before training begins: a slider passes many values on its way.
PAUSE = 0.25


class Trains(Protocol):
    """A training that proceeds epoch by epoch."""

    def epoch(self, *, tick: Callable[[], None]) -> History:
        """Train for one more epoch; all epochs so far."""


@dataclass(frozen=True)
class Run:
    """One training, as far as it has come.

    Attributes:
        number: Counted from 1.
        settings: What it was trained with.
        history: All its epochs so far.
        state: Whether it is being trained, was trained to its end, or was stopped.
    """

    number: int
    settings: Settings
    history: History
    state: Literal["training", "done", "stopped"] = "training"

    @property
    def name(self) -> str:
        """How to speak of it."""
        return f"run {self.number}"


@dataclass(frozen=True)
class View:
    """What there is to show.

    Attributes:
        runs: All runs, the latest last.
        busy: Whether training is running or about to begin.
        error: Why the last training failed, or an empty text.
    """

    runs: tuple[Run, ...] = ()
    busy: bool = False
    error: str = ""


class StoppedError(Exception):
    """Ends a training from within."""


@dataclass(eq=False)
class _Job:
    settings: Settings
    over: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class Runs:
    """Trains in a thread of its own, one run at a time, and keeps what came out.

    Every method returns at once and can be called from any thread.

    Args:
        begin: Makes ready to train with some settings.
        changed: Called after every change, from whichever thread made it.
        pause: Seconds that settings have to stay unchanged before training with them begins.
    """

    def __init__(
        self, begin: Callable[[Settings], Trains], *, changed: Callable[[], None], pause: float = PAUSE
    ) -> None:
        self._begin, self._changed, self._pause = begin, changed, pause
        self._lock = threading.Lock()
        self._job: _Job | None = None
        self._view = View()
        self._count = 0

    @property
    def view(self) -> View:
        """What there is to show now."""
        return self._view

    def start(self, settings: Settings) -> None:
        """Train with these settings; what is being trained is dropped, what was finished or stopped stays."""
        with self._lock:
            before = self._end(keep=False)
            self._job = job = _Job(settings)
            self._view = replace(self._view, busy=True, error="")
            # In the context of the request that begins it, to which what it shows belongs: ipykernel would take that
            # for part of the latest one. A daemon, so that a kernel can be shut down while it trains.
            job.thread = threading.Thread(
                target=copy_context().run, args=(self._work, job, before), name="playground", daemon=True
            )
            job.thread.start()
        self._changed()

    def stop(self) -> None:
        """End the training and keep what it has reached."""
        with self._lock:
            self._end(keep=True)
            self._view = replace(self._view, busy=False)
        self._changed()

    def clear(self) -> None:
        """Forget all runs but the latest."""
        with self._lock:
            self._view = replace(self._view, runs=self._view.runs[-1:])
        self._changed()

    def join(self, seconds: float = 60.0) -> None:
        """Wait until nothing is being trained.

        Args:
            seconds: The longest to wait.
        """
        job = self._job
        if job is not None and job.thread is not None:
            job.thread.join(seconds)

    def _end(self, *, keep: bool) -> threading.Thread | None:
        """Tell the training to end; its thread, if there was one."""
        if self._job is not None:
            self._job.over.set()
        runs = self._view.runs
        if runs and runs[-1].state == "training":
            stopped = (replace(runs[-1], state="stopped"),) if keep else ()
            self._view = replace(self._view, runs=(*runs[:-1], *stopped))
        return None if self._job is None else self._job.thread

    def _work(self, job: _Job, before: threading.Thread | None) -> None:
        if before is not None:
            # Two trainings at once would each be half as fast, and a training ends within a few batches.
            before.join()
        if job.over.wait(self._pause):
            return
        try:
            self._train(job)
        except StoppedError:
            pass
        except RegulabError as error:
            self._fail(job, str(error))
        except Exception as error:  # whatever a user's own layers raise has to be shown: nobody else catches it
            self._fail(job, f"{type(error).__name__}: {error}")

    def _train(self, job: _Job) -> None:
        def tick() -> None:
            if job.over.is_set():
                raise StoppedError

        training = self._begin(job.settings)
        run = None
        for number in range(1, job.settings.epochs + 1):
            history = training.epoch(tick=tick)
            with self._lock:
                tick()
                if run is None:
                    self._count += 1
                run = Run(self._count, job.settings, history, "done" if number == job.settings.epochs else "training")
                self._view = View(_with(self._view.runs, run), busy=run.state == "training")
            self._changed()

    def _fail(self, job: _Job, why: str) -> None:
        with self._lock:
            if job.over.is_set():
                return
            self._view = View(tuple(run for run in self._view.runs if run.state != "training"), error=why)
        self._changed()


def _with(runs: tuple[Run, ...], new: Run) -> tuple[Run, ...]:
    """The runs with a new one in place of itself and, once it is done, of one with the same settings: it is equal."""
    over = new.state == "done"
    others = [run for run in runs if run.number != new.number and not (over and run.settings == new.settings)]
    return (*others, new)
