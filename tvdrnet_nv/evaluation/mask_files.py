"""Files of one mask each: `.npy`, `.npz`, run lengths in `.json`, and ScanNet's `.txt`, one number a line."""

from __future__ import annotations

import json
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.run_lengths import check_vertices, decode_runs, encode_runs
from tvdrnet_nv.io.cameras.files import read_json

_BROKEN = (OSError, ValueError, TypeError, EOFError, MemoryError, NotImplementedError, SyntaxError, tokenize.TokenError)
_BROKEN += (OverflowError, zipfile.BadZipFile, zlib.error)
"""What numpy and its archive's reader raise for files that are broken: the header is parsed as Python."""

MASK_SUFFIXES = (".npy", ".npz", ".json", ".txt")


def read_mask(path: Path, num_vertices: int, threshold: float = 0.5) -> np.ndarray:
    """bool [num_vertices]: the mask of a file.

    Whole numbers mark where they are not 0, as in ScanNet's files. Other numbers are scores, which mark where they are
    above `threshold`. An `.npz` file has one array, or one that is named "mask".

    Raises:
        InputError: the file is missing, broken or of another mesh, or holds a number that is not finite.
    """
    return mask_of(str(path), _read(path, num_vertices), num_vertices, threshold)


def mask_of(where: str, values: np.ndarray, num_vertices: int, threshold: float = 0.5) -> np.ndarray:
    """bool [num_vertices]: the mask of an array; see `read_mask`.

    Raises:
        InputError: another shape or type, or a number that is not finite.
    """
    if values.ndim == 2 and 1 in values.shape:
        values = values.reshape(-1)
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise InputError(f"{where}: wanted one number for each vertex; got {values.dtype} {list(values.shape)}")
    check_vertices(where, len(values), num_vertices)
    if values.dtype.kind in "bui":
        return values != 0
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise InputError(f"{where}: the score of vertex {wrong[0]} is {values[wrong[0]]:g}; wanted finite numbers")
    return values > threshold


def write_mask(path: Path, mask: np.ndarray) -> None:
    """Write a mask bool [V] in the format of the file's suffix; the file appears whole or not at all.

    Raises:
        InputError: the suffix is none of `MASK_SUFFIXES`.
    """
    suffix = path.suffix.lower()
    if suffix not in MASK_SUFFIXES:
        raise InputError(f"{path}: masks are written as {', '.join(MASK_SUFFIXES)}; choose one of them")
    with atomic_path(path) as temporary:
        if suffix == ".npy":
            np.save(temporary, mask)
        elif suffix == ".npz":
            np.savez_compressed(temporary, mask=mask)
        elif suffix == ".json":
            temporary.write_text(json.dumps(encode_runs(mask)), "utf-8")
        else:
            write_lines(temporary, mask)


def write_lines(path: Path, values: np.ndarray) -> None:
    """Write whole numbers or a mask [V], one a line, as ScanNet's benchmark takes them."""
    path.write_text("\n".join(map(str, values.astype(np.int64).tolist())) + "\n", "ascii")


def read_lines(path: Path) -> np.ndarray:
    """float64 [V]: the numbers of a file that has one a line.

    Raises:
        InputError: the file is missing or empty, or has a line that is not one number.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's, about an empty file
            values = np.loadtxt(path, dtype=np.float64, ndmin=1, comments=None)
    except (OSError, ValueError) as error:
        why = "no such file" if not path.exists() else str(error).split("\n")[0]
        raise InputError(f"{path}: cannot be read as one number a line ({why})") from error
    if values.ndim != 1 or not len(values):
        raise InputError(f"{path}: wanted one number a line; got an array of shape {list(values.shape)}")
    return values


def _read(path: Path, num_vertices: int) -> np.ndarray:
    suffix = path.suffix.lower()
    if suffix == ".json":
        return decode_runs(str(path), read_json(path), num_vertices)
    if suffix == ".txt":
        values = read_lines(path)
        return values != 0 if (np.isfinite(values) & (values == np.round(values))).all() else values
    if suffix not in MASK_SUFFIXES:
        raise InputError(f"{path}: masks are read from {', '.join(MASK_SUFFIXES)}; save it as one of them")
    try:
        # Mapped, as a broken header may promise more than memory holds.
        found = np.load(path, allow_pickle=False, mmap_mode="r" if suffix == ".npy" else None)
        if isinstance(found, np.ndarray):
            return np.array(found)
        with found:
            names = found.files
            name = "mask" if "mask" in names else names[0] if len(names) == 1 else None
            if name is not None:
                return found[name]
    except _BROKEN as error:
        why = "no such file" if not path.exists() else str(error).split("\n")[0]
        raise InputError(f"{path}: cannot be read as an array ({why}); save it with numpy again") from error
    raise InputError(f"{path}: holds {', '.join(names) or 'nothing'}; wanted one array, named mask")
