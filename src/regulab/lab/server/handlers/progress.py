"""The learner's progress, and what they should know about the files that hold it."""

from __future__ import annotations

from typing import Any

from tornado import web

from regulab.lab.server.handlers.base import Handler, RefusedError


class ProgressHandler(Handler):
    """The learner's progress."""

    @web.authenticated
    async def get(self) -> None:
        """Send the progress, and what the learner should know about its files."""

        def work() -> dict[str, Any]:
            progress = self.file.load()
            return {"progress": progress.document(), "notice": self.file.notice()}

        await self.answer(work)

    @web.authenticated
    async def put(self) -> None:
        """Open a task; refused with 409 and the current progress if another window came first."""

        def work() -> dict[str, Any]:
            body = self.body()
            task = self.task({"task": body.get("current")})
            revision = body.get("revision")
            if type(revision) is not int:
                raise RefusedError(400, "Expected `revision`, the one that this window has seen.")
            return self.file.change(lambda progress: progress.opened(task.id), revision=revision).document()

        await self.answer(work)


class NoticeHandler(Handler):
    """What the learner should know about the files of the progress."""

    @web.authenticated
    async def delete(self) -> None:
        """Forget it: the learner has read it."""

        def work() -> dict[str, Any]:
            self.file.dismiss_notice()
            return {}

        await self.answer(work)
