from __future__ import annotations

import json
import re
import sys
import time

import pytest

from labs import NUMBERS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(start_lab, browser):
    return start_lab(NUMBERS)


def test_a_learner_goes_from_not_attempted_to_passed_and_on(lab, learner):
    window = learner(lab).open()
    assert "0 of 2 tasks done · about 5 min left" in window.panel(".rl-count").inner_text()
    assert re.search(r"Not attempted.*no rate in the notebook", window.check(), re.S)
    window.run("rate = 1 / 3")
    assert re.search(r"Not yet.*The task asks for a half", window.check(), re.S)
    window.panel(".rl-answer").nth(1).click()
    assert window.panel(".rl-because").inner_text().split("\n\n") == ["Not quite.", "Twice 0.05 is 0.1."]
    window.panel(".rl-hint").click()
    window.panel(".rl-aid-hint >> text=Which number?").wait_for()
    window.panel(".rl-hint").click()
    window.panel(".rl-aid-hint >> text=Where?").wait_for()
    assert window.panel(".rl-hint").is_disabled()
    window.panel(".rl-solution").click()
    assert window.panel(".rl-aid-solution pre").inner_text() == "rate = 0.5"
    window.run("rate = 1 / 2")
    assert "Passed" in window.check()
    assert "1 of 2 tasks done · about 3 min left" in window.panel(".rl-count").inner_text()
    window.panel(".rl-onward").click()
    assert window.panel(".rl-article h2").inner_text() == "The double of it"
    # The notebook goes along.
    assert "double" in window.page.locator(".jp-Cell.jp-mod-active").inner_text()

    # Nothing came from another machine, and no script of the panel failed.
    assert [url for url in window.requests if not url.startswith((lab.base, "data:", "blob:"))] == []
    assert window.problems == []


def test_a_check_answers_while_a_cell_is_running(lab, learner):
    window = learner(lab).open()
    window.choose(1)
    window.run("rate = 0.5")
    window.run("import time\nfor second in range(20):\n    time.sleep(1)", wait=False)
    began = time.monotonic()
    assert "Passed" in window.check()
    assert time.monotonic() - began < 2
    assert "still running" not in window.panel(".rl-verdict").inner_text()
    # A variable that is not there yet may be on its way.
    window.choose(2)
    verdict = window.check()
    assert "Not attempted" in verdict
    assert "A cell was still running." in verdict
    window.choose(1)
    # Also in a window that has just come and does not know the kernel yet.
    window.page.reload()
    window.wait()
    assert "Passed" in window.check()
    window.interrupt()


def test_a_cell_shows_what_programs_print_but_not_what_compiled_code_writes_to_stderr(lab, learner):
    window = learner(lab).open()
    window.run(
        "import os, subprocess, sys\n"
        "os.write(2, b'from below\\n')\n"
        "print('from Python', file=sys.stderr)\n"
        "os.system('echo from a shell')\n"
        "subprocess.run(['echo', 'from a program']);"
    )
    shown = window.page.locator(".jp-Notebook .jp-OutputArea-output")
    shown.filter(has_text="from a program").wait_for()
    lines = {line for text in shown.all_inner_texts() for line in text.split("\n") if line}
    assert lines == {"from Python", "from a program", "from a shell"}
    assert "from below" in lab.log.read_text()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (640, 400), (360, 640)])
def test_instructions_and_buttons_stay_visible_with_every_message_shown(lab, learner, width, height):
    window = learner(lab).open()
    window.run("rate = 1 / 3\nrate + 'a'")
    window.panel(".rl-item").wait_for()
    window.restart()
    window.panel(".rl-replay").wait_for()
    window.run("rate = 1 / 3\nrate + 'a'")
    window.panel(".rl-item").wait_for()
    assert "Not yet" in window.check()
    window.panel(".rl-question").fill("rate")
    window.page.keyboard.press("Enter")
    window.panel(".rl-answered").first.wait_for()
    window.page.set_viewport_size({"width": width, "height": height})
    for selector, least in ((".rl-body", 84), (".rl-answers", 30)):
        assert window.panel(selector).bounding_box()["height"] >= least
    # What has no room can be reached by scrolling.
    for selector in (".rl-replay button >> nth=0", ".rl-check", ".rl-ask button"):
        window.panel(selector).scroll_into_view_if_needed()
        box = window.panel(selector).bounding_box()
        assert 0 <= box["y"] <= height - box["height"]
    assert window.problems == []


