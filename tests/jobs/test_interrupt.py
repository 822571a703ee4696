"""Ctrl-C while a job runs."""

from __future__ import annotations

import signal
import threading

import pytest

from tvdrnet_nv.jobs.interrupt import Interruptible


def test_the_first_ctrl_c_waits_for_its_moment_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruptible() as interruptible:
        interruptible.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interruptible.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_that_is_switched_off_stays_off() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruptible() as interruptible:
            signal.raise_signal(signal.SIGINT)
            interruptible.check()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_thread_beside_the_main_one_leaves_signals_alone() -> None:
    before, during = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with Interruptible() as interruptible:
            during.append(signal.getsignal(signal.SIGINT))
            interruptible.check()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert during == [before]


def test_a_program_presses_without_a_terminal() -> None:
    with Interruptible() as interruptible:
        interruptible.press()
        with pytest.raises(KeyboardInterrupt):
            interruptible.check()
