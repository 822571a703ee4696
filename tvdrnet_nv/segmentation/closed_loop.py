"""Segmentation of a scene by views, each chosen by what the ones before have left open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, concatenate
from tvdrnet_nv.lifting import LiftedMask, MaskOfViews
from tvdrnet_nv.optimization import cameras_all_over
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.segmentation.candidates import Candidates, cameras_around
from tvdrnet_nv.segmentation.information import Part, Surroundings, information
from tvdrnet_nv.segmentation.segmenter import Look

_SAME = 0.995  # IoU of a mask with the one before, from which on it has not changed
_QUIET = 2  # views in a row that change nothing
_LITTLE = 0.002  # of the part's area: views that could tell less are not worth taking
_TAKEN = 0.05  # of its distance: how near another camera must be to a view's to be the same
_MOVED = 0.25  # share of a box's diagonal by which it changes before other cameras are tried


@dataclass
class View:
    """A view that was taken.

    Attributes:
        orbit: one camera, on the CPU.
        scores: [H, W] float32 on the CPU, what the segmenter gave.
        gain: the information that was expected, in square scene units.
        changed: 1 - the IoU of the scene's masks with it and without it.
        mask: [V] bool, the scene's with it.
    """

    orbit: Orbit
    scores: Tensor
    gain: float
    changed: float
    mask: Tensor


@dataclass
class Exploration:
    """What the views tell.

    Attributes:
        lifted: the scene's mask.
        views: in the order in which they were taken.
        reason: why there were no more, in words.
    """

    lifted: LiftedMask
    views: list[View] = field(default_factory=list)
    reason: str = ""

    @property
    def orbit(self) -> Orbit:
        """All cameras."""
        return concatenate([view.orbit for view in self.views])


def explore(
    renderer: Renderer,
    look: Look,
    builder: MaskOfViews,
    start: Orbit,
    *,
    part: Tensor | None = None,
    views: int = 12,
    first: int = 3,
    seed: int = 0,
    settle: bool = True,
    callback: Callable[[int, View], bool | None] | None = None,
) -> Exploration:
    """Take views one after the other, each where most is to be learned.

    The information of a view is the area that it would show, unseen or uncertain, times the closeness to the part
    (`information`). The first views are chosen for the part that a sentence means, or for the whole scene where that is
    not known. Then the mask that the views have given takes the part's place. It ends when the mask has not changed
    twice, or when no view could tell much.

    Args:
        renderer: of the scene, of the size of the pictures.
        look: gives the scores of a picture.
        builder: puts them together; new.
        start: one camera around the scene, for the field of view and the pole.
        part: [V] bool, what the first views are to show.
        views: how many at most.
        first: how many before the mask decides.
        seed: of the cameras all over the scene.
        settle: whether to end when the mask no longer changes.
        callback: is called after each view with its number, from 1, and the view; True ends it.
    """
    chooser = _Chooser(renderer, start, seed)
    lifted = builder.lifted()
    done = Exploration(lifted)
    prior = None if part is None else chooser.part(part)
    quiet = 0
    while len(done.views) < views:
        found = chooser.part(lifted.mask) if len(done.views) >= first else None
        orbit, gain, whole = chooser.best(lifted, found or prior, done.views)
        if orbit is None or (settle and len(done.views) >= first and gain < _LITTLE * whole):
            done.reason = "no view would tell more"
            break
        camera = orbit.camera().to(renderer.mesh.device)
        scores = _scores(look, renderer, camera)
        builder.add(camera, scores)
        before, lifted = lifted, builder.lifted()
        view = View(orbit.to("cpu"), scores.cpu(), gain, 1 - overlap(before.mask, lifted.mask), lifted.mask)
        done.views.append(view)
        done.lifted = lifted
        if callback is not None and callback(len(done.views), view):
            done.reason = "the caller stopped"
            break
        quiet = quiet + 1 if view.changed <= 1 - _SAME and bool(lifted.mask.any()) else 0
        if settle and quiet >= _QUIET and len(done.views) > first:
            done.reason = "the mask no longer changes"
            break
    done.reason = done.reason or f"{len(done.views)} views were asked for"
    return done


def overlap(a: Tensor, b: Tensor) -> float:
    """The intersection over the union of two masks; 1 for two empty ones."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def _scores(look: Look, renderer: Renderer, camera: Camera) -> Tensor:
    """[H, W]."""
    with torch.no_grad():
        return look(renderer(camera))[0]


