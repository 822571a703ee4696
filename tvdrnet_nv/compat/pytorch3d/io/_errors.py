"""Files that are not there, or whose folder is not."""

from __future__ import annotations

import os
from pathlib import Path

from tvdrnet_nv.errors import InputError


class NoSuchFileError(InputError, FileNotFoundError):
    """An `InputError` that programs written for PyTorch3D can catch as FileNotFoundError."""


def check_exists(path: str | os.PathLike[str]) -> None:
    """Raise NoSuchFileError where there is no such file."""
    if not Path(path).exists():
        raise NoSuchFileError(f"{path}: no such file; check the path")


def unwritable(path: object, error: OSError) -> InputError:
    """What to raise where a file could not be written."""
    kind = NoSuchFileError if isinstance(error, FileNotFoundError) else InputError
    return kind(f"{path}: cannot be written ({error.strerror}); check that its folder exists")
