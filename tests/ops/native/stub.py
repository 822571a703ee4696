"""The stub of libcuda and libnvrtc (`stub.c`), compiled, and what was asked of it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.native.gpu import Gpus

_ON_LAUNCH = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint32)
STREAM = 0x5EED


def build(folder: Path) -> Path:
    """Compile it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("LAUNCHING THE CUDA KERNELS IS NOT TESTED: there is no C compiler (cc) for the stub of libcuda")
    out = folder / "stub.so"
    source = Path(__file__).with_name("stub.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(out), str(source)], check=True)
    return out


class Stub:
    """A copy of its own, which has noted nothing yet.

    Attributes:
        path: of the library, both libcuda and libnvrtc.
    """

    def __init__(self, built: Path, folder: Path) -> None:
        self.path = str(shutil.copy(built, folder / "libstub.so"))
        self._library = ctypes.CDLL(self.path)
        self._kept: list[object] = []
        self.asked_whether_capturing: list[int] = []

    def set(self, **values: int) -> None:
        """Set the stub's variables of these names."""
        for name, value in values.items():
            ctypes.c_int.in_dll(self._library, f"stub_{name}").value = value

    def said(self, begin: str = "") -> list[str]:
        """The calls so far that begin so."""
        text = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(self._library, "stub_log"))).decode()
        return [line for line in text.splitlines() if line.startswith(begin)]

    def on_launch(self, run: Callable[[str, bytes, int, int], None]) -> None:
        """Call a function with each launch's kernel, job, blocks and threads."""

        def called(name: bytes, job: int, size: int, blocks: int, lanes: int) -> None:
            run(name.decode(), ctypes.string_at(job, size), blocks, lanes)

        callback = _ON_LAUNCH(called)
        self._kept.append(callback)
        ctypes.c_void_p.in_dll(self._library, "stub_on_launch").value = ctypes.cast(callback, ctypes.c_void_p).value

    def emulate(self) -> None:
        """Do on the CPU what the launched kernels would do."""

        def run(kernel: str, job: bytes, _blocks: int, _lanes: int) -> None:
            _cpu.emulate(kernel.removeprefix("tvdr_"), job, 64, 128, torch.get_num_threads())

        self.on_launch(run)

    def gpus(self) -> Gpus:
        """GPUs behind it, and a stream that tells which device was asked for.

        `asked_whether_capturing` lists those that were asked about graphs.
        """
        capturing = ctypes.c_int.in_dll(self._library, "stub_capturing")

        def captures(device: int) -> bool:
            self.asked_whether_capturing.append(device)
            return bool(capturing.value)

        return Gpus(self.path, [self.path], lambda device: STREAM + device, captures)