def _same(orbits: Orbit, taken: Orbit) -> Tensor:
    """[N] bool: which orbits are almost the one that was taken."""
    near = _TAKEN * taken.distance.to(orbits.device)
    camera, other = orbits.camera(), taken.to(orbits.device).camera()
    moved = (camera.position - other.position).norm(dim=1) < near
    return moved & ((orbits.at - taken.at.to(orbits.device)).norm(dim=1) < near)


class _Chooser:
    """Chooses views; keeps what the candidates see, as long as they are about the same part."""

    def __init__(self, renderer: Renderer, start: Orbit, seed: int) -> None:
        self.surroundings = Surroundings(renderer.mesh)
        self._renderer, self._start, self._seed = renderer, start, seed
        self._sets: list[_Set] = []
        self._known: tuple[Tensor, Part | None] | None = None

    def part(self, mask: Tensor) -> Part | None:
        """What is close to the vertices of a mask [V]; found anew when the mask is another one than the last."""
        if self._known is None or not torch.equal(self._known[0], mask):
            self._known = mask, self.surroundings.of(mask.to(self._renderer.mesh.device))
        return self._known[1]

    def best(self, lifted: LiftedMask, part: Part | None, views: list[View]) -> tuple[Orbit | None, float, float]:
        """The best camera but those taken; its gain, whatever its pixels' size; and the area that it is a share of."""
        faces = self._renderer.mesh.faces
        candidates = self._about(part)
        known = torch.where(lifted.seen, lifted.scores, torch.nan)
        open_still = information(known.to(faces.device), lifted.seen_area.to(faces.device), faces, part)
        gains = candidates.gains(open_still, None if part is None else part.detail)
        for view in views:  # it would tell the same once more
            gains = torch.where(_same(candidates.orbit, view.orbit), 0.0, gains)
        best = int(gains.argmax())
        gain = float(candidates.gains(open_still)[best])
        whole = float(self.surroundings.areas.sum()) if part is None else part.area
        return (candidates.orbit[best] if gains[best] > 0 else None), gain, whole

    def _about(self, part: Part | None) -> Candidates:
        """Cameras around the part and around each of its pieces; those around a box that has not moved are kept."""
        if part is None:
            wanted: list[tuple[Tensor | None, bool]] = [(None, False)]
        else:
            wanted = [(part.box, False), *((box, True) for box in part.boxes if len(part.boxes) > 1)]
        sets = [self._kept(box, thin) or _Set(box, thin, self._drawn(box, thin)) for box, thin in wanted]
        self._sets = sets
        return Candidates.joined([one.candidates for one in sets])

    def _kept(self, box: Tensor | None, thin: bool) -> _Set | None:
        """The cameras around almost the same box."""
        return next((one for one in self._sets if one.thin == thin and not _has_moved(box, one.box)), None)

    def _drawn(self, box: Tensor | None, thin: bool) -> Candidates:
        if box is None:
            orbit = cameras_all_over(self._renderer.mesh, self._start, self._seed)
        else:
            orbit = cameras_around(box, self._start, thin=thin)
        return Candidates(self._renderer, orbit)


@dataclass
class _Set:
    """Candidates around a box [2, 3], or all over the scene."""

    box: Tensor | None
    thin: bool
    candidates: Candidates


def _has_moved(box: Tensor | None, before: Tensor | None) -> bool:
    if box is None or before is None:
        return (box is None) != (before is None)
    return float((box - before).norm(dim=1).max()) > _MOVED * float((box[1] - box[0]).norm())
