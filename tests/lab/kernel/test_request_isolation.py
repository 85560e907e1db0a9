"""The panel asks a real kernel while a cell runs: the cell's figures, threads, widgets and input are left alone."""

from __future__ import annotations

import pytest

from kernels import Kernel, kernel

__all__ = ["kernel"]
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


def test_a_figure_stays_with_its_cell(kernel: Kernel) -> None:
    request = kernel.start_cell(CELL)
    assert kernel.ask(sum="1 + 1") == {"sum": "2"}
    messages = kernel.published_until_done(request)
    assert "2 lines" in "".join(message["content"].get("text", "") for message in messages)
    figures = [message["parent_header"]["msg_id"] for message in messages if message["msg_type"] == "display_data"]
    assert figures == [request]


def test_a_cell_may_ask_for_input_after_a_question(kernel: Kernel) -> None:
    request = kernel.start_cell("import time\nprint('begun', flush=True)\ntime.sleep(1)\nprint('Hello', input())")
    kernel.ask(sum="1 + 1")
    kernel.client.get_stdin_msg(timeout=10)
    kernel.client.input("you")
    assert kernel.reply(request)["status"] == "ok"


def test_a_cell_triggers_ipythons_events_and_a_question_does_not(kernel: Kernel) -> None:
    kernel.run("ran = []\nget_ipython().events.register('post_execute', lambda: ran.append(1))")
    kernel.ask(ran="ran")
    kernel.run("")
    # After the cell that registered it, and after the empty one.
    assert kernel.ask(ran="ran") == {"ran": "[1, 1]"}


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


@pytest.mark.parametrize("while_running", [False, True], ids=["asked before and after the cell", "asked while it runs"])
def test_what_a_thread_shows_stays_with_its_cell_and_its_widgets_hear(kernel: Kernel, while_running: bool) -> None:
    if not while_running:
        kernel.ask(sum="1 + 1")
    request = kernel.start_cell(MOVED + "for _ in range(300):\n    time.sleep(0.01)" if while_running else MOVED)
    kernel.ask(sum="1 + 1")
    shown = kernel.published_with("shown")
    update = kernel.published_with("moved")
    assert [message["parent_header"]["msg_id"] for message in (shown, update)] == [request, request]
    click = {"comm_id": update["content"]["comm_id"], "data": {"method": "custom", "content": {"event": "click"}}}
    message = kernel.client.session.msg("comm_msg", click)
    kernel.client.shell_channel.send(message)
    messages = kernel.published_until_done(message["header"]["msg_id"])
    assert "heard" in "".join(message["content"].get("text", "") for message in messages)


def test_what_a_thread_shows_stays_with_its_cell_also_after_a_long_step(kernel: Kernel) -> None:
    # The cell sleeps longer than a question waits for the main thread; the thread shows its text later still.
    request = kernel.start_cell(MOVED.replace("sleep(2)", "sleep(5)") + "time.sleep(3)")
    kernel.ask(sum="1 + 1")
    assert kernel.published_with("shown")["parent_header"]["msg_id"] == request
