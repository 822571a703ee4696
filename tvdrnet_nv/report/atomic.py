"""Writes that happen whole or not at all: into a temporary place on the same disk, then renamed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tvdrnet_nv.errors import InputError


@contextmanager
def staged_folder(out: Path) -> Iterator[Path]:
    """Gives an empty folder to write into; its files appear in `out` when the block ends, and only then.

    A new `out` appears in one step with everything in it. In an existing `out` each file replaces its namesake in one
    step and other files stay as they are. When the block raises, `out` is as it was before and the staging is removed.

    Args:
        out: the folder to fill; it and its parents are made when they do not exist.

    Raises:
        InputError: `out` is a file, or cannot be written.
    """
    out = Path(out).absolute()
    with _reported(out):
        if out.exists() and not out.is_dir():
            raise InputError(f"output folder {out}: a file of this name exists; choose another folder")
        new = not out.exists()
        parent = out.parent if new else out
        parent.mkdir(parents=True, exist_ok=True)
        staging = parent / f".{out.name}.{secrets.token_hex(4)}.partial"
        staging.mkdir()
    try:
        yield staging
        with _reported(out):
            if new and not out.exists():
                staging.rename(out)
            else:
                for file in sorted(staging.iterdir()):
                    file.replace(out / file.name)
    except OSError as error:
        # The file that failed lies in the staging folder, whose name would tell the user nothing.
        raise InputError(f"output folder {out}: cannot be written: {_why(error)}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def check_writable(out: Path) -> None:
    """Finds out, before hours are spent, whether `staged_folder(out)` will be able to write. Leaves nothing behind.

    Raises:
        InputError: `out` is a file, or cannot be written.
    """
    out = Path(out).absolute()
    with _reported(out):
        if out.exists() and not out.is_dir():
            raise InputError(f"output folder {out}: a file of this name exists; choose another folder")
        existing = next(folder for folder in (out, *out.parents) if folder.exists())
        # A probe, as permission bits say little about read-only disks, quotas and the superuser.
        probe = existing / f".{secrets.token_hex(4)}.probe"
        probe.mkdir()
        probe.rmdir()


@contextmanager
def _reported(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"output folder {out}: cannot be written: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
