"""What answers the panel, one module a subject; `HANDLERS` says where each is found below /regulab/."""

from __future__ import annotations

from regulab.lab.handlers.base import Handler
from regulab.lab.handlers.check import CheckHandler
from regulab.lab.handlers.progress import NoticeHandler, ProgressHandler
from regulab.lab.handlers.session import RevealHandler, SessionHandler

HANDLERS: dict[str, type[Handler]] = {
    "session": SessionHandler,
    "reveal": RevealHandler,
    "progress": ProgressHandler,
    "notice": NoticeHandler,
    "check": CheckHandler,
}
