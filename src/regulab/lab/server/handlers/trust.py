"""Trust in a session that is not regulab's own, given in the panel."""

from __future__ import annotations

from typing import Any

from tornado import web

from regulab.lab.server.handlers.base import Handler, RefusedError


class TrustHandler(Handler):
    """Turns the checks of a session on."""

    @web.authenticated
    async def put(self) -> None:
        """Trust the session, if its digest is the one that the panel has shown."""

        def work() -> dict[str, Any]:
            if self.body().get("digest") != self.session_.digest:
                raise RefusedError(409, "The server has read another session than the one shown. Reload the page.")
            self.settings["regulab_trust"].give(self.session_)
            return {}

        await self.answer(work)
