"""Ctrl-C before a command's work has begun, and the second one while it ends: the process ends at once.

A KeyboardInterrupt that strikes while a module loads may leave it half loaded, or be taken for a failure of the module
and be swallowed. So it is not raised: what is half written is removed, and the process is gone.
"""

from __future__ import annotations

# Only what Python has loaded by itself, or nearly so: until this stands, Ctrl-C is Python's, with a traceback.
import contextlib
import os
import signal
import sys

TYPE_CHECKING = False  # typing's
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130


def end_at_once_on_ctrl_c() -> None:
    """From now on Ctrl-C ends the process with one line and status 130, but where a job handles it.

    Only in the main thread, and not where Ctrl-C is switched off, as nohup does.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        with contextlib.suppress(ValueError):  # another thread
            signal.signal(signal.SIGINT, _end)


def _end(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(Exception):
        atomic = sys.modules.get("tvdrnet_nv.atomic")
        if atomic is not None:
            atomic.remove_unfinished()
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    # A terminal may show a line of progress, and no cursor.
    clear = b"\r\x1b[K\x1b[?25h" if os.isatty(2) else b""
    with contextlib.suppress(OSError):
        os.write(2, clear + b"interrupted: nothing was saved\n")
    os._exit(INTERRUPTED)


# The command itself is loading; programs that only import it keep their Ctrl-C.
if os.path.basename(sys.argv[0]) == "tvdr-nv":
    end_at_once_on_ctrl_c()
