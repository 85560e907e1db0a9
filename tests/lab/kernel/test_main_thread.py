from __future__ import annotations

import signal
import threading
import time

import pytest

from regulab.lab.kernel.main_thread import in_main_thread


def from_another(function, **options):
    """What another thread gets from the main thread, which runs in small steps meanwhile."""
    results = []
    other = threading.Thread(target=lambda: results.append(in_main_thread(function, **options)))
    other.start()
    while other.is_alive():
        time.sleep(0.001)
    return results[0]


def test_another_thread_gets_the_result_from_the_main_thread():
    assert from_another(threading.current_thread) is threading.main_thread()
    assert from_another(lambda: from_another.__name__) == "from_another"


def test_a_main_thread_inside_one_long_step_is_not_waited_for():
    results = []

    def ask():
        time.sleep(0.2)
        results.append(in_main_thread(lambda: 1, patience=0.05))

    other = threading.Thread(target=ask)
    other.start()
    # Waits without a step in between.
    other.join()
    assert results == [None]


def test_an_interrupt_during_the_call_reaches_the_cell():
    def interrupted():
        raise KeyboardInterrupt

    def cell():
        from_another(interrupted)
        time.sleep(1)

    # Where the tests were started in the background, interrupts are ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            cell()
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_in_the_function_gives_none():
    assert from_another(lambda: 1 / 0) is None


def test_a_hundred_questions_in_a_row_are_answered():
    assert [from_another(lambda: 3) for _ in range(100)] == [3] * 100
