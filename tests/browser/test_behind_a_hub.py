from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from labs import Lab, surroundings

pytestmark = pytest.mark.slow
CONFIG = Path(__file__).parents[2] / "docs" / "jupyterhub" / "jupyter_server_config.py"
TOKEN = "a-token-for-the-test"
# As JupyterHub's servers send it: nothing of them may be shown in a frame.
POLICY = "frame-ancestors 'none'; report-uri /class/hub/security/csp-report"


def answers(base):
    """Whether a server answers at an address."""
    try:
        urllib.request.urlopen(f"{base}/api", timeout=5).close()
    except (urllib.error.URLError, TimeoutError):
        return False
    return True


@pytest.fixture
def lab(tmp_path, browser):
    """A plain Jupyter server with the documented configuration, under an address of its own as behind a proxy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}/class/user/ada"
    work, log = tmp_path / "work", tmp_path / "log.txt"
    work.mkdir()
    command = [sys.executable, "-m", "jupyterlab", f"--config={CONFIG}", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ip=127.0.0.1", "--ServerApp.base_url=/class/user/ada/"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={work}"]
    command += [f'--ServerApp.tornado_settings={{"headers": {{"Content-Security-Policy": "{POLICY}"}}}}']
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=surroundings(tmp_path))
    try:
        # JupyterLab starts in seconds, and on a busy machine in minutes.
        deadline = time.monotonic() + 180
        while not answers(base):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Lab(base, "lab/tree", TOKEN, work, "avoid-overfitting.ipynb", "", log, process)
    finally:
        process.terminate()
        process.wait(15)


@pytest.mark.parametrize("in_lab", [True, False])
def test_the_panel_works_under_another_address_with_a_hubs_headers(lab, learner, in_lab):
    window = learner(lab).open(lab=in_lab)
    # The session is the teacher's, who vouches for it, and the notebook was written for whoever had none.
    assert window.panel(".rl-trust").is_hidden()
    window.choose(1)
    window.run("batches = 40", cell=1)
    assert "Passed" in window.check()
    window.panel(".rl-toggle").click()
    page = window.summary(".rl-summary")
    assert page.url.startswith(f"{lab.base}/regulab/summary")
    assert "1 of 15 tasks passed" in page.locator(".lead").inner_text()
    assert [url for url in window.requests if not url.startswith((lab.base, "data:", "blob:"))] == []
    assert window.problems == []
