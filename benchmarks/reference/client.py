"""The parent's side: starts the child under another interpreter, asks, and says clearly what went wrong."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from tvdrnet_nv.errors import InputError

CHILD = Path(__file__).with_name("child.py")

HOW = "run `make reference`, or name a Python that has PyTorch3D (--reference PYTHON)"

_HELLO_SECONDS = 180.0  # importing torch from a cold disk takes its time

# What PyTorch3D's CUDA rasterizer prints when a bin has more faces than it keeps: the image lacks some.
_OVERFLOW = "Bin size was too small"


class ReferenceError_(RuntimeError):
    """The reference could not do what was asked; the message is one line, `trace` the child's traceback."""

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


class Reference:
    """PyTorch3D under its own interpreter; a context manager.

    Args:
        python: the interpreter that has PyTorch3D; this very one will do if it does.
        device: "cpu" or "cuda".
        threads: torch's threads in the child; by default as many as torch takes.

    Attributes:
        info: the versions of python, numpy, torch and pytorch3d, the device, its name, and the threads.
        overflowed: whether the last call's rasterizer ran out of space for faces, so that its images lack some.

    Raises:
        InputError: there is no such interpreter, it is none, it has no pytorch3d, or there is no such device.
    """

    def __init__(self, python: str | Path, *, device: str = "cpu", threads: int | None = None) -> None:
        self.python = str(python)
        self.overflowed = False
        self._count = 0
        self._folder = tempfile.TemporaryDirectory(prefix="tvdr-reference-")
        self._stderr = Path(self._folder.name) / "stderr"
        environment = dict(os.environ)
        environment.pop("OMP_WAIT_POLICY", None)  # the command's own choice, not that of PyTorch3D's users
        if threads is not None:
            environment["OMP_NUM_THREADS"] = str(threads)
        try:
            with self._stderr.open("wb") as stderr:
                self._process = subprocess.Popen(
                    [self.python, str(CHILD), device, str(threads or 0)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    encoding="utf-8",
                    errors="replace",
                    env=environment,
                )
        except OSError as error:
            self._folder.cleanup()
            why = "there is none" if isinstance(error, FileNotFoundError) else error.strerror
            raise InputError(f"cannot run the reference's interpreter {self.python}: {why}; {HOW}") from None
        try:
            self.info: dict[str, str] = self._hello()
        except BaseException:
            self.close()
            raise

    def call(
        self, command: str, arrays: Mapping[str, np.ndarray] | None = None, **options: Any
    ) -> dict[str, np.ndarray]:
        """Carry out one command of `child.py` and return its arrays.

        Raises:
            ReferenceError_: it failed, with the child's message; or the child is dead.
        """
        self._count += 1
        folder = Path(self._folder.name)
        request, reply = folder / f"request-{self._count}.npz", folder / f"reply-{self._count}.npz"
        if arrays:
            np.savez(request, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]
        printed = self._stderr.stat().st_size
        line = {"command": command, "arrays": str(request) if arrays else None, "reply": str(reply), "options": options}
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise ReferenceError_(self._died(command)) from None
        answer = self._read()
        if answer is None:
            raise ReferenceError_(self._died(command))
        request.unlink(missing_ok=True)
        if not answer["ok"]:
            raise ReferenceError_(f"the reference's {command} failed: {answer['error']}", answer["trace"])
        with self._stderr.open("rb") as stderr:
            stderr.seek(printed)
            self.overflowed = _OVERFLOW in stderr.read().decode(errors="replace")
        with np.load(reply) as file:
            result = {name: file[name] for name in file.files}
        reply.unlink()
        return result

    def close(self) -> None:
        """End the child and remove its files; may be called again."""
        process = self._process
        if process.stdin is not None and not process.stdin.closed:
            try:
                process.stdin.close()
                process.wait(2)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hello(self) -> dict[str, str]:
        late = threading.Timer(_HELLO_SECONDS, self._process.kill)
        late.start()
        answer = self._read()
        late.cancel()
        info = {} if answer is None else answer.get("info", {})
        if answer is None or (answer["ok"] and not {"pytorch3d", "torch", "device"} <= set(info)):
            raise InputError(f"{self.python} does not run as a Python{self._last_words()}; {HOW}")
        if answer["ok"]:
            return info
        error = answer["error"]
        if "No module named" in error:
            raise InputError(f"{self.python} has no PyTorch3D ({error}); {HOW}")
        raise InputError(f"the reference does not start under {self.python}: {error}")

    def _read(self) -> dict[str, Any] | None:
        """The next answer, or None when the child ended, or is no child of ours."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            answer = json.loads(line)
        except json.JSONDecodeError:
            return None
        return answer if isinstance(answer, dict) and "ok" in answer else None

    def _died(self, command: str) -> str:
        try:
            code = self._process.wait(2)
        except subprocess.TimeoutExpired:
            return f"the reference stopped answering during {command}"
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return f"the reference's process {how}, in {command}{self._last_words()}"

    def _last_words(self) -> str:
        lines = [line for line in self._stderr.read_text(errors="replace").splitlines() if line.strip()]
        return f" (it said: {lines[-1].strip()[:200]})" if lines else ""


def find_reference(explicit: str | None) -> Path | None:
    """The interpreter that has PyTorch3D, or None.

    `explicit` as it is given; else what `make reference` made: .reference/bin/python in the working directory, or in
    the checkout that this package is installed from.
    """
    if explicit:
        # A name is looked up in PATH, as the shell does; a path must not become one by losing its "./".
        return Path(os.path.abspath(explicit) if os.sep in explicit else explicit)
    checkouts = [Path.cwd(), *(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())]
    found = (checkout / ".reference" / "bin" / "python" for checkout in checkouts)
    return next((python for python in found if python.is_file()), None)
