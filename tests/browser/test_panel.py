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
    one = learner(lab).open()
    assert "0 of 2 tasks done · about 5 min left" in one.panel(".rl-count").inner_text()
    assert re.search(r"Not attempted.*no rate in the notebook", one.check(), re.S)
    one.run("rate = 1 / 3")
    assert re.search(r"Not yet.*The task asks for a half", one.check(), re.S)
    one.panel(".rl-answer").nth(1).click()
    assert one.panel(".rl-because").inner_text().split("\n\n") == ["Not quite.", "Twice 0.05 is 0.1."]
    one.panel(".rl-hint").click()
    one.panel(".rl-aid-hint >> text=Which number?").wait_for()
    one.panel(".rl-hint").click()
    one.panel(".rl-aid-hint >> text=Where?").wait_for()
    assert one.panel(".rl-hint").is_disabled()
    one.panel(".rl-solution").click()
    assert one.panel(".rl-aid-solution pre").inner_text() == "rate = 0.5"
    one.run("rate = 1 / 2")
    assert "Passed" in one.check()
    assert "1 of 2 tasks done · about 3 min left" in one.panel(".rl-count").inner_text()
    one.panel(".rl-onward").click()
    assert one.panel(".rl-article h2").inner_text() == "The double of it"
    # The notebook goes along.
    assert "double" in one.page.locator(".jp-Cell.jp-mod-active").inner_text()

    # Nothing came from another machine, and no script of the panel failed.
    assert [url for url in one.requests if not url.startswith((lab.base, "data:", "blob:"))] == []
    assert one.problems == []


def test_a_check_answers_while_a_cell_is_running(lab, learner):
    one = learner(lab).open()
    one.choose(1)
    one.run("rate = 0.5")
    one.run("import time\nfor second in range(20):\n    time.sleep(1)", wait=False)
    began = time.monotonic()
    assert "Passed" in one.check()
    assert time.monotonic() - began < 2
    assert "still running" not in one.panel(".rl-verdict").inner_text()
    # What is not there yet may be on its way.
    one.choose(2)
    said = one.check()
    assert "Not attempted" in said
    assert "A cell was still running." in said
    one.choose(1)
    # Also in a window that has just come and does not know the kernel yet.
    one.page.reload()
    one.wait()
    assert "Passed" in one.check()
    one.interrupt()


def test_a_cell_shows_what_programs_write_but_for_errors_of_compiled_code(lab, learner):
    one = learner(lab).open()
    one.run(
        "import os, subprocess, sys\n"
        "os.write(2, b'from below\\n')\n"
        "print('from Python', file=sys.stderr)\n"
        "os.system('echo from a shell')\n"
        "subprocess.run(['echo', 'from a program']);"
    )
    shown = one.page.locator(".jp-Notebook .jp-OutputArea-output")
    shown.filter(has_text="from a program").wait_for()
    lines = {line for text in shown.all_inner_texts() for line in text.split("\n") if line}
    assert lines == {"from Python", "from a program", "from a shell"}
    assert "from below" in lab.log.read_text()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (640, 400), (360, 640)])
def test_instructions_and_buttons_keep_their_place_whatever_else_speaks(lab, learner, width, height):
    one = learner(lab).open()
    one.run("rate = 1 / 3\nrate + 'a'")
    one.panel(".rl-item").wait_for()
    one.restart()
    one.panel(".rl-replay").wait_for()
    one.run("rate = 1 / 3\nrate + 'a'")
    one.panel(".rl-item").wait_for()
    assert "Not yet" in one.check()
    one.panel(".rl-question").fill("rate")
    one.page.keyboard.press("Enter")
    one.panel(".rl-answered").first.wait_for()
    one.page.set_viewport_size({"width": width, "height": height})
    for selector, least in ((".rl-body", 84), (".rl-answers", 30)):
        assert one.panel(selector).bounding_box()["height"] >= least
    # What has no room can be reached by scrolling.
    for selector in (".rl-replay button >> nth=0", ".rl-check", ".rl-ask button"):
        one.panel(selector).scroll_into_view_if_needed()
        box = one.panel(selector).bounding_box()
        assert 0 <= box["y"] <= height - box["height"]
    assert one.problems == []


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
    one = learner(lab_with_another_kernel).open()
    one.run("rate = 0.5")
    assert "Passed" in one.check()
    one.run("import time; time.sleep(60)", wait=False)
    one.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").wait_for()
    assert re.search(r"Could not check.*this kernel answers only between cells", one.check(), re.S)
    # Also in a window that has just come and does not know the kernel yet.
    one.page.reload()
    one.wait()
    assert re.search(r"Could not check.*this kernel answers only between cells", one.check(), re.S)
    one.interrupt()
    assert "Passed" in one.check()
    assert one.problems == []


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
    one = learner(lab).open()
    answer = one.page.evaluate(LATE_KERNEL, f"{lab.base}/static/regulab/kernel.js")
    assert answer == ["1", "regulab_facts_request", "execute_request"]