@pytest.fixture
def lab_with_another_kernel(start_lab, tmp_path):
    """A lab whose notebook has a kernel that is not regulab's own."""
    spec = tmp_path / "kernels" / "another" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = ["env", sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Another", "language": "python"}))
    lab = start_lab(NUMBERS, JUPYTER_PATH=str(tmp_path))
    path = lab.folder / lab.notebook
    notebook = json.loads(path.read_text())
    notebook["metadata"]["kernelspec"] = {"name": "another", "display_name": "Another", "language": "python"}
    path.write_text(json.dumps(notebook))
    return lab


def test_another_kernel_answers_between_cells_and_says_so(lab_with_another_kernel, learner):
    window = learner(lab_with_another_kernel).open()
    window.run("rate = 0.5")
    assert "Passed" in window.check()
    window.run("import time; time.sleep(60)", wait=False)
    window.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").wait_for()
    assert re.search(r"Could not check.*this kernel answers only between cells", window.check(), re.S)
    # Also in a window that has just come and does not know the kernel yet.
    window.page.reload()
    window.wait()
    assert re.search(r"Could not check.*this kernel answers only between cells", window.check(), re.S)
    window.interrupt()
    assert "Passed" in window.check()
    assert window.problems == []


# A kernel that is late to describe itself, does not know regulab's request, and notes what it is sent.
LATE_KERNEL = """async address => {
  const { Kernel } = await import(address);
  const sent = [];
  const never = () => ({ done: new Promise(() => {}) });
  const described = new Promise(resolve => setTimeout(() => resolve({ supported_features: [] }), 7000));
  const kernel = {
    status: 'idle',
    info: described,
    sendControlMessage: message => {
      sent.push(message.msgType);
      return never();
    },
    sendShellMessage: message => {
      sent.push(message.msgType);
      const future = never();
      const answers = { one: { data: { 'text/plain': '1' } } };
      setTimeout(() => future.onReply({ content: { status: 'ok', user_expressions: answers } }));
      return future;
    },
  };
  const services = { KernelMessage: { createMessage: options => options } };
  const panelKernel = new Kernel({ services }, { currentWidget: { sessionContext: { session: { kernel } } } });
  return [(await panelKernel.evaluate({ one: '1' })).one, ...sent];
}"""


def test_a_kernel_that_does_not_know_the_panels_request_is_asked_as_a_cell_would(lab, learner):
    window = learner(lab).open()
    answer = window.page.evaluate(LATE_KERNEL, f"{lab.base}/static/regulab/kernel.js")
    assert answer == ["1", "regulab_facts_request", "execute_request"]


def test_progress_survives_a_reload_and_reaches_a_second_window(lab, learner):
    window, second = learner(lab).open(), learner(lab).open()
    window.choose(2)
    window.run("double = 1.0", cell=1)
    assert "Passed" in window.check()
    # The other window has not heard of it, and opens a task.
    second.choose(1)
    second.panel(".rl-task").nth(1).locator("text=done").wait_for(state="attached")
    assert second.panel(".rl-notice").is_hidden()
    window.page.reload()
    window.wait()
    assert window.panel(".rl-toggle").inner_text() == "Task 1 of 2"
    assert window.panel(".rl-task").nth(1).get_attribute("data-state") == "done"


def test_the_keyboard_is_enough(lab, learner):
    window = learner(lab).open()
    window.run("rate = 0.5")
    press = window.page.keyboard.press
    window.panel(".rl-toggle").focus()
    press("Enter")
    assert window.panel(".rl-toggle").get_attribute("aria-expanded") == "true"
    order = []
    for _ in range(12):
        order.append(window.page.evaluate("document.activeElement.textContent"))
        press("Tab")
    assert order[0].startswith("Task ")
    assert [text for text in order if re.match(r"\d?✓?A half|0\.5|Check|Hint|Solution", text)] == [
        text for text in order if re.search(r"A half|^0\.5$|^Check$|^Hint|^Solution$", text)
    ]
    window.panel(".rl-task").first.focus()
    press("Enter")
    assert window.page.evaluate("document.activeElement.className") == "rl-article"
    window.panel(".rl-check").focus()
    cells = window.page.locator(".jp-Notebook .jp-Cell").count()
    press("b")  # would add a cell, were the notebook to hear it
    press("Enter")
    window.panel(".rl-verdict >> text=Passed").wait_for()
    assert window.panel(".rl-verdict").get_attribute("aria-live") == "polite"
    assert window.page.evaluate("document.activeElement.textContent") == "Check"
    assert window.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_without_a_kernel_the_check_says_what_to_do(lab, learner):
    window = learner(lab).open()
    window.idle()
    window.page.get_by_role("menuitem", name="Kernel").click()
    window.page.get_by_text("Shut Down Kernel", exact=True).click()
    window.page.get_by_text("No Kernel").first.wait_for()
    assert re.search(r"Could not check.*no running kernel", window.check(), re.S)


def test_after_a_restart_of_the_kernel_the_cells_have_to_run_again(lab, learner):
    window = learner(lab).open()
    window.choose(1)
    window.run("rate = 0.5")
    assert "Passed" in window.check()
    window.restart()
    assert "Not attempted" in window.check()
    # What was passed stays done.
    assert window.panel(".rl-task").first.get_attribute("data-state") == "done"
    window.run("rate = 0.5")
    assert "Passed" in window.check()


def test_jupyterlab_shows_the_same_panel(lab, learner):
    window = learner(lab).open(lab=True)
    window.choose(1)
    window.run("rate = 0.5")
    assert "Passed" in window.check()
    window.page.wait_for_timeout(500)
    assert window.panel(".rl-check").is_visible()
    assert window.problems == []
