"""`python -m tests.fuzz --count N --seconds S` reads mutated files until a reader fails, or N or S is reached.

A reader may give what it read, or refuse with an `InputError`. Another exception, more than 10 seconds or more than
2 GiB of memory for one of these small files is a failure; the file is kept in `build/fuzz`.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from tests.fuzz.examples import examples
from tvdrnet_nv.errors import InputError

_LONGEST = 10  # seconds
_MEMORY = 2 << 30  # bytes beyond what the process has at first
_NUMBERS = b"-1 0 nan inf -nan(ind) 1e999 99999999999 4294967295 1e-310 2147483648 -2147483649".split()


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One to four changes: bytes replaced, cut out, doubled or cut off, and numbers replaced by odd ones."""
    for _ in range(int(rng.integers(1, 5))):
        if not data:
            return data
        at = int(rng.integers(len(data)))
        length = int(rng.integers(1, 17))
        kind = rng.integers(5)
        if kind == 0:
            data = data[:at] + rng.bytes(min(length, 4)) + data[at + min(length, 4) :]
        elif kind == 1:
            data = data[:at] + data[at + length :]
        elif kind == 2:
            data = data[: at + length] + data[at:]
        elif kind == 3 and rng.random() < 0.3:
            data = data[:at]
        else:
            end = next((i for i in range(at, len(data)) if data[i : i + 1].isspace() or data[i : i + 1] in b",]"), at)
            data = data[:at] + _NUMBERS[int(rng.integers(len(_NUMBERS)))] + data[end:]
    return data


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {_LONGEST} s")


def main() -> int:
    """0 if no reader failed."""
    parser = argparse.ArgumentParser(description="Read mutated files.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _too_long)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (pages + _MEMORY, resource.RLIM_INFINITY))
    refused, slowest, began = 0, 0.0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        known = [(part, part.read_bytes(), path, read) for part, path, read in examples(Path(folder))]
        for _, _, path, read in known:
            read(path)  # whole
        for number in range(wanted.count):
            if time.monotonic() - began > wanted.seconds:
                break
            rng = np.random.default_rng([wanted.seed, number])
            part, whole, path, read = known[number % len(known)]
            part.write_bytes(mutated(whole, rng))
            started = time.monotonic()
            signal.alarm(_LONGEST)
            try:
                read(path)
            except InputError:
                refused += 1
            except BaseException as error:
                signal.alarm(0)
                kept = Path("build/fuzz") / f"{number}-{part.name}"
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(part, kept)
                print(f"{kept} of {path.name}: {type(error).__name__}: {error}", file=sys.stderr)
                raise
            finally:
                signal.alarm(0)
                part.write_bytes(whole)
            slowest = max(slowest, time.monotonic() - started)
        else:
            number = wanted.count
    print(f"{number} mutated files of {len(known)} kinds: {refused} refused, none failed, slowest {slowest:.2f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
