"""Trust in a session that is not regulab's own, given in the panel."""

from __future__ import annotations

from typing import Any

from tornado import web

from regulab.lab.server.handlers.base import Handler, RefusedError


class TrustHandler(Handler):
    """Turns the checks of a session on."""

    @web.authenticated
    async def put(self) -> None:
        """Trust the session whose digest the panel has shown."""

        def work() -> dict[str, Any]:
            if self.body().get("digest") != self.session_.digest:
                raise RefusedError(409, "This is not the session that the server has read. Reload the page.")
            self.settings["regulab_trust"].give(self.session_)
            return {}

        await self.answer(work)
