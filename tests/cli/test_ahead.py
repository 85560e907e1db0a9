from __future__ import annotations

import os
import signal
import sys

import pytest

from regulab.cli.ahead import ahead
from regulab.cli.sources import reads_alone
from regulab.errors import InputError

# These tests' own process has threads, which that of `regulab run` has not at that point.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def refuse():
    raise InputError("Expected something else.")


def interrupted():
    os.kill(os.getpid(), signal.SIGINT)
    return "went on"


def test_what_was_worked_out_ahead_is_given_when_asked_for():
    with ahead(os.getpid) as found:
        # Elsewhere it is worked out when asked for.
        assert (found() == os.getpid()) == (sys.platform != "linux")


def test_what_went_wrong_ahead_is_raised_when_asked_for():
    with ahead(refuse) as found, pytest.raises(InputError, match="Expected something else"):
        found()


if sys.platform == "linux":

    def test_an_interrupt_is_left_to_the_process_that_waits():
        with ahead(interrupted) as found:
            assert found() == "went on"


def test_only_what_needs_no_code_of_others_and_no_download_is_read_ahead(tmp_path, monkeypatch):
    monkeypatch.delenv("REGULAB_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    asked = {"reviews": True, "digits": True, "imdb": False, "data.npz": False, "module:function": False}
    assert {source: reads_alone(source, data_file=None) for source in asked} == asked
    (tmp_path / "imdb.npz").touch()
    monkeypatch.setenv("REGULAB_DATA_DIR", str(tmp_path))
    assert reads_alone("imdb", data_file=None)
    assert reads_alone("imdb", data_file="anywhere.npz")
