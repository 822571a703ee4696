"""Ctrl-C at any moment of `tvdr-nv optimize`: how it ends, what it says, what it leaves.

`python -m tvdrnet_nv.benchmarks.ctrl_c [--tries 200] [--within 3]` starts the command so many times on a small room,
and sends SIGINT at a random moment. With `--again 0.2` a second one follows within so many seconds. Every run must
end with 130, with one line that says so, without a traceback, and leave its whole output or nothing. In the first
hundredths of a second Python itself is loading, and ends in its own way: by the signal, which shells show as 130, or
with 1 where it was reading its site's files. Such runs are counted apart.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import room

PROGRAM = Path(sys.executable).with_name("tvdr-nv")
_PATIENCE = 30.0  # seconds after the last signal; whoever runs longer has ignored it
_START = 1.0  # seconds in which Python has loaded, and the program's first line is read, on a busy machine
_FILES = 7  # of a whole output folder


@dataclass(frozen=True)
class Try:
    """One run.

    Attributes:
        after: seconds until the signal.
        code: how it ended; None where it went on.
        ended: seconds from the last signal to the end.
        out, err: what it wrote.
        left: names of what it left, relative to its folder.
    """

    after: float
    code: int | None
    ended: float
    out: str
    err: str
    left: tuple[str, ...]

    @property
    def faults(self) -> list[str]:
        """What is wrong with it."""
        found = []
        if self.code is None:
            return ["ignored"]
        if self.before_the_program:
            return [] if self.after < _START else ["ended by Python, not by the program"]
        if self.code != 130:
            found.append(f"exit code {self.code}")
        if "Traceback" in self.err + self.out:
            found.append("a traceback")
        said = [line for line in self.err.splitlines() if line.startswith("interrupted")]
        if len(said) != 1:
            found.append(f"{len(said)} lines that say so")
        files = [name for name in self.left if name.startswith("out/")]
        if files and len(files) != _FILES:
            found.append(f"{len(files)} files of {_FILES}")
        if any(name.partition("/")[0] != "out" for name in self.left):
            found.append("something half written")
        return found

    @property
    def before_the_program(self) -> bool:
        """Whether Python was still loading, before the first line of the program."""
        if self.code == -signal.SIGINT:
            return True
        ours = re.search(r'File "[^"]*/(cli|tvdrnet_nv)/\w+\.py"', self.err)
        return self.code == 1 and "KeyboardInterrupt" in self.err and ours is None

    @property
    def kind(self) -> str:
        """What it says, or what ended it."""
        if self.before_the_program:
            return "ended by the signal, while Python was loading"
        lines = [line for line in self.err.splitlines() if line.startswith("interrupted")]
        return "".join(lines[:1]).partition(" of ")[0] or "no line"


def attempt(scene: Path, after: float, again: float | None = None) -> Try:
    """One run in a folder of its own.

    Args:
        scene: what is optimised, without an end.
        after: seconds until SIGINT.
        again: seconds from there to a second one.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        command = [PROGRAM, "optimize", scene, "--iters", "1000000", "--image-size", "32", "--out", out]
        files = {name: Path(folder, name) for name in ("stdout", "stderr")}
        with files["stdout"].open("w") as said, files["stderr"].open("w") as complained:
            # Whoever started us in the background has switched Ctrl-C off for us and our children.
            process = subprocess.Popen(command, stdout=said, stderr=complained, preexec_fn=_answer_ctrl_c)
        sent = time.monotonic()
        try:
            for pause in (after, again):
                if pause is not None and process.poll() is None:
                    time.sleep(pause)
                    sent = time.monotonic()
                    process.send_signal(signal.SIGINT)
            code = process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            process.kill()
            process.wait()
        ended = time.monotonic() - sent
        text = {name: file.read_text(errors="replace") for name, file in files.items()}
        left = (str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path not in files.values())
        names = tuple(sorted(name for name in left if name != "out"))
        return Try(after, code, ended, text["stdout"], text["stderr"], names)


def _answer_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def report(tries: list[Try], say: Callable[[str], None]) -> int:
    """Says what happened; returns how many runs are faulty."""
    for kind, count in Counter(one.kind for one in tries).most_common():
        say(f"{count:5d}  {kind}")
    codes = Counter("none" if one.code is None else str(one.code) for one in tries)
    say("exit codes: " + ", ".join(f"{count} × {code}" for code, count in codes.most_common()))
    say(f"slowest end: {max(one.ended for one in tries):.2f} s after the signal")
    bad = [one for one in tries if one.faults]
    for one in bad:
        say(f"after {one.after:.3f} s: {', '.join(one.faults)}; left {list(one.left)}")
        for line in one.err.strip().splitlines()[-6:]:
            say(f"    {line[:200]}")
    say(f"{len(tries) - len(bad)} of {len(tries)} runs ended as they must")
    return len(bad)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tvdrnet_nv.benchmarks.ctrl_c", description=__doc__)
    parser.add_argument("--tries", type=int, default=200, metavar="N")
    parser.add_argument("--within", type=float, default=3.0, metavar="SECONDS", help="the signal's moment is below it")
    parser.add_argument("--again", type=float, metavar="SECONDS", help="a second signal follows within so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder, "room.ply")
        save_ply(room(20_000), scene)
        tries = []
        for _ in range(given.tries):
            again = None if given.again is None else given.again * draw.random()
            tries.append(attempt(scene, given.within * draw.random(), again))
    sys.exit(1 if report(tries, print) else 0)


if __name__ == "__main__":
    main()
