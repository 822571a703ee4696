"""Faults: processes that are killed while a batch runs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tvdrnet_nv.benchmarks.processes import PYTHON

COMMAND = (*PYTHON, "-c", "from tvdrnet_nv.cli import main; main()", "batch")


@dataclass
class Faults:
    """What is to happen, and what has happened.

    Attributes:
        kills: how many workers are killed.
        seconds: over how long a time.
        events: other things, each at a share of this time.
        happened: what has.
    """

    kills: int
    seconds: float
    events: Sequence[tuple[float, str, Callable[[], None]]] = ()
    happened: list[str] = field(default_factory=list)

    def let_happen(self, workers: Callable[[], list[int]], ended: threading.Event) -> None:
        """Kill workers at even times, and let the other things happen, until the batch has ended."""
        chance, began = random.Random(0), time.monotonic()
        plan = [(self.seconds * (k + 1) / (self.kills + 1), "worker", None) for k in range(self.kills)]
        plan += [(self.seconds * share, name, act) for share, name, act in self.events]
        for at, name, act in sorted(plan, key=lambda item: item[0]):
            if ended.wait(max(0.0, began + at - time.monotonic())):
                return
            if act is not None:
                act()
                self.happened.append(name)
                continue
            while not ended.is_set():
                found = workers()
                if found:
                    with suppress(ProcessLookupError):
                        os.kill(chance.choice(found), signal.SIGKILL)
                        self.happened.append(name)
                        break
                time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The worker processes of a driver."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def ray_workers() -> list[int]:
    """The processes of this machine that do a task of a batch on Ray."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if (entry / "cmdline").read_bytes().startswith(b"ray::run_alone"):
                found.append(int(entry.name))
    return found


class Run:
    """A batch, as often as it takes: where the driver is killed, the same command is given again."""

    def __init__(self, table: Path, out: Path, options: Sequence[str]) -> None:
        self._command = [*COMMAND, str(table), "--out", str(out), *options]
        self._ended = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.starts, self._said = 0, b""

    def workers(self) -> list[int]:
        """Of the processes of this machine."""
        return [] if self.process is None else children(self.process.pid)

    def kill_driver(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()

    def until_done(self, faults: Faults | None = None, workers: Callable[[], list[int]] | None = None) -> float:
        """Run it; returns the seconds that it took."""
        began = time.perf_counter()
        thread = threading.Thread(target=self._start_until_done)
        thread.start()
        if faults:  # in this thread, as Ray adds a node in the main one only
            faults.let_happen(workers or self.workers, self._ended)
        thread.join()
        assert self.process is not None
        if self.process.returncode != 0:
            raise SystemExit(f"exit code {self.process.returncode}: {self._said.decode()[-2000:]}")
        return time.perf_counter() - began

    def _start_until_done(self) -> None:
        while True:
            self.starts += 1
            self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            _, self._said = self.process.communicate()
            if self.process.returncode != -signal.SIGKILL:
                break
        self._ended.set()
