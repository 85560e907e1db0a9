"""The Jupyter server extension: the session, the progress and the checks, for the panel beside the notebook.

It never runs what a learner wrote. The panel asks the learner's kernel for facts, as any cell could, and sends them
here; here they are judged, as text, within bounds.
"""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.extension.handler import ExtensionHandlerMixin
from jupyter_server.utils import url_path_join
from tornado import web
from traitlets import Float, Unicode, default

from regulab.errors import RegulabError
from regulab.lab.checks import LONGEST_FACTS
from regulab.lab.panel_data import checked, page, revealed
from regulab.lab.progress import Progress, ProgressFile, StaleError
from regulab.lab.sessions import Session, Task, load

T = TypeVar("T")

#: Largest request: the facts of all variables of a check, with what JSON adds.
LARGEST = 4 * LONGEST_FACTS


class RegulabLab(ExtensionApp):
    """Serves one guided session under /regulab/."""

    name = "regulab"
    load_other_extensions = True

    session = Unicode("avoid-overfitting", config=True, help="Name or folder of the session.")
    folder = Unicode("", config=True, help="Folder of the learner's work; the server's own folder by default.")
    seconds = Float(10.0, config=True, help="The longest that a check may take.")

    @default("static_paths")
    def _panel(self) -> list[str]:
        # At /static/regulab/, where Jupyter has browsers ask again after an upgrade; extensions they keep for a year.
        return [str(Path(__file__).parent / "panel" / "static")]

    def initialize_settings(self) -> None:
        """Read the session once, and find the progress."""
        assert self.serverapp is not None
        work = Path(self.folder or self.serverapp.root_dir)
        found = load(self.session)
        self.settings["regulab_session"] = found
        self.settings["regulab_progress"] = ProgressFile(work / ".regulab", found.name)
        self.settings["regulab_seconds"] = self.seconds

    def initialize_handlers(self) -> None:
        """Put the handlers where the panel looks for them."""
        handlers = {
            "session": SessionHandler,
            "progress": ProgressHandler,
            "check": CheckHandler,
            "reveal": RevealHandler,
            "notice": NoticeHandler,
        }
        # Routes are relative to the server's base URL, which Jupyter puts before them.
        self.handlers.extend((url_path_join("/regulab", name), handler) for name, handler in handlers.items())


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "regulab.lab.server", "app": RegulabLab}]


class RefusedError(Exception):
    """A request that cannot be answered, with a status and a message for people."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        self.status, self.document = status, {"message": message, **more}
        super().__init__(message)


class Handler(ExtensionHandlerMixin, APIHandler):
    """What all handlers share: JSON in, JSON out, and work that cannot hold the server up."""

    @property
    def session_(self) -> Session:
        """The guided session."""
        found: Session = self.settings["regulab_session"]
        return found

    @property
    def file(self) -> ProgressFile:
        """The learner's progress."""
        found: ProgressFile = self.settings["regulab_progress"]
        return found

    def body(self) -> dict[str, Any]:
        """The request's JSON object."""
        if len(self.request.body) > LARGEST:
            raise RefusedError(413, f"Expected at most {LARGEST:,} bytes. Received: {len(self.request.body):,}.")
        try:
            found = json.loads(self.request.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise RefusedError(400, "Expected a JSON object. Received: something else.")
        return found

    def task(self, body: Mapping[str, Any]) -> Task:
        """The task that a request names."""
        for task in self.session_.tasks:
            if task.id == body.get("task"):
                return task
        raise RefusedError(404, "This session has no such task. Reload the page.")

    async def answer(self, work: Callable[[], dict[str, Any]]) -> None:
        """Do some work aside and send its result, or say why not."""
        seconds = self.settings["regulab_seconds"]
        try:
            document = await asyncio.wait_for(asyncio.to_thread(work), seconds)
        except RefusedError as refused:
            self.set_status(refused.status)
            document = refused.document
        except StaleError as error:
            self.set_status(409)
            document = {"message": str(error), "progress": error.latest.document()}
        except RegulabError as error:
            self.set_status(500)
            document = {"message": str(error)}
        except TimeoutError:
            self.set_status(503)
            document = {"message": f"This took longer than {seconds:.0f} seconds and was given up. Try again."}
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(document))


class SessionHandler(Handler):
    """The tasks with their instructions, and the progress."""

    @web.authenticated
    async def get(self) -> None:
        """Hand out the session, without hints and solutions."""

        def work() -> dict[str, Any]:
            progress = self.file.load()
            return page(self.session_) | {"progress": progress.document(), "notice": self.file.notice()}

        await self.answer(work)


class ProgressHandler(Handler):
    """Where the learner is."""

    @web.authenticated
    async def get(self) -> None:
        """Hand out the progress, and what the learner has to be told about its files."""

        def work() -> dict[str, Any]:
            progress = self.file.load()
            return {"progress": progress.document(), "notice": self.file.notice()}

        await self.answer(work)

    @web.authenticated
    async def put(self) -> None:
        """Open a task; refused with 409 and the present state where another window came first."""

        def work() -> dict[str, Any]:
            body = self.body()
            task = self.task({"task": body.get("current")})
            revision = body.get("revision")
            if type(revision) is not int:
                raise RefusedError(400, "Expected the revision that this window has seen. Received: none.")
            return self.file.change(lambda progress: progress.opened(task.id), revision=revision).document()

        await self.answer(work)


class CheckHandler(Handler):
    """Judges facts from the learner's kernel."""

    @web.authenticated
    async def post(self) -> None:
        """Judge, note it in the progress, and say what was seen."""

        def work() -> dict[str, Any]:
            body = self.body()
            task = self.task(body)
            facts = body.get("facts")
            if not isinstance(facts, dict):
                raise RefusedError(400, "Expected facts by name. Received: none.")
            texts = {str(name): as_text(given) for name, given in facts.items()}
            document, words = checked(self.session_, task, texts)
            note = partial(Progress.checked, task=task.id, verdict=document["verdict"], message=words)
            return document | {"progress": self.file.change(note).document()}

        await self.answer(work)


class RevealHandler(Handler):
    """Hands out a hint or the solution."""

    @web.authenticated
    async def post(self) -> None:
        """Note it in the progress, and hand it out."""

        def work() -> dict[str, Any]:
            body = self.body()
            task, kind, number = self.task(body), body.get("kind"), body.get("number", 1)
            if kind == "hint" and type(number) is int and 1 <= number <= len(task.hints):
                note = partial(Progress.hinted, task=task.id, hints=number)
            elif kind == "solution" and task.solution is not None:
                note = partial(Progress.solved, task=task.id)
            else:
                raise RefusedError(404, "This task has no such hint or solution. Reload the page.")
            return revealed(task, kind, number) | {"progress": self.file.change(note).document()}

        await self.answer(work)


class NoticeHandler(Handler):
    """What the learner has to be told about the progress."""

    @web.authenticated
    async def delete(self) -> None:
        """The learner has read it."""

        def work() -> dict[str, Any]:
            self.file.dismiss_notice()
            return {}

        await self.answer(work)


def as_text(given: Any) -> str | None:
    """The text behind what a kernel shows of it; None if it is no text.

    Example:
        >>> as_text("'{}'"), as_text("3"), as_text(None)
        ('{}', None, None)
    """
    if not isinstance(given, str) or len(given) > LONGEST_FACTS or given[:1] not in ("'", '"'):
        return None
    try:
        text = ast.literal_eval(given)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return text if isinstance(text, str) else None
