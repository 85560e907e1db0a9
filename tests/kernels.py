"""Real kernels for tests, started as the lab starts them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from labs import surroundings
from regulab.lab.server.kernel_specs import LabKernelSpecs


class Kernel:
    """A kernel, and a client that talks to it as the notebook and the panel do."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def start_cell(self, code: str) -> str:
        """Run a cell; gives the request's id as soon as the cell has printed something."""
        request = str(self.client.execute(code, allow_stdin=True))
        while self.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        return request

    def ask(self, **expressions: str) -> dict[str, Any]:
        """Ask as the panel does; gives what each expression shows."""
        message = self.client.session.msg("regulab_facts_request", {"expressions": expressions})
        self.client.control_channel.send(message)
        reply = self.client.get_control_msg(timeout=10)
        assert reply["msg_type"] == "regulab_facts_reply"
        answers = reply["content"]["user_expressions"]
        return {name: answer.get("data", {}).get("text/plain") for name, answer in answers.items()}

    def reply(self, request: str) -> dict[str, Any]:
        """The reply to a request on the shell channel; others may come before it."""
        while True:
            message = self.client.get_shell_msg(timeout=10)
            if message["parent_header"]["msg_id"] == request:
                return dict(message["content"])

    def run(self, code: str, **options: Any) -> dict[str, Any]:
        """Run a cell to its end."""
        return self.reply(str(self.client.execute(code, **options)))

    def published_until_done(self, request: str) -> list[dict[str, Any]]:
        """What is published, for any request, until this one is done."""
        messages: list[dict[str, Any]] = []
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["content"].get("execution_state") == "idle" and message["parent_header"]["msg_id"] == request:
                return messages
            messages.append(message)

    def published_with(self, text: str) -> dict[str, Any]:
        """The first message published, for any request, that has a text in it."""
        while text not in str((message := self.client.get_iopub_msg(timeout=10))["content"]):
            pass
        return dict(message)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel of the lab."""
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=LabKernelSpecs())
    manager.start_kernel(env=surroundings(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
