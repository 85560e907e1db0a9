from __future__ import annotations

import re
import shutil

import pytest

from labs import NUMBERS

pytestmark = pytest.mark.slow


def test_checks_of_a_strangers_session_are_off_until_it_is_trusted(start_lab, learner, shoot, faults, tmp_path):
    folder = shutil.copytree(NUMBERS, tmp_path / "numbers")
    (folder / "session.yaml").write_text((folder / "session.yaml").read_text() + "# a stranger's\n")
    lab = start_lab(folder, trust=False)
    one = learner(lab).open()
    one.run("rate = 0.5")
    assert re.search(r"Could not check.*Checks are off", one.check(), re.S)
    one.panel(".rl-trust summary").click()
    assert "run with your rights" in one.panel(".rl-trust").inner_text()
    # However much stands above it, the guide's box stays in the window.
    box = one.panel(".rl-ask").bounding_box()
    assert box["y"] + box["height"] <= 800
    one.panel(".rl-toggle").click()
    shoot(one.page, "trust")
    assert faults(one.page) == []

    one.panel(".rl-trust-give").click()
    one.panel(".rl-trust").wait_for(state="hidden")
    assert "Passed" in one.check()
    one.page.reload()
    one.wait()
    assert one.panel(".rl-trust").is_hidden()
    assert one.problems == []
