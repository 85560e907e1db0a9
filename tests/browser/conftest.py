"""A real server and a real browser, which the tests drive as a learner would."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labs import Lab, start_lab

__all__ = ["start_lab"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
# A page of Jupyter takes a few seconds on a busy machine.
PATIENCE = 30_000
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[[Any, str], None]:
    """Takes a picture of a page; REGULAB_SCREENSHOTS names the folder where the documentation's are renewed."""
    folder = Path(os.environ.get("REGULAB_SCREENSHOTS") or tmp_path)

    def take(page: Any, name: str) -> None:
        if page.locator(".jp-Notebook").count():
            page.locator(IDLE).wait_for(state="attached")
        page.screenshot(path=folder / f"lab-{name}.png")

    return take


@pytest.fixture
def faults() -> Callable[..., list[str]]:
    """Says what axe-core finds wrong in a page or a part of it, but for trifles."""
    from axe_playwright_python.sync_playwright import Axe

    def look(page: Any, context: str | None = ".rl-panel") -> list[str]:
        violations = Axe().run(page, context=context).response["violations"]
        return [
            f"{fault['id']}: {fault['nodes'][0]['html'][:200]} {fault['nodes'][0]['failureSummary']}"
            for fault in violations
            if fault["impact"] in ("serious", "critical")
        ]

    return look


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


class Learner:
    """One window on a lab, and what a person does in it."""

    def __init__(self, context: Any, lab: Lab, *, viewport: dict[str, int]) -> None:
        self.context = context
        self.lab = lab
        self._viewport = viewport
        self.requests: list[str] = []
        self.problems: list[str] = []

    def open(self, *, lab: bool = False) -> Learner:
        """Open the notebook, and wait for the panel."""
        self.page = self.context.new_page()
        self.page.set_viewport_size(self._viewport)
        self.page.on("request", lambda request: self.requests.append(request.url))
        # Notebook 7 has faults of its own while it starts.
        self.page.on("pageerror", lambda error: "regulab" in error.stack and self.problems.append(error.stack))
        self.page.goto(self.lab.page(lab=lab))
        self.wait()
        return self

    def wait(self) -> None:
        """Until the panel is there and the notebook's kernel has started."""
        self.page.locator(".rl-panel").wait_for()
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        # Until then, the notebook shows an idle kernel that is not there yet.
        sessions = f"{self.lab.base}/api/sessions?token={self.lab.token}"
        deadline = time.monotonic() + PATIENCE / 1000
        while not any(session["kernel"]["connections"] for session in self.context.request.get(sessions).json()):
            assert time.monotonic() < deadline, "no kernel"
            self.page.wait_for_timeout(100)

    def panel(self, selector: str) -> Any:
        """Something in the panel."""
        return self.page.locator(f".rl-panel {selector}")

    def run(self, code: str, *, wait: bool = True, cell: int = 0) -> None:
        """Replace a code cell and run it."""
        self.idle()
        editor = self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        prompt = self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-InputPrompt")
        # After a restart the number may be the one from before.
        prompt.evaluate("prompt => { prompt.textContent = ''; }")
        self.page.keyboard.press("Control+Enter")
        if wait:
            done = "prompt => /\\[\\d+\\]/.test(prompt.textContent)"
            # The first cell that imports TensorFlow takes its time.
            self.page.wait_for_function(done, arg=prompt.element_handle(), timeout=4 * PATIENCE)

    def choose(self, task: int) -> None:
        """Open a task from the list, counted from 1."""
        if self.panel(".rl-toggle").get_attribute("aria-expanded") == "false":
            self.panel(".rl-toggle").click()
        self.panel(".rl-task").nth(task - 1).click()

    def interrupt(self) -> None:
        """Stop the cell that is running, by the notebook's own shortcut."""
        self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")
        self.idle()

    def restart(self) -> None:
        """Restart the kernel, by the notebook's own shortcut."""
        self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
        self.page.keyboard.press("0")
        self.page.keyboard.press("0")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel is there and runs nothing."""
        self.page.locator(IDLE).wait_for(state="attached")

    def check(self) -> str:
        """Press Check, and read the verdict."""
        self.panel(".rl-check").click()
        self.page.wait_for_function("document.querySelector('.rl-check').textContent === 'Check'")
        return str(self.panel(".rl-verdict").inner_text())

    def summary(self, button: str) -> Any:
        """Open the summary, in a window of its own."""
        with self.context.expect_page() as opened:
            self.panel(button).click()
        opened.value.locator("h1").wait_for()
        return opened.value

    def close(self) -> None:
        """Close the window, and forget what the lab's pages kept in the browser."""
        storage = self.context.new_cdp_session(self.context.new_page())
        storage.send("Storage.clearDataForOrigin", {"origin": self.lab.base, "storageTypes": "all"})
        self.context.clear_cookies()
        for page in self.context.pages:
            page.close()


@pytest.fixture(scope="session")
def profiles(browser: Any) -> list[Any]:
    """Profiles of the browser that no window uses at present.

    One that was used has Jupyter's scripts compiled in its cache, without which a page costs three times the
    processor time.
    """
    return []


@pytest.fixture
def learner(browser: Any, profiles: list[Any]) -> Iterator[Callable[..., Learner]]:
    """Opens windows, each in a profile of its own, which are closed after the test."""
    opened: list[Learner] = []

    def open_(lab: Lab, *, viewport: dict[str, int] | None = None) -> Learner:
        context = profiles.pop() if profiles else browser.new_context()
        context.set_default_timeout(PATIENCE)
        opened.append(Learner(context, lab, viewport=viewport or {"width": 1280, "height": 800}))
        return opened[-1]

    yield open_
    for window in opened:
        window.close()
        profiles.append(window.context)
