"""A part of the scene, as a job names it: `focus` and `labels`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from tvdrnet_nv.io import Labels
    from tvdrnet_nv.mesh import Mesh

_NUMBERS = {"box": "X0,Y0,Z0,X1,Y1,Z1", "point": "X,Y,Z,RADIUS"}
_SCORE_SUFFIXES = (".npy", ".txt", ".csv")
_LARGEST = 1e12  # scene units


@dataclass(frozen=True)
class FocusText:
    """A kind of part, everything, label, object, box, point, scores (a file) or `SENTENCE`, and what belongs to it.

    `text` is all of it, as a job has it.
    """

    text: str
    kind: str
    names: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()

    def weights(self, mesh: Mesh, scene: Path, labels: Path | None) -> Tensor:
        """[V] in 0..1: how much each vertex belongs to the part.

        Raises:
            InputError: a file cannot be used, or the part has no surface.
        """
        from tvdrnet_nv.io import load_scores
        from tvdrnet_nv.part_weights import all_weights, ball_weights, box_weights, label_weights, score_weights

        if self.kind == "everything":
            return _named(str(scene), lambda: all_weights(mesh))
        if self.kind == "label":
            file, found = self._labels(scene, labels)
            return _named(str(file), lambda: label_weights(mesh, found, self.names))
        if self.kind == "object":
            return self._object_weights(mesh, scene)
        place = f"`focus` {self.text}"
        if self.kind == "box":
            return _named(place, lambda: box_weights(mesh, self.numbers[:3], self.numbers[3:]))
        if self.kind == "point":
            return _named(place, lambda: ball_weights(mesh, self.numbers[:3], self.numbers[3]))
        scores = load_scores(self.text)
        return _named(self.text, lambda: score_weights(mesh, scores))

    def _labels(self, scene: Path, labels: Path | None) -> tuple[Path, Labels]:
        """A file of labels and what it holds: the one given, the data set's, or the one beside the scene."""
        from tvdrnet_nv.datasets import find_scene
        from tvdrnet_nv.io import labels_beside, load_labels

        if labels is not None:
            return labels, load_labels(labels)
        known = find_scene(scene)
        file = labels_beside(scene if known is None else known.mesh_file)
        found = None if known is None else known.labels()
        if found is None and not file.exists():
            raise InputError(f"`focus` {self.text}: there is no {file}; name a file of labels with `labels`")
        return file, found or load_labels(file)

    def _object_weights(self, mesh: Mesh, scene: Path) -> Tensor:
        """[V]: 1 for the vertices of a data set's objects."""
        from tvdrnet_nv.datasets import find_scene
        from tvdrnet_nv.part_weights import mask_weights

        place = f"`focus` {self.text}"
        known = find_scene(scene)
        if known is None:
            raise InputError(
                f"{place}: {scene} is no scene of a data set, so it has no objects; give such a scene's folder, or use "
                "label=NAME"
            )

        def weights() -> Tensor:
            objects = known.objects()
            objects.check(mesh, known.mesh_file)
            return mask_weights(mesh, objects.mask(self.names), "the object has")

        return _named(place, weights)


EVERYTHING = FocusText("everything", "everything")
"""All of the scene."""

SENTENCE = "sentence"
"""The kind of part that a sentence means; `tvdrnet_nv.jobs.meaning` finds its weights."""


def parse_part(text: str) -> FocusText:
    """The part that a text means.

    Args:
        text: "everything", "label=chair", "object=chair" or "object=12" (of a data set's scene),
            "box=X0,Y0,Z0,X1,Y1,Z1", "point=X,Y,Z,RADIUS", or a file of scores.

    Raises:
        InputError: it means none. Files are not read yet.
    """
    if text == EVERYTHING.text:
        return EVERYTHING
    kind, found, rest = text.partition("=")
    if kind in _NUMBERS and found:
        numbers = _finite_numbers(rest)
        if len(numbers) != len(_NUMBERS[kind].split(",")):
            raise InputError(f"`focus` {text}: wanted {kind}={_NUMBERS[kind]}, finite numbers in scene units")
        if kind == "point" and not numbers[3] > 0:
            raise InputError(f"`focus` {text}: the radius must be above 0")
        return FocusText(text, kind, numbers=numbers)
    if kind in ("label", "object") and found:
        names = tuple(name.strip() for name in rest.split(","))
        if not all(names):
            raise InputError(f"`focus` {text}: wanted {kind}=NAME or {kind}=NUMBER, several with commas between them")
        return FocusText(text, kind, names=names)
    if Path(text).suffix.lower() in _SCORE_SUFFIXES or _exists(text):
        return FocusText(text, "scores")
    raise InputError(
        f"`focus` {text}: wanted everything, label=NAME, object=NAME, box={_NUMBERS['box']}, "
        f"point={_NUMBERS['point']}, or a file of scores"
    )


def _exists(text: str) -> bool:
    """Whether there is such a file; of a text that no file can be named, there is none."""
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _finite_numbers(text: str) -> tuple[float, ...]:
    """The finite numbers between commas; none where one is not."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        return ()
    return numbers if all(math.isfinite(x) and abs(x) < _LARGEST for x in numbers) else ()


def _named(place: str, make: Callable[[], Any]) -> Any:
    """What `make` gives; its complaints name the place."""
    try:
        return make()
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
