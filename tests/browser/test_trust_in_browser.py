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
    window = learner(lab).open()
    window.run("rate = 0.5")
    assert re.search(r"Could not check.*Checks are off", window.check(), re.S)
    window.panel(".rl-trust summary").click()
    assert "run with your rights" in window.panel(".rl-trust").inner_text()
    # However much stands above it, the guide's box stays in the window.
    box = window.panel(".rl-ask").bounding_box()
    assert box["y"] + box["height"] <= 800
    window.panel(".rl-toggle").click()
    shoot(window.page, "trust")
    assert faults(window.page) == []

    window.panel(".rl-trust-give").click()
    window.panel(".rl-trust").wait_for(state="hidden")
    assert "Passed" in window.check()
    window.page.reload()
    window.wait()
    assert window.panel(".rl-trust").is_hidden()
    assert window.problems == []
