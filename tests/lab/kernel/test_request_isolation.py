"""What is asked through a subshell while a cell runs, in a real kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from labs import surroundings

QUIET = "__import__('regulab.lab.kernel.request_isolation', fromlist=['keep_quiet']).keep_quiet()"
# Long enough for a question to come between the two lines of the figure.
CELL = """
import time
import matplotlib.pyplot as plt
plt.plot([1, 2])
print("begun", flush=True)
time.sleep(2)
plt.plot([2, 1])
print(len(plt.gca().lines), "lines")
"""
pytestmark = pytest.mark.slow


class Kernel:
    """A kernel and who asks it."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager, self.client = manager, client

    def begin(self, code: str) -> str:
        """Run a cell; gives the request's number as soon as the cell has printed something."""
        request = str(self.client.execute(code, allow_stdin=True))
        while self.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        return request

    def aside(self, code: str, **user_expressions: str) -> dict[str, Any]:
        """Ask silently, through a subshell of its own."""
        subshell = self._control("create_subshell_request")["subshell_id"]
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": True, "store_history": False, "user_expressions": user_expressions,
             "allow_stdin": True, "stop_on_error": False},
        )  # fmt: skip
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        reply = self.reply(message["header"]["msg_id"])
        self._control("delete_subshell_request", subshell_id=subshell)
        return dict(reply["user_expressions"])

    def reply(self, request: str) -> dict[str, Any]:
        """The answer to a request; others may come before it."""
        while True:
            message = self.client.get_shell_msg(timeout=10)
            if message["parent_header"]["msg_id"] == request:
                return dict(message["content"])

    def run(self, code: str, **options: Any) -> dict[str, Any]:
        """The answer to what is executed."""
        return self.reply(str(self.client.execute(code, **options)))

    def told(self, request: str) -> list[dict[str, Any]]:
        """What is told, by whomever, until a request is done."""
        found: list[dict[str, Any]] = []
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["content"].get("execution_state") == "idle" and message["parent_header"]["msg_id"] == request:
                return found
            found.append(message)

    def until(self, text: str) -> dict[str, Any]:
        """The first thing told, by whomever, that has a text in it."""
        while text not in str((message := self.client.get_iopub_msg(timeout=10))["content"]):
            pass
        return dict(message)

    def _control(self, kind: str, **content: str) -> dict[str, Any]:
        self.client.control_channel.send(self.client.session.msg(kind, content))
        return dict(self.client.get_control_msg(timeout=10)["content"])


@pytest.fixture
def kernel(tmp_path: Path) -> Any:
    manager, client = start_new_kernel(kernel_name="python3", env=surroundings(tmp_path))
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_figure_stays_with_its_cell(kernel: Kernel) -> None:
    request = kernel.begin(CELL)
    assert kernel.aside(QUIET, sum="1 + 1")["sum"]["data"]["text/plain"] == "2"
    told = kernel.told(request)
    assert "2 lines" in "".join(each["content"].get("text", "") for each in told)
    figures = [each["parent_header"]["msg_id"] for each in told if each["msg_type"] == "display_data"]
    assert figures == [request]


def test_a_cell_may_ask_for_input_after_a_question(kernel: Kernel) -> None:
    request = kernel.begin("import time\nprint('begun', flush=True)\ntime.sleep(1)\nprint('Hello', input())")
    kernel.aside(QUIET)
    kernel.client.get_stdin_msg(timeout=10)
    kernel.client.input("you")
    assert kernel.reply(request)["status"] == "ok"


def test_what_is_not_silent_does_as_ever_and_twice_is_once(kernel: Kernel) -> None:
    kernel.run(f"{QUIET}\n{QUIET}\nfrom IPython import get_ipython\nran = []")
    kernel.run("get_ipython().events.register('post_execute', lambda: ran.append(1))")
    kernel.run("", silent=True)
    kernel.run("")
    # After the cell that registered it, and after the one that was not silent.
    assert kernel.run("", silent=True, user_expressions={"ran": "ran"})["user_expressions"]["ran"]["data"] == {
        "text/plain": "[1, 1]"
    }


# A thread that moves a button and shows a text, when somebody has asked meanwhile.
MOVED = """
import ipywidgets, threading, time
from IPython.display import display
button = ipywidgets.Button()
button.on_click(lambda _: print("heard"))
def move():
    time.sleep(2)
    display("shown")
    button.description = "moved"
threading.Thread(target=move).start()
print("begun", flush=True)
"""


@pytest.mark.parametrize("first", [True, False], ids=["first asked before", "first asked while it runs"])
def test_what_a_thread_shows_stays_with_its_cell_and_its_widgets_hear(kernel: Kernel, first: bool) -> None:
    if first:
        kernel.aside(QUIET)
    request = kernel.begin(MOVED if first else MOVED + "for _ in range(300):\n    time.sleep(0.01)")
    kernel.aside(QUIET)
    shown = kernel.until("shown")
    update = kernel.until("moved")
    assert [each["parent_header"]["msg_id"] for each in (shown, update)] == [request, request]
    click = {"comm_id": update["content"]["comm_id"], "data": {"method": "custom", "content": {"event": "click"}}}
    message = kernel.client.session.msg("comm_msg", click)
    kernel.client.shell_channel.send(message)
    told = kernel.told(message["header"]["msg_id"])
    assert "heard" in "".join(each["content"].get("text", "") for each in told)


def test_threads_are_given_back_also_after_a_long_step(kernel: Kernel) -> None:
    # Longer than the first question waits for the main thread; the thread shows its text later yet.
    request = kernel.begin(MOVED.replace("sleep(2)", "sleep(5)") + "time.sleep(3)")
    kernel.aside(QUIET)
    assert kernel.until("shown")["parent_header"]["msg_id"] == request
