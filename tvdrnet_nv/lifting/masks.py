"""From masks in views to one mask on the mesh: the usual chain."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.evidence import Evidence
from tvdrnet_nv.lifting.fill import segments_of_mesh, superpoint_vote
from tvdrnet_nv.lifting.graph_cut import graph_cut
from tvdrnet_nv.lifting.mesh_graph import mesh_graph
from tvdrnet_nv.lifting.superpoints import superpoints
from tvdrnet_nv.lifting.view_agreement import agreeing_views
from tvdrnet_nv.lifting.view_sums import ViewSums
from tvdrnet_nv.lifting.visibility import PixelWeights, Visibility, VisiblePixels
from tvdrnet_nv.mesh import Mesh

_SEGMENT = 0.1  # of a view: what a superpoint's mean counts as, in each of its vertices
_CERTAIN = 0.95
_GUESS = 1e-4  # what an unseen vertex counts in its segment


@dataclass(frozen=True, eq=False)
class LiftedMask:
    """What K masks say of a mesh's vertices; tensors on the CPU.

    Attributes:
        scores: float32 [V] in 0..1: how probably each vertex belongs to the thing. Where nothing was seen, that of its
            superpoint; 1/2 where nothing is known of this either.
        mask: bool [V], the vertices within the cut.
        seen: bool [V], the vertices that any used view showed; the others are guesses.
        seen_area: float32 [F] in 0..1, the share of each face that any used view showed.
        agreement: float32 [K] in 0..1, how much of each view's mask the others agree with.
        used: bool [K], the views that were not left out.
        segments: int64 [V], the superpoints.
    """

    scores: Tensor
    mask: Tensor
    seen: Tensor
    seen_area: Tensor
    agreement: Tensor
    used: Tensor
    segments: np.ndarray


class MaskOfViews:
    """Lifts one thing's masks, view after view; see `mask_from_views`, whose arguments these are."""

    def __init__(
        self,
        mesh: Mesh,
        *,
        segments: np.ndarray | None = None,
        whole_segments: bool | None = None,
        smoothness: float = 1.0,
        consensus: bool = True,
        weights: PixelWeights | None = None,
        near: float | None = None,
        far: float | None = None,
    ) -> None:
        self._mesh, self._smoothness, self._consensus = mesh, smoothness, consensus
        self._whole = segments is not None if whole_segments is None else whole_segments
        self._graph = mesh_graph(mesh)
        given = None if segments is None else segments_of_mesh(mesh, segments)
        # The fine ones decide little; whole segments decide in the end.
        self._fine = superpoints(mesh, graph=self._graph) if given is None or self._whole else given
        self._segments = self._fine if given is None else given
        self._evidence = Evidence(mesh, rule="log-odds", weights=weights, near=near, far=far)
        self._views: list[ViewSums] = []

    @property
    def visibility(self) -> Visibility:
        """What finds the pixels of a view."""
        return self._evidence.visibility

    def empty(self) -> MaskOfViews:
        """The same for another thing: without views."""
        other = copy.copy(self)
        other._views = []
        return other

    def add(self, camera: Camera, mask: Tensor, pixels: VisiblePixels | None = None) -> None:
        """Add one view.

        Args:
            camera: one camera.
            mask: [h, w] of scores in 0..1, or bool.
            pixels: what `visibility` sees from there, where that is known.

        Raises:
            InputError: not one camera, or a mask that is none.
        """
        mask = _scores(mask, len(self._views))
        if pixels is None:
            self._views.append(self._evidence.sums_of_view(camera, mask))
        else:
            self._views.append(self._evidence.sums_of_pixels(pixels, mask))

    def lifted(self) -> LiftedMask:
        """What the views so far say; nothing is known without one."""
        views, evidence = self._views, self._evidence.empty()
        if self._consensus:
            agreement, used = agreeing_views(views)
        else:
            agreement, used = torch.ones(len(views)), torch.ones(len(views), dtype=torch.bool)
        for view, wanted in zip(views, used.tolist(), strict=True):
            if wanted:
                evidence.add_sums(view)
        own = evidence.log_odds()[:, 0]
        mean = superpoint_vote(torch.sigmoid(own), self._fine, evidence.weight)
        of_segment = torch.logit(mean.clamp(1 - _CERTAIN, _CERTAIN))
        total = own.nan_to_num(nan=0.0) + _SEGMENT * of_segment.nan_to_num(nan=0.0)
        mask = graph_cut(self._mesh, total, self._smoothness, self._graph).mask
        scores = torch.where(evidence.seen, torch.sigmoid(total), mean)
        if self._whole:
            # What is seen of a segment decides; where nothing is, what the cut makes of it.
            votes = torch.where(evidence.seen, torch.sigmoid(total), mask.float())
            scores = superpoint_vote(votes, self._segments, evidence.weight + _GUESS)
            mask = scores > 0.5
        return LiftedMask(
            scores.nan_to_num(nan=0.5), mask, evidence.seen, evidence.seen_area, agreement, used, self._segments
        )


def mask_from_views(
    mesh: Mesh,
    cameras: Camera,
    masks: Sequence[Tensor],
    *,
    segments: np.ndarray | None = None,
    whole_segments: bool | None = None,
    smoothness: float = 1.0,
    consensus: bool = True,
    weights: PixelWeights | None = None,
    near: float | None = None,
    far: float | None = None,
) -> LiftedMask:
    """Lift one thing's masks: log-odds of the views, superpoints, a graph cut.

    Views whose masks contradict those of the others are left out first, where there are three or more (`consensus`).
    Each vertex then has the sum of its views' log-odds, and the log-odds of its superpoint's mean beside it, as of a
    tenth of a view. What is open is decided by `graph_cut`. With `whole_segments`, each segment is then in or out as a
    whole, by what is seen of it, or by the cut where nothing is.

    Args:
        mesh: the scene.
        cameras: K cameras.
        masks: K tensors [h, w] of scores in 0..1, or bool; sizes may differ.
        segments: int64 [V], a data set's superpoints, or one for each vertex of the mesh's file; by default those of
            `superpoints`.
        whole_segments: whether things are made of whole superpoints; by default, where `segments` are given.
        smoothness: of the cut; see `graph_cut`.
        consensus: whether contradicting views are left out.
        weights: how much pixels count.
        near: the near clip plane of the pictures, scene units; by default that of `Renderer`.
        far: the far one.

    Raises:
        InputError: no views, as many masks as cameras are not there, or masks or segments that do not fit.
    """
    if len(cameras) != len(masks) or len(masks) == 0:
        raise InputError(f"masks: {len(masks)} for {len(cameras)} cameras; wanted one each, and one at the least")
    found = MaskOfViews(
        mesh,
        segments=segments,
        whole_segments=whole_segments,
        smoothness=smoothness,
        consensus=consensus,
        weights=weights,
        near=near,
        far=far,
    )
    for k, mask in enumerate(masks):
        found.add(cameras[k], mask)
    return found.lifted()


def _scores(mask: Tensor, k: int) -> Tensor:
    if not isinstance(mask, Tensor) or mask.ndim != 2:
        got = list(mask.shape) if isinstance(mask, Tensor) else type(mask).__name__
        raise InputError(f"masks[{k}]: {got}; wanted a tensor of scores [h, w]")
    if not bool(mask.isfinite().all()):
        raise InputError(f"masks[{k}]: some scores are NaN or infinite")
    if mask.numel() and not (float(mask.min()) >= 0 and float(mask.max()) <= 1):
        raise InputError(f"masks[{k}]: from {float(mask.min()):.4g} to {float(mask.max()):.4g}; wanted scores in 0..1")
    return mask
