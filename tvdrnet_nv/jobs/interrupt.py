"""Ctrl-C at a moment of our choosing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType


@contextmanager
def raised_on_ctrl_c() -> Iterator[None]:
    """While it is open, Ctrl-C raises KeyboardInterrupt wherever the main thread is, as Python does by itself."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Interruptible:
    """While it is open, the first Ctrl-C is only noted, for `check` to raise; a second one acts at once, as ever.

    An exception that strikes anywhere may strike inside a native module's conversion of its arguments, which can take
    it for its own failure and swallow it: nanobind's does, about once in thirty times here.

    Python lets only the main thread handle signals; in another one this does nothing.

    Attributes:
        pressed: whether Ctrl-C was pressed, or `press` was called.
    """

    pressed: bool

    def __enter__(self) -> Interruptible:
        self.pressed = False
        self._before = signal.getsignal(signal.SIGINT)
        # Whoever has switched Ctrl-C off, as nohup does, means it.
        self._catches = threading.current_thread() is threading.main_thread() and self._before is not signal.SIG_IGN
        if self._catches:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._catches:
            signal.signal(signal.SIGINT, self._before)

    def press(self) -> None:
        """What Ctrl-C does, for a program without a terminal."""
        self.pressed = True

    def check(self) -> None:
        """Raises KeyboardInterrupt when Ctrl-C has been pressed."""
        if self.pressed:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        signal.signal(signal.SIGINT, self._before)
