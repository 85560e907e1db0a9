"""Where the learner is, and what they have to be told about the files that hold it."""

from __future__ import annotations

from typing import Any

from tornado import web

from regulab.lab.server.handlers.base import Handler, RefusedError


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


class NoticeHandler(Handler):
    """What the learner has to be told about the progress."""

    @web.authenticated
    async def delete(self) -> None:
        """The learner has read it."""

        def work() -> dict[str, Any]:
            self.file.dismiss_notice()
            return {}

        await self.answer(work)
