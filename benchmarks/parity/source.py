"""Where the reference's answers come from: a live PyTorch3D, or the golden files that were made from one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.benchmarks.parity import cases
from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.mesh import Mesh

Arrays = dict[str, np.ndarray]
Ask = Callable[[Reference], Arrays]

GOLDEN = Path(__file__).with_name("golden")
"""The golden files that come with the package."""


class Live:
    """Asks PyTorch3D. With `record`, keeps scenes and answers there, by name."""

    def __init__(self, reference: Reference, record: dict[str, Arrays] | None = None) -> None:
        self._reference, self._record = reference, record

    @property
    def info(self) -> dict[str, str]:
        """The reference's versions."""
        return self._reference.info

    @property
    def recording(self) -> bool:
        """Whether all is to be asked that a comparison might need, on whatever machine."""
        return self._record is not None

    def quick(self, quick: bool) -> bool:
        """Whether only the quick cases are there."""
        return quick

    def scenes(self, quick: bool) -> Iterator[tuple[str, Mesh]]:
        """The scenes by name."""
        for name, mesh in cases.scenes(quick):
            if self._record is not None:
                self._record[f"{name}/scene"] = arrays_of(mesh)
            yield name, mesh

    def answer(self, scene: str, key: str, mesh: Mesh, ask: Ask) -> Arrays:
        """What `ask` gets from the reference, which knows `mesh` by the name of the scene."""
        self._reference.call("scene", arrays_of(mesh), name=scene)
        answer = ask(self._reference)
        if self._record is not None:
            self._record[f"{scene}/{key}"] = answer
        return answer


class Golden:
    """Reads what PyTorch3D answered to the quick cases once.

    Args:
        folder: of .npz files as `make_golden` writes them, one per scene.

    Raises:
        InputError: there are none, or one cannot be read.
    """

    def __init__(self, folder: str | Path = GOLDEN) -> None:
        self.folder = Path(folder)
        self._scenes: dict[str, Mesh] = {}
        self._answers: dict[str, dict[str, Arrays]] = {}
        self.info: dict[str, str] = {}
        paths = sorted(self.folder.glob("*.npz"))
        if not paths:
            raise InputError(f"{self.folder}: no golden files (*.npz); run `make golden`")
        for path in paths:
            try:
                self._load(path)
            except (OSError, ValueError, KeyError) as error:
                raise InputError(f"{path}: not a golden file ({error}); run `make golden`") from None

    recording = False

    def _load(self, path: Path) -> None:
        answers: dict[str, Arrays] = {}
        with np.load(path) as file:
            self.info = json.loads(str(file["info"]))
            for member in file.files:
                if member != "info":
                    key, name = member.rsplit("/", 1)
                    answers.setdefault(key, {})[name] = file[member]
        scene = answers.pop("scene")
        vertices, faces, colors = (torch.from_numpy(scene[name]) for name in ("vertices", "faces", "colors"))
        self._scenes[path.stem] = Mesh(vertices, faces, colors)
        self._answers[path.stem] = answers

    def quick(self, quick: bool) -> bool:
        """Whether only the quick cases are there: always."""
        return True

    def scenes(self, quick: bool) -> Iterator[tuple[str, Mesh]]:
        """The scenes by name, in the order of their making."""
        return ((name, self._scenes[name]) for name in cases.SCENES if name in self._scenes)

    def answer(self, scene: str, key: str, mesh: Mesh, ask: Ask) -> Arrays:
        """What the reference answered then."""
        try:
            return self._answers[scene][key]
        except KeyError:
            raise InputError(f"{self.folder / scene}.npz: no answer for {key}; run `make golden`") from None


Source = Live | Golden


def as_source(source: Reference | Source) -> Source:
    """The source itself, or a live one that asks the reference."""
    return Live(source) if isinstance(source, Reference) else source


def arrays_of(mesh: Mesh) -> Arrays:
    """The mesh as the reference takes it."""
    return {name: getattr(mesh, name).numpy() for name in ("vertices", "faces", "colors")}


def write_golden(record: dict[str, Arrays], info: dict[str, str], folder: Path) -> list[Path]:
    """One compressed file per scene; `record` as `Live` keeps it."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.npz"):
        old.unlink()
    members: dict[str, Arrays] = {}
    for key, arrays in record.items():
        scene, rest = key.split("/", 1)
        members.setdefault(scene, {}).update({f"{rest}/{name}": _packed(array) for name, array in arrays.items()})
    paths = []
    for scene, arrays in members.items():
        path = folder / f"{scene}.npz"
        np.savez_compressed(path, info=np.array(json.dumps(info)), **arrays)  # type: ignore[arg-type]
        paths.append(path)
    return paths


def _packed(array: np.ndarray) -> np.ndarray:
    """Gradients and images stay float32; nothing is kept in float64."""
    return array.astype(np.float32) if array.dtype == np.float64 else array
