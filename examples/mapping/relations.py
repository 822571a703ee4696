"""Sentences in which a relation says which of several things is meant. The package's `Grounder` says which."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.grounding import Grounder, Things
from tvdrnet_nv.grounding.scene import things_of_labels
from tvdrnet_nv.io import Labels
from tvdrnet_nv.scenes import Room

ANCHORS = ("sofa", "desk", "dining table", "sideboard", "plant", "coffee table", "door")
"""No floor lamp: as an anchor it may be the desk's lamp too, to the teacher."""
TARGETS = {
    "chair": ("near", "closest", "farthest", "left", "right"),
    "picture": ("near", "closest", "farthest", "left", "right", "above", "behind"),
    "window": ("closest", "farthest", "left", "right", "behind"),
    "table": ("near", "front", "closest"),
    "lamp": ("near", "on", "closest"),
}
LEARNED = {
    "near": ("next to the {}", "near the {}"),
    "closest": ("closest to the {}", "which is closest to the {}"),
    "farthest": ("farthest from the {}",),
    "left": ("left of the {}", "on the left of the {}"),
    "right": ("right of the {}", "on the right of the {}"),
    "above": ("above the {}",),
    "behind": ("behind the {}",),
    "front": ("in front of the {}",),
    "on": ("on the {}", "on top of the {}"),
}
OTHERWISE = {
    "near": ("beside the {}",),
    "closest": ("nearest to the {}",),
    "farthest": ("furthest from the {}",),
    "left": ("to the left of the {}",),
    "right": ("to the right of the {}",),
    "above": ("over the {}",),
    "behind": ("in back of the {}",),
    "front": ("before the {}",),
    "on": ("upon the {}",),
}
PAIRS_KEPT = {("chair", "plant"), ("picture", "sideboard"), ("window", "desk"), ("picture", "door"), ("chair", "sofa")}
"""A thing and an anchor that are not together in any sentence to learn from."""
_SURE = 0.5  # the least score of a relation
_UP = torch.tensor([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Meant:
    """A relation in a room: what is meant, by its label; where to look first; and the sentences that say so."""

    target: str
    anchor: str
    relation: str
    title: str
    sentences: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def handed(self) -> bool:
        return self.relation in ("left", "right")

    @property
    def kept(self) -> bool:
        return (self.target, self.anchor) in PAIRS_KEPT


def things_of(room: Room) -> Things:
    """The things of a room made by code."""
    labels = Labels(room.labels.numpy().astype(np.int64) + 1, dict(enumerate(room.names, start=1)))
    return things_of_labels(room.mesh, labels, _UP, Path("room.labels.ply"))


def relations_in(ground: Grounder) -> list[Meant]:
    """The relations of a room of which the teacher is sure: one thing is meant, and no other fits as well."""
    every = [(t, r, a) for t, kinds in TARGETS.items() for r in kinds for a in ANCHORS if a.split()[-1] != t]
    found = []
    for target, relation, anchor in every:
        said = ground(f"the {target} {LEARNED[relation][0].format(anchor)}")
        if len(said.chosen) != 1 or said.alike or said.candidates[0].relation < _SURE:
            continue
        title = said.chosen[0].title
        first, others = (_sentences(target, forms[relation], anchor) for forms in (LEARNED, OTHERWISE))
        found.append(Meant(target, anchor, relation, title, first, others))
    return found


def _sentences(target: str, forms: Sequence[str], anchor: str) -> tuple[str, ...]:
    return tuple(f"the {target} {form.format(anchor)}" for form in forms)