def test_progress_outlives_a_reload_and_reaches_a_second_window(lab, learner):
    one, two = learner(lab).open(), learner(lab).open()
    one.choose(2)
    one.run("double = 1.0", cell=1)
    assert "Passed" in one.check()
    # The other window has not heard of it, and opens a task.
    two.choose(1)
    two.panel(".rl-task").nth(1).locator("text=done").wait_for(state="attached")
    assert two.panel(".rl-notice").is_hidden()
    one.page.reload()
    one.wait()
    assert one.panel(".rl-toggle").inner_text() == "Task 1 of 2"
    assert one.panel(".rl-task").nth(1).get_attribute("data-state") == "done"


def test_the_keyboard_is_enough(lab, learner):
    one = learner(lab).open()
    one.run("rate = 0.5")
    press = one.page.keyboard.press
    one.panel(".rl-toggle").focus()
    press("Enter")
    assert one.panel(".rl-toggle").get_attribute("aria-expanded") == "true"
    order = []
    for _ in range(12):
        order.append(one.page.evaluate("document.activeElement.textContent"))
        press("Tab")
    assert order[0].startswith("Task ")
    assert [text for text in order if re.match(r"\d?✓?A half|0\.5|Check|Hint|Solution", text)] == [
        text for text in order if re.search(r"A half|^0\.5$|^Check$|^Hint|^Solution$", text)
    ]
    one.panel(".rl-task").first.focus()
    press("Enter")
    assert one.page.evaluate("document.activeElement.className") == "rl-article"
    one.panel(".rl-check").focus()
    cells = one.page.locator(".jp-Notebook .jp-Cell").count()
    press("b")  # would add a cell, were the notebook to hear it
    press("Enter")
    one.panel(".rl-verdict >> text=Passed").wait_for()
    assert one.panel(".rl-verdict").get_attribute("aria-live") == "polite"
    assert one.page.evaluate("document.activeElement.textContent") == "Check"
    assert one.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_without_a_kernel_the_check_says_what_to_do(lab, learner):
    one = learner(lab).open()
    one.idle()
    one.page.get_by_role("menuitem", name="Kernel").click()
    one.page.get_by_text("Shut Down Kernel", exact=True).click()
    one.page.get_by_text("No Kernel").first.wait_for()
    assert re.search(r"Could not check.*no running kernel", one.check(), re.S)


def test_after_a_restart_of_the_kernel_the_cells_have_to_run_again(lab, learner):
    one = learner(lab).open()
    one.choose(1)
    one.run("rate = 0.5")
    assert "Passed" in one.check()
    one.restart()
    assert "Not attempted" in one.check()
    # What was passed stays done.
    assert one.panel(".rl-task").first.get_attribute("data-state") == "done"
    one.run("rate = 0.5")
    assert "Passed" in one.check()


def test_jupyterlab_shows_the_same_panel(lab, learner):
    one = learner(lab).open(lab=True)
    one.choose(1)
    one.run("rate = 0.5")
    assert "Passed" in one.check()
    one.page.wait_for_timeout(500)
    assert one.panel(".rl-check").is_visible()
    assert one.problems == []
