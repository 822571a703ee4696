"""What readers and writers of several formats refuse."""

from __future__ import annotations

import os
from collections.abc import Sized
from pathlib import Path

from tvdrnet_nv.errors import InputError


class NoSuchFileError(InputError, FileNotFoundError):
    """An `InputError` that programs written for PyTorch3D can catch as FileNotFoundError."""


def check_exists(path: str | os.PathLike[str]) -> None:
    """Raise NoSuchFileError where there is no such file."""
    if not Path(path).exists():
        raise NoSuchFileError(f"{path}: no such file; check the path")


def check_single(path: object, meshes: Sized) -> None:
    """Raise InputError where there is not exactly one mesh to write."""
    if len(meshes) != 1:
        raise InputError(f"{path}: Can only save a single mesh; there are {len(meshes)}: save them one by one")


def unwritable(path: object, error: OSError) -> InputError:
    """What to raise where a file could not be written."""
    kind = NoSuchFileError if isinstance(error, FileNotFoundError) else InputError
    return kind(f"{path}: cannot be written ({error.strerror}); check that its folder exists")
