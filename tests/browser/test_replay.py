from __future__ import annotations

import pytest

from labs import NUMBERS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(start_lab, browser):
    return start_lab(NUMBERS)


def press_keys(one, *keys):
    one.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    for key in keys:
        one.page.keyboard.press(key)


def restart(one):
    press_keys(one, "0", "0")
    one.page.get_by_role("button", name="Confirm Kernel Restart").click()
    one.page.locator(".jp-Dialog").wait_for(state="detached")


def solve(one):
    one.run("import time\ntime.sleep(0.1)\nrate = 0.5")
    one.run("double = 2 * rate", cell=1)
    one.choose(2)
    assert "Passed" in one.check()


def test_a_restarted_kernel_is_noticed_and_a_replay_restores_the_task(lab, learner, shoot, faults):
    one = learner(lab).open()
    assert one.panel(".rl-replay").is_hidden()
    solve(one)
    restart(one)
    one.panel(".rl-replay >> text=The kernel was restarted").wait_for()
    words = one.panel(".rl-replay").inner_text()
    assert "your own 2 cells" in words
    assert "Last time that took a few seconds" in words
    shoot(one.page, "replay")
    assert faults(one.page) == []
    one.panel(".rl-replay-start").click()
    one.panel(".rl-replay >> text=2 cells run again in").wait_for()
    assert "Passed" in one.check()
    one.panel(".rl-replay .rl-close").click()
    assert one.panel(".rl-replay").is_hidden()

    # In a new window it is the same kernel, and nothing is missing.
    two = learner(lab).open()
    assert "Passed" in two.check()
    assert two.panel(".rl-replay").is_hidden()
    assert one.problems == []


def test_on_another_day_a_new_kernel_is_noticed(lab, learner):
    one = learner(lab).open()
    solve(one)
    one.page.keyboard.press("Control+S")
    headers = {"Authorization": f"token {lab.token}"}
    address = f"{lab.base}/api/sessions"
    for session in one.context.request.get(address, headers=headers).json():
        one.context.request.delete(f"{address}/{session['id']}", headers=headers)
    one.close()
    again = learner(lab).open()
    again.panel(".rl-replay >> text=This kernel has run none of your cells yet").wait_for()
    again.panel(".rl-replay-start").click()
    again.panel(".rl-replay >> text=2 cells run again in").wait_for()
    assert "Passed" in again.check()


def test_a_replay_stops_at_the_first_error_and_says_where(lab, learner):
    one = learner(lab).open()
    solve(one)
    one.run("rate = 1 / 0")
    restart(one)
    one.panel(".rl-replay-start").click()
    one.panel(".rl-replay >> text=Replay stopped at task 1, A half: ZeroDivisionError").wait_for()
    assert one.panel(".rl-article h2").inner_text() == "A half"
    assert "Not attempted" in one.check()


def test_the_list_offers_a_replay_too_and_leaves_out_what_was_not_begun(lab, learner):
    one = learner(lab).open()
    one.run("rate = 0.5")
    one.run("double = ...", cell=1)
    one.choose(2)
    one.panel(".rl-toggle").click()
    one.panel(".rl-again").click()
    assert "your own 1 cell again" in one.panel(".rl-replay").inner_text()
    one.panel(".rl-replay-start").click()
    one.panel(".rl-replay >> text=1 cell run again").wait_for()


def test_a_replay_can_be_stopped(lab, learner):
    one = learner(lab).open()
    one.run("import time\nfor each in range(3000):\n    time.sleep(0.01)", wait=False)
    one.interrupt()
    one.choose(1)
    one.panel(".rl-toggle").click()
    one.panel(".rl-again").click()
    one.panel(".rl-replay-start").click()
    one.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").wait_for()
    one.panel(".rl-stop").click()
    one.panel(".rl-replay >> text=You stopped it").wait_for()
    one.run("rate = 0.5")
