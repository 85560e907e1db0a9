"""The kernel of the lab's notebooks: ipykernel's, which also answers the panel while a cell runs.

The panel must not ask as a cell would. IPython ends whatever it is asked to execute, silent or not, by showing the open
figures and closing them, which would take a running cell's figure away half drawn. And ipykernel counts what a
learner's own thread displays as output of the latest request. So the panel asks on the control channel, by a request of
regulab's own. Nothing is executed there, and the cells keep their figures, threads, widgets and questions for input.

Only public names of ipykernel are used (`control_msg_types`, a handler called as its message type, `kernel_info` and
`session`), tried with ipykernel 7.4. `tests/lab/kernel/test_kernel.py` fails if one of them changes.
"""

from __future__ import annotations

from typing import Any

from ipykernel.ipkernel import IPythonKernel

#: What the kernel's description says, so that the panel knows that it can ask on the control channel.
FEATURE = "regulab facts"


class RegulabKernel(IPythonKernel):
    """ipykernel's kernel with one more request, `regulab_facts_request`.

    Its content holds `expressions` by name. The reply, `regulab_facts_reply`, has the `status` "ok" and the answers in
    `user_expressions`, in the form that Jupyter gives to those of an execute request.
    """

    control_msg_types = [*IPythonKernel.control_msg_types, "regulab_facts_request"]  # noqa: RUF012 - as in ipykernel

    @property
    def kernel_info(self) -> dict[str, Any]:
        """What the kernel says of itself."""
        info: dict[str, Any] = super().kernel_info
        return info | {"supported_features": [*info.get("supported_features", []), FEATURE]}

    async def regulab_facts_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Evaluate the panel's expressions in the learner's namespace, while a cell may be running."""
        if self.session is None or self.shell is None:
            # The kernel is shutting down.
            return
        answers = self.shell.user_expressions(parent["content"]["expressions"])
        self.session.send(stream, "regulab_facts_reply", {"status": "ok", "user_expressions": answers}, parent, ident)
