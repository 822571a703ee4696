"""NVIDIA's runtime compiler, through ctypes: CUDA C++ to machine code, without a GPU and without CUDA's headers.

The library comes with CUDA builds of torch, and as `nvidia-cuda-nvrtc` from PyPI.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

PACKAGES = ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12")


@cache
def library() -> ctypes.CDLL | None:
    """NVRTC, or None where it is not installed."""
    for package in PACKAGES:
        try:
            installed = files(package) or []
        except PackageNotFoundError:
            continue
        for file in installed:
            if file.name.startswith("libnvrtc.so"):
                return ctypes.CDLL(str(file.locate()))
    return None


def compiled(source: Path, headers: Mapping[str, Path], architecture: str) -> bytes:
    """The machine code of a file for "sm_80", or its PTX for "compute_80".

    Args:
        source: a .cu file.
        headers: the files that it, and they, may include, by the names in the includes.
        architecture: what to compile for.

    Raises:
        RuntimeError: it does not compile; the message is the compiler's.
    """
    nvrtc = library()
    assert nvrtc is not None
    names = [name.encode() for name in headers]
    texts = [path.read_bytes() for path in headers.values()]
    options = [
        f"--gpu-architecture={architecture}".encode(),
        b"--std=c++20",
        b"--fmad=false",  # as -ffp-contract=off on the CPU
        b"--device-as-default-execution-space",  # the shared functions are no CUDA of their own
    ]
    program = ctypes.c_void_p()
    text, name, count = source.read_bytes(), source.name.encode(), len(names)
    array = ctypes.c_char_p * count
    _check(nvrtc.nvrtcCreateProgram(ctypes.byref(program), text, name, count, array(*texts), array(*names)))
    try:
        given = (ctypes.c_char_p * len(options))(*options)
        status = nvrtc.nvrtcCompileProgram(program, len(options), given)
        log = _result(nvrtc, program, "ProgramLog").rstrip(b"\0").decode()
        if status != 0:
            raise RuntimeError(log)
        return _result(nvrtc, program, "CUBIN" if architecture.startswith("sm_") else "PTX")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _result(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> bytes:
    size = ctypes.c_size_t()
    _check(getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
    out = ctypes.create_string_buffer(size.value)
    _check(getattr(nvrtc, f"nvrtcGet{what}")(program, out))
    return out.raw


def _check(status: int) -> None:
    if status != 0:
        raise RuntimeError(f"NVRTC returned {status}")
