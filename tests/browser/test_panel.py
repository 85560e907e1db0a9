from __future__ import annotations

import re
import time

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(start_lab, browser):
    from labs import NUMBERS

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


def test_a_kernel_without_subshells_answers_between_cells_and_says_so(lab, learner):
    one = learner(lab).open()
    switch = "type(get_ipython().kernel)._supports_kernel_subshells = "
    one.run(switch + "False\nrate = 0.5")
    one.page.reload()
    one.wait()
    assert "Passed" in one.check()
    one.run("import time; time.sleep(30)", wait=False)
    one.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").wait_for()
    assert re.search(r"Could not check.*A cell is running", one.check(), re.S)
    one.interrupt()
    one.run(switch + "True")


# A kernel that takes seven seconds to make a subshell, and notes what it is told.
SLOW_KERNEL = """async address => {
  const { Kernel } = await import(address);
  const told = [];
  const soon = (content, after) => {
    const future = { done: new Promise(() => {}) };
    setTimeout(() => future.onReply({ content }), after);
    return future;
  };
  const kernel = {
    status: 'idle',
    supportsSubshells: true,
    info: Promise.resolve({}),
    statusChanged: { connect() {} },
    sendShellMessage: message => {
      told.push(['asked', message.subshellId]);
      return soon({ status: 'ok', user_expressions: { one: { data: { 'text/plain': '1' } } } }, 0);
    },
    sendControlMessage: message => {
      told.push([message.msgType, message.content.subshell_id ?? null]);
      return soon({ status: 'ok', subshell_id: 'late' }, 7000);
    },
  };
  const services = { KernelMessage: { createMessage: options => options } };
  const asks = new Kernel({ services }, { currentWidget: { sessionContext: { session: { kernel } } } });
  told.push((await asks.evaluate({ one: '1' })).one);
  await new Promise(resolve => setTimeout(resolve, 2000));
  return told;
}"""


def test_a_subshell_that_comes_too_late_is_given_up(lab, learner):
    one = learner(lab).open()
    told = one.page.evaluate(SLOW_KERNEL, f"{lab.base}/static/regulab/kernel.js")
    assert told == [["create_subshell_request", None], ["asked", None], "1", ["delete_subshell_request", "late"]]


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
