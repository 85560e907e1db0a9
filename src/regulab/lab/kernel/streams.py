"""What a notebook of the lab shows of standard output and standard error."""

from __future__ import annotations

from typing import Any

from ipykernel.iostream import OutStream


class PythonOnlyStderr(OutStream):
    """ipykernel's stream, except that a notebook shows what Python writes to standard error and nothing else.

    Compiled code writes there as well: TensorFlow's remarks on the machine come before any of its settings count, and a
    notebook would show them on a red background, as if the learner had made a mistake. They go to the server's own
    standard error instead. Standard output is what programs are called for, and all of it is shown.
    """

    def __init__(self, session: Any, pub_thread: Any, name: str, **options: Any) -> None:
        if name == "stderr":
            # Do not read what arrives at the file descriptor from elsewhere.
            options["watchfd"] = False
        super().__init__(session, pub_thread, name, **options)
