"""Writes that happen whole or not at all: into a temporary place on the same disk, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tvdrnet_nv.errors import InputError

_unfinished: set[Path] = set()


def remove_unfinished() -> None:
    """Remove what is half written, for a process that is about to end."""
    for path in list(_unfinished):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, with its suffix; on success it replaces `path`, on an exception it goes.

    The same folder, because `os.replace` is atomic only within one file system.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.stem}.{secrets.token_hex(6)}{target.suffix}")
    _unfinished.add(temporary)
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
        _unfinished.discard(temporary)


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
        _unfinished.add(staging)
        staging.mkdir()
    try:
        yield staging
        with _reported(out):
            if new and not out.exists():
                staging.rename(out)
            else:
                _move_all(staging, out)
    except OSError as error:
        # The file that failed lies in the staging folder, whose name would tell the user nothing.
        raise InputError(f"output folder {out}: cannot be written: {_why(error)}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        _unfinished.discard(staging)


def _move_all(staging: Path, out: Path) -> None:
    """Moves the files of `staging` to `out`; on any failure, what was there is put back."""
    files = sorted(staging.iterdir())
    replaced = staging / "replaced"
    replaced.mkdir()
    done: list[Path] = []
    try:
        for file in files:
            target = out / file.name
            if target.exists():
                if target.is_dir():
                    raise IsADirectoryError(None, f"{target.name} is a folder there")
                target.replace(replaced / file.name)
            done.append(target)
            file.replace(target)
    except BaseException:
        for target in done:
            before = replaced / target.name
            if before.exists():
                before.replace(target)
            else:
                target.unlink(missing_ok=True)
        raise


def check_writable(out: Path, names: Iterable[str] = ()) -> None:
    """Finds out, before hours are spent, whether `staged_folder(out)` will be able to write. Leaves nothing behind.

    Args:
        out: the folder.
        names: of the files that will be written there.

    Raises:
        InputError: `out` is a file, cannot be written, or holds a folder of one of the names.
    """
    out = Path(out).absolute()
    with _reported(out):
        if out.exists() and not out.is_dir():
            raise InputError(f"output folder {out}: a file of this name exists; choose another folder")
        for name in names:
            if (out / name).is_dir():
                raise InputError(f"output folder {out}: holds a folder named {name}; choose another folder")
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
