"""Pictures that are nice to have: one that fails costs a warning, and nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.errors import InputError

Warn = Callable[[str], None]


def python_warning(text: str) -> None:
    """The `warn` of a caller that gives none."""
    warnings.warn(text, stacklevel=3)


def decorate(out: Path, decorations: Mapping[str, Callable[[Path], object]], warn: Warn) -> list[Path]:
    """Writes pictures into a folder, each by its own function; one that fails is left out.

    Whatever a picture fails of, the numbers of the run are saved already, and the other pictures are still written. A
    file of the same name from an earlier run is removed then, as it would pass for this run's.

    Args:
        out: folder; it exists.
        decorations: what writes each file, by the file's name.
        warn: is called at most once, with a line that names the missing files and why each is missing.

    Returns:
        The files written, in the order given.
    """
    failed: dict[str, str] = {}
    try:
        with staged_folder(out) as folder:
            for name, write in decorations.items():
                try:
                    write(folder / name)
                except Exception as error:  # matplotlib, imageio, Pillow, the disk, memory: all are named in the line
                    (folder / name).unlink(missing_ok=True)
                    failed[name] = _why(error)
    except InputError as error:
        failed = dict.fromkeys(decorations, str(error))
    reasons: dict[str, list[str]] = {}
    for name, why in failed.items():
        reasons.setdefault(why, []).append(name)
        (out / name).unlink(missing_ok=True)
    if failed:
        missing = "; ".join(f"{', '.join(names)} ({why})" for why, names in reasons.items())
        warn(f"the result is saved, but not all pictures: {missing}")
    return [out / name for name in decorations if name not in failed]


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
