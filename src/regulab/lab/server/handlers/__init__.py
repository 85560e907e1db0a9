"""The handlers of the panel's requests, one module a subject; `HANDLERS` has the path of each below /regulab/."""

from __future__ import annotations

from jupyter_server.base.handlers import JupyterHandler

from regulab.lab.server.handlers.check import CheckHandler
from regulab.lab.server.handlers.guide import (
    AboutHandler,
    DraftHandler,
    ErrorHandler,
    HintHandler,
    QuestionHandler,
    SourceHandler,
    TrainingHandler,
)
from regulab.lab.server.handlers.progress import NoticeHandler, ProgressHandler
from regulab.lab.server.handlers.session import RevealHandler, SessionHandler
from regulab.lab.server.handlers.summary import SummaryHandler
from regulab.lab.server.handlers.trust import TrustHandler

HANDLERS: dict[str, type[JupyterHandler]] = {
    "session": SessionHandler,
    "reveal": RevealHandler,
    "progress": ProgressHandler,
    "notice": NoticeHandler,
    "check": CheckHandler,
    "trust": TrustHandler,
    "summary": SummaryHandler,
    "guide": AboutHandler,
    "guide/question": QuestionHandler,
    "guide/error": ErrorHandler,
    "guide/source": SourceHandler,
    "guide/training": TrainingHandler,
    "guide/draft": DraftHandler,
    "guide/hint": HintHandler,
}
