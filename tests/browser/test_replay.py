from __future__ import annotations

import pytest

from labs import NUMBERS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(start_lab, browser):
    return start_lab(NUMBERS)


def press_keys(window, *keys):
    window.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    for key in keys:
        window.page.keyboard.press(key)


def restart(window):
    press_keys(window, "0", "0")
    window.page.get_by_role("button", name="Confirm Kernel Restart").click()
    window.page.locator(".jp-Dialog").wait_for(state="detached")


def solve(window):
    window.run("import time\ntime.sleep(0.1)\nrate = 0.5")
    window.run("double = 2 * rate", cell=1)
    window.choose(2)
    assert "Passed" in window.check()


def test_a_restarted_kernel_is_noticed_and_a_replay_restores_the_task(lab, learner, shoot, faults):
    window = learner(lab).open()
    assert window.panel(".rl-replay").is_hidden()
    solve(window)
    restart(window)
    window.panel(".rl-replay >> text=The kernel was restarted").wait_for()
    words = window.panel(".rl-replay").inner_text()
    assert "your own 2 cells" in words
    assert "Last time that took a few seconds" in words
    shoot(window.page, "replay")
    assert faults(window.page) == []
    window.panel(".rl-replay-start").click()
    window.panel(".rl-replay >> text=2 cells run again in").wait_for()
    assert "Passed" in window.check()
    window.panel(".rl-replay .rl-close").click()
    assert window.panel(".rl-replay").is_hidden()

    # In a new window it is the same kernel, and nothing is missing.
    second = learner(lab).open()
    assert "Passed" in second.check()
    assert second.panel(".rl-replay").is_hidden()
    assert window.problems == []


def test_on_another_day_a_new_kernel_is_noticed(lab, learner):
    window = learner(lab).open()
    solve(window)
    window.page.keyboard.press("Control+S")
    headers = {"Authorization": f"token {lab.token}"}
    address = f"{lab.base}/api/sessions"
    for session in window.context.request.get(address, headers=headers).json():
        window.context.request.delete(f"{address}/{session['id']}", headers=headers)
    window.close()
    again = learner(lab).open()
    again.panel(".rl-replay >> text=This kernel has run none of your cells yet").wait_for()
    again.panel(".rl-replay-start").click()
    again.panel(".rl-replay >> text=2 cells run again in").wait_for()
    assert "Passed" in again.check()


def test_a_replay_stops_at_the_first_error_and_says_where(lab, learner):
    window = learner(lab).open()
    solve(window)
    window.run("rate = 1 / 0")
    restart(window)
    window.panel(".rl-replay-start").click()
    window.panel(".rl-replay >> text=Replay stopped at task 1, A half: ZeroDivisionError").wait_for()
    assert window.panel(".rl-article h2").inner_text() == "A half"
    assert "Not attempted" in window.check()


def test_the_list_offers_a_replay_too_and_leaves_out_what_was_not_begun(lab, learner):
    window = learner(lab).open()
    window.run("rate = 0.5")
    window.run("double = ...", cell=1)
    window.choose(2)
    window.panel(".rl-toggle").click()
    window.panel(".rl-again").click()
    assert "your own 1 cell again" in window.panel(".rl-replay").inner_text()
    window.panel(".rl-replay-start").click()
    window.panel(".rl-replay >> text=1 cell run again").wait_for()


def test_a_replay_can_be_stopped(lab, learner):
    window = learner(lab).open()
    window.run("import time\nfor step in range(3000):\n    time.sleep(0.01)", wait=False)
    window.interrupt()
    window.choose(1)
    window.panel(".rl-toggle").click()
    window.panel(".rl-again").click()
    window.panel(".rl-replay-start").click()
    window.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").wait_for()
    window.panel(".rl-stop").click()
    window.panel(".rl-replay >> text=You stopped it").wait_for()
    window.run("rate = 0.5")
