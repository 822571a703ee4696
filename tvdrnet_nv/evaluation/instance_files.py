"""Predicted instances and classes of scenes in the formats of ScanNet's and ScanNet++'s benchmarks.

Instances: NAME.txt has a line for each: the path of its mask, relative to the file, its class and its confidence. A
mask is a `.txt` file, one number a line, which marks where it is not 0, or run lengths in `.json`.
Classes: NAME.txt has a class on each vertex's line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.instance_overlaps import FoundInstance
from tvdrnet_nv.evaluation.mask_files import read_mask, write_lines, write_mask
from tvdrnet_nv.io.cameras.files import read_text

MASK_FOLDER = "predicted_masks"


@dataclass(frozen=True)
class InstanceLine:
    """A predicted instance as a scene's file has it: its mask's file, its class, its confidence."""

    mask_file: Path
    label: int
    confidence: float


def is_instance_file(path: Path) -> bool:
    """Whether a scene's file names masks; else it has a class on each line."""
    first = next((line for line in read_text(path).splitlines() if line.strip()), "")
    return len(first.split()) != 1


def read_instance_lines(path: Path) -> list[InstanceLine]:
    """The lines of a scene's file, in order; none of an empty file.

    Raises:
        InputError: the file is missing, or a line is no path within the file's folder, class and finite confidence.
    """
    found = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        words = line.rsplit(maxsplit=2)
        where = f"{path}: line {number}"
        try:
            name, label, confidence = words[0].strip(), int(words[1]), float(words[2])
        except (IndexError, ValueError):
            raise InputError(f"{where} is {line.strip()[:60]!r}; wanted MASK_FILE CLASS CONFIDENCE") from None
        if not 0 <= label < 2**31:
            raise InputError(f"{where}: the class is {label}; wanted a number from 0 on")
        if not math.isfinite(confidence):
            raise InputError(f"{where}: the confidence is {confidence}; wanted a finite number")
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise InputError(f"{where}: {name} is not below the file's folder; wanted {MASK_FOLDER}/….txt")
        found.append(InstanceLine(path.parent / name, label, confidence))
    return found


def read_instances(path: Path, num_vertices: int) -> Iterator[FoundInstance]:
    """The instances of a scene's file, in order, one at a time.

    Raises:
        InputError: as `read_instance_lines`, or a mask is missing, broken or of another mesh.
    """
    for line in read_instance_lines(path):
        yield FoundInstance(read_mask(line.mask_file, num_vertices), line.label, line.confidence)


def write_instances(folder: Path, scene: str, found: Iterable[FoundInstance], *, runs: bool = False) -> Path:
    """Write a scene's instances: the masks to `predicted_masks`, then NAME.txt.

    Args:
        folder: made where it is missing.
        scene: its name.
        found: the instances; their order is kept.
        runs: write the masks as run lengths, as ScanNet++ takes them, instead of ScanNet's text.

    Returns:
        The scene's file.
    """
    (folder / MASK_FOLDER).mkdir(parents=True, exist_ok=True)
    lines = []
    for number, item in enumerate(found):
        name = f"{MASK_FOLDER}/{scene}_{number:03d}.{'json' if runs else 'txt'}"
        write_mask(folder / name, item.mask)
        lines.append(f"{name} {item.label} {float(item.confidence)!r}\n")
    path = folder / f"{scene}.txt"
    path.write_text("".join(lines), "utf-8")
    return path


def write_classes(folder: Path, scene: str, labels: np.ndarray) -> Path:
    """Write a class for each vertex, whole numbers [V], to NAME.txt; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scene}.txt"
    write_lines(path, labels)
    return path
