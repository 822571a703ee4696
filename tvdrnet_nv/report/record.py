"""How a run was made, for the record in its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Record:
    """How a run was made.

    Attributes:
        scene: the scene file.
        command: the command line that started it, or the job as JSON.
        color: the one colour that the scene was given instead of the file's.
        device: the device that was asked for.
        alignment: float64 [4, 4], from the scene file's coordinates to those that were drawn, where `align` moved it.
        home: the folder in which the files will stand, where it is not the one that they are written into.
    """

    scene: Path
    command: str
    color: Sequence[float] | None = None
    device: str = "auto"
    alignment: np.ndarray | None = None
    home: Path | None = None
