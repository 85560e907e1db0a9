"""What a kernel of the lab shows of standard output and standard error."""

from __future__ import annotations

from typing import Any

from ipykernel.iostream import OutStream


class PythonsErrors(OutStream):
    """ipykernel's stream, but for what other than Python writes to standard error: that stays with the server.

    TensorFlow writes remarks on the machine there before any of its settings count, and a notebook shows them on red
    ground, as if the learner had made a mistake. Standard output is what programs are called for, and is shown.
    """

    def __init__(self, session: Any, pub_thread: Any, name: str, **options: Any) -> None:
        if name == "stderr":
            options["watchfd"] = False
        super().__init__(session, pub_thread, name, **options)
