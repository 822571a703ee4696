"""The folder of a run: its cameras with their pictures, and the way to the best one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import read_picture
from tvdrnet_nv.io.cameras import NamedCamera, read_cameras
from tvdrnet_nv.io.cameras.ours import FOUND, START
from tvdrnet_nv.io.cameras.ours import read_run as cameras_of_run
from tvdrnet_nv.report.path import PATH_FILE

ONE, SEVERAL = "optimized_params.json", "views.json"
VIEW = "optimized_view.png"
TARGET = "target.png"
LARGEST = 512  # pixels along the longer side of a camera's picture


@dataclass(frozen=True, eq=False)
class RunCamera:
    """A camera of a run.

    Attributes:
        title: what it is: "found", "start", "view 2".
        camera: in the coordinates of the scene's file.
        picture: uint8 [H, W, 3], what it sees, or the picture whose camera it is.
    """

    title: str
    camera: NamedCamera
    picture: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class RunFolder:
    """What a run has left behind.

    Attributes:
        folder: where.
        facts: its JSON file.
        cameras: the best first.
        path: the cameras on the way, in their order; empty where there is none.
        losses: theirs; None where one is not finite.
    """

    folder: Path
    facts: dict[str, Any]
    cameras: tuple[RunCamera, ...]
    path: tuple[NamedCamera, ...] = ()
    losses: tuple[float | None, ...] = ()

    @property
    def text(self) -> str:
        """How it ended, in a few words."""
        facts = self.facts
        if "status" not in facts:
            count, share = len(self.cameras), facts.get("coverage")
            return f"{count} views" + ("" if share is None else f" that show {share:.0%} of the part")
        quality = facts.get("quality")
        shown = facts.get("focus")
        words = [f"{facts['status']}: {facts.get('reason')}"]
        words += [] if shown is None else [f"shows {shown}, {facts.get('visible_share', 0):.0%} of it"]
        words += [] if quality is None else [f"quality {quality:.2f}"]
        return "; ".join(words)

    @property
    def warnings(self) -> list[str]:
        """What is wrong with its views."""
        several = self.facts.get("views")
        if several is None:
            return list(self.facts.get("warnings") or [])
        return [f"view {k + 1}: {text}" for k, view in enumerate(several) for text in view.get("warnings") or []]


def read_run(folder: Path) -> RunFolder:
    """Read the folder that an optimisation has written.

    Raises:
        InputError: there is no such folder, it holds no run, or a file of it is damaged.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"`run_folder` {folder}: {what}; name a folder that tvdr-nv optimize has written")
    file = next((folder / name for name in (ONE, SEVERAL) if (folder / name).is_file()), None)
    if file is None:
        raise InputError(
            f"`run_folder` {folder}: holds no {ONE} and no {SEVERAL}; name a folder that tvdr-nv optimize has written"
        )
    facts = _facts(file)
    if file.name == SEVERAL:
        found = read_cameras(file, "tvdr-nv").cameras
        views = [RunCamera(f"view {k + 1}", one, _picture(one.picture)) for k, one in enumerate(found)]
        return RunFolder(folder, facts, tuple(views))
    target = folder / TARGET
    both = cameras_of_run(file)
    if both is None:
        raise InputError(f"{file}: is no run's; name a folder that tvdr-nv optimize has written")
    first, last = both.cameras
    best = RunCamera(FOUND, last, _picture(target if target.is_file() else folder / VIEW))
    start = RunCamera(START, first)
    way = folder / PATH_FILE
    if not way.is_file():
        return RunFolder(folder, facts, (best, start))
    path = read_cameras(way, "tvdr-nv").cameras
    losses = [one.get("loss") for one in _facts(way)["cameras"]]
    return RunFolder(folder, facts, (best, start), tuple(path), tuple(losses))


def _facts(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read as JSON; run tvdr-nv optimize again") from error
    if not isinstance(facts, dict):
        raise InputError(f"{file}: is no run's; name a folder that tvdr-nv optimize has written")
    return facts


def _picture(file: Path | None) -> np.ndarray | None:
    """A camera's picture in a size for the page; None where there is none that can be read."""
    try:
        return None if file is None else small_picture(read_picture(file))
    except InputError:
        return None


def small_picture(picture: np.ndarray) -> np.ndarray:
    """A picture, float [H, W, 3 or 4] in 0..1, as uint8 [H, W, 3] of at most 512 pixels a side."""
    image = Image.fromarray((picture[..., :3].clip(0, 1) * 255).round().astype(np.uint8))
    image.thumbnail((LARGEST, LARGEST))
    return np.asarray(image)
