"""The Jupyter server extension: the session, the progress and the checks, for the panel beside the notebook.

It never runs what a learner wrote. The panel asks the learner's kernel for facts, as any cell could, and sends them
here; here they are judged, as text, within bounds.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from tornado import web
from traitlets import Float, Unicode, default

from regulab.lab.guide.assistant import KEY, Assistant
from regulab.lab.guide.guide import Guide
from regulab.lab.guide.handlers import HANDLERS
from regulab.lab.handling import Handler, RefusedError, as_text
from regulab.lab.panel_data import checked, page, revealed
from regulab.lab.progress import Progress, ProgressFile
from regulab.lab.sessions import load


class RegulabLab(ExtensionApp):
    """Serves one guided session under /regulab/."""

    name = "regulab"
    load_other_extensions = True

    session = Unicode("avoid-overfitting", config=True, help="Name or folder of the session.")
    folder = Unicode("", config=True, help="Folder of the learner's work; the server's own folder by default.")
    seconds = Float(10.0, config=True, help="The longest that a check may take.")
    assistant_url = Unicode(
        "",
        config=True,
        help="Base address of an OpenAI-compatible assistant that learners may ask for hints; none by default. "
        f"Its key is taken from the environment variable {KEY}.",
    )
    assistant_model = Unicode("", config=True, help="Name of the assistant's model.")
    assistant_seconds = Float(30.0, config=True, help="The longest that the assistant may take to answer.")

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
        self.settings["regulab_guide"] = Guide(found)
        # Taken out of the environment, which the learner's kernels inherit.
        key = os.environ.pop(KEY, "")
        self.settings["regulab_assistant"] = (
            Assistant(self.assistant_url, self.assistant_model, key, self.assistant_seconds)
            if self.assistant_url
            else None
        )

    def initialize_handlers(self) -> None:
        """Put the handlers where the panel looks for them."""
        handlers = {
            "session": SessionHandler,
            "progress": ProgressHandler,
            "check": CheckHandler,
            "reveal": RevealHandler,
            "notice": NoticeHandler,
            **HANDLERS,
        }
        # Routes are relative to the server's base URL, which Jupyter puts before them.
        self.handlers.extend((url_path_join("/regulab", name), handler) for name, handler in handlers.items())


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "regulab.lab.server", "app": RegulabLab}]


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
