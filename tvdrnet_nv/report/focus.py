"""The numbers about a view of a part, and the picture in which the part is tinted."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.objectives import ViewScores
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.marks import Marked, coco_marks
from tvdrnet_nv.report.params import to_json

_TINT = (1.0, 0.35, 0.05)
_STRENGTH = 0.5
_LINE = 36  # characters


@dataclass(frozen=True)
class SentenceReport:
    """What a sentence means, for the files.

    Attributes:
        sentence: the sentence.
        shown: the part in a few words.
        facts: plain values, which the JSON file has under "text".
        objects: those of the scene, to be marked in the pictures; empty where none are known.
    """

    sentence: str
    shown: str
    facts: Mapping[str, Any]
    objects: Sequence[Marked] = ()

    @property
    def lines(self) -> list[str]:
        """The sentence in a caption, in lines that fit below a small picture."""
        return textwrap.wrap(f"“{self.sentence}”", _LINE)

    def write_marks(self, path: Path, renderer: Renderer, viewpoint: Viewpoint, pictures: Sequence[str]) -> None:
        """Write the objects' marks in K pictures; see `coco_marks`."""
        path.write_text(to_json(coco_marks(self.objects, renderer, viewpoint, pictures)) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class FocusReport:
    """What a view shows of the scene or of a part of it.

    Attributes:
        text: which part, as the user wrote it, or "everything".
        scores: of the best camera, [1].
        renderer: the scene's, with the part tinted; None where it is everything.
        sentence: what a sentence says of the part.
        proposal_score: of the view that a mapping proposed; None without a mapping.
        searched_score: of the best view that a search finds from all around the part, knowing where it is; likewise.
    """

    text: str
    scores: ViewScores
    renderer: Renderer | None
    sentence: SentenceReport | None = None
    proposal_score: float | None = None
    searched_score: float | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """As `optimized_params.json` has it."""
        compared = {"proposal_score": self.proposal_score, "searched_score": self.searched_score}
        return {
            "focus": self.text,
            **focus_facts(self.scores),
            **{name: value for name, value in compared.items() if value is not None},
        }

    @property
    def title(self) -> str:
        """The part in a caption."""
        return f"The part: {self.text if self.sentence is None else self.sentence.shown}"

    @property
    def fields(self) -> list[str]:
        """What stands below."""
        return [*([] if self.sentence is None else self.sentence.lines), *focus_fields(self.scores)]


def focus_facts(scores: ViewScores, k: int = 0) -> dict[str, float]:
    """Camera k's scores under the names that the JSON files have; see `ViewScores`."""
    numbers = scores.numbers(k)
    return {
        "focus_score": numbers["score"],
        "visible_share": numbers["visible"],
        "occluded_share": numbers["occluded"],
        "size": numbers["size"],
        "facing_share": numbers["facing"],
        "centred": numbers["centred"],
        "inside": numbers["inside"],
        "cut_off_share": numbers["cut"],
    }


def focus_fields(scores: ViewScores, k: int = 0) -> list[str]:
    """The same for a caption, in short."""
    facts = focus_facts(scores, k)
    return [
        f"score {facts['focus_score']:.3f}",
        f"visible {facts['visible_share']:.0%}",
        f"size {facts['size']:.0%}",
        f"cut off {facts['cut_off_share']:.0%}",
    ]


def highlighted(renderer: Renderer, weights: Tensor) -> Renderer:
    """The renderer of the same scene with a part tinted; pictures on the faces give way to vertex colours."""
    mesh = renderer.mesh
    tint = mesh.colors.new_tensor(_TINT)
    colors = torch.lerp(mesh.colors, tint.expand_as(mesh.colors), _STRENGTH * weights.to(mesh.colors)[:, None])
    return renderer.of(replace(mesh, colors=colors, textures=None), renderer.resolution)
