"""Who is at work in a batch's folder: one driver, and workers of no other driver.

A driver writes its token, which ends the workers of an earlier driver after the job that they are at, and waits for
them.

The locks are advisory locks of the operating system (`flock`), which end with the process that holds them, however it
ends. A file system without them is taken as one on which nobody else is at work.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tvdrnet_nv.errors import InputError

DRIVER_FILE = ".driver"
WORKERS_FILE = ".workers"
_PATIENCE = 30.0  # seconds for the workers of an earlier driver to end
_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


class StaleRunError(RuntimeError):
    """Another driver has taken the batch over."""


@contextmanager
def driver_lock(folder: Path) -> Iterator[str]:
    """Be the only driver; gives the token of this run, which its workers show.

    Raises:
        InputError: another driver is at work, or the workers of one that has ended do not end.
    """
    with (folder / DRIVER_FILE).open("a+", encoding="utf-8") as stream:
        if not _locked(stream.fileno(), fcntl.LOCK_EX):
            stream.seek(0)
            raise InputError(f"{folder}: another tvdr-nv batch is at work there ({stream.read().strip()}); wait for it")
        token = f"{os.uname().nodename} {os.getpid()} {time.time_ns()}"
        stream.truncate(0)
        stream.write(token)
        stream.flush()
        with (folder / WORKERS_FILE).open("a") as workers:
            until = time.monotonic() + _PATIENCE
            while not _locked(workers.fileno(), fcntl.LOCK_EX):
                if time.monotonic() > until:
                    raise InputError(
                        f"{folder}: workers of an earlier run are still at a job; stop them, or try again later"
                    )
                time.sleep(0.1)
        yield token


@contextmanager
def worker_lock(folder: Path, token: str) -> Iterator[Callable[[], None]]:
    """Be a worker of the driver that has this token; gives what checks that it is still the batch's.

    Raises:
        StaleRunError: it is not; the check raises it as well.
    """

    def check() -> None:
        if (folder / DRIVER_FILE).read_text(encoding="utf-8") != token:
            raise StaleRunError(f"{folder}: another driver has taken over")

    with (folder / WORKERS_FILE).open("a") as stream:
        until = time.monotonic() + _PATIENCE
        while not _locked(stream.fileno(), fcntl.LOCK_SH):  # a driver that starts looks whether it is free
            if time.monotonic() > until:
                raise StaleRunError(f"{folder}: another driver is starting")
            time.sleep(0.05)
        check()
        yield check


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    return True
