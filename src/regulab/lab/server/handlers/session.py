"""The session: its tasks, and hints and solutions on request."""

from __future__ import annotations

from functools import partial
from typing import Any

from tornado import web

from regulab.lab.learner.progress import Progress
from regulab.lab.server.handlers.base import Handler, RefusedError
from regulab.lab.server.panel_data import page, revealed


class SessionHandler(Handler):
    """The session's tasks with their instructions, and the progress."""

    @web.authenticated
    async def get(self) -> None:
        """Send the session, without hints and solutions."""

        def work() -> dict[str, Any]:
            progress = self.file.load()
            session = page(self.session_, trusted=self.trusted)
            return session | {"progress": progress.document(), "notice": self.file.notice()}

        await self.answer(work)


class RevealHandler(Handler):
    """One hint, or the solution."""

    @web.authenticated
    async def post(self) -> None:
        """Record in the progress that it was opened, and send it."""

        def work() -> dict[str, Any]:
            body = self.body()
            task, kind, number = self.task(body), body.get("kind"), body.get("number", 1)
            if kind == "hint" and type(number) is int and 1 <= number <= len(task.hints):
                record = partial(Progress.hinted, task=task.id, hints=number)
            elif kind == "solution" and task.solution is not None:
                record = partial(Progress.solved, task=task.id)
            else:
                raise RefusedError(404, "This task has no such hint or solution. Reload the page.")
            return revealed(task, kind, number) | {"progress": self.file.change(record).document()}

        await self.answer(work)
