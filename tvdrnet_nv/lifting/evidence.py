"""What pictures say of a scene's vertices or faces, added up over views."""

from __future__ import annotations

import copy
from typing import Literal, get_args

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.rules import RULES, Rule
from tvdrnet_nv.lifting.view_sums import ViewSums
from tvdrnet_nv.lifting.visibility import PixelWeights, Visibility, VisiblePixels
from tvdrnet_nv.mesh import Mesh

Element = Literal["vertices", "faces"]


class Evidence:
    """Adds up numbers that pictures of a scene give: masks, scores, colours, features.

    Each pixel belongs to the face at its centre, or to the vertex of that face whose barycentric coordinate there is
    the largest. Its weight is `PixelWeights`. What no pixel shows has no value: NaN. All sums are on the CPU, one after
    the other, so that results are the same every time. Memory is [N, C] and [3 F], however many views there are.

    Args:
        mesh: the scene.
        channels: C, how many numbers a pixel has.
        on: what the evidence is of: N vertices or N faces.
        rule: how views are put together:
            "mean": the mean of all pixels' values by their weights. Values are any numbers; they may carry gradients.
            "vote": each view votes for what its own mean is above 1/2. The values are the shares of the votes.
            "log-odds": the sum of the views' log-odds, as of independent observations, and `prior`. Values are
            probabilities, and so are the results; `log_odds` has the sums. In both, a view says w / (1 + w), where w is
            the sum of its pixels' weights: pixels of one view err together.
        weights: how much pixels count.
        prior: log-odds of a vertex before anything is seen, for the rule "log-odds".
        near: the near clip plane of the pictures, scene units; by default that of `Renderer`.
        far: the far one.

    Attributes:
        weight: float32 [N], the sum of the weights; 0 where nothing is seen.
        views: how many were added.

    Raises:
        InputError: an unknown `on` or `rule`, or no channels.
    """

    def __init__(
        self,
        mesh: Mesh,
        channels: int = 1,
        *,
        on: Element = "vertices",
        rule: Rule = "mean",
        weights: PixelWeights | None = None,
        prior: float = 0.0,
        near: float | None = None,
        far: float | None = None,
    ) -> None:
        if on not in get_args(Element):
            raise InputError(f"on={on!r}: wanted one of {', '.join(get_args(Element))}")
        if rule not in RULES:
            raise InputError(f"rule={rule!r}: wanted one of {', '.join(RULES)}")
        if channels < 1:
            raise InputError(f"channels={channels}: wanted 1 or more")
        self.mesh, self.channels, self.on, self.rule, self.prior = mesh, channels, on, rule, prior
        self.visibility = Visibility(mesh, weights, near, far)
        self.views = 0
        count = mesh.num_vertices if on == "vertices" else mesh.num_faces
        self._total = torch.zeros(count, channels)
        self.weight = torch.zeros(count)
        self._cell_area = torch.zeros(3 * mesh.num_faces)
        self._third_of_face = (self.visibility.face_areas / 3).clamp_min(1e-30).repeat_interleave(3)

    def add(self, camera: Camera, values: Tensor, counts: Tensor | None = None) -> None:
        """Add one view.

        Args:
            camera: one camera.
            values: [h, w] for one channel, or [h, w, C]; row 0 at the top. bool or float; in 0..1 for the rules "vote"
                and "log-odds".
            counts: [h, w] float, 0 or more, a further weight of each pixel; 0 leaves a pixel out.

        Raises:
            InputError: another shape, values that are not finite or out of range, or not one camera.
        """
        self.add_sums(self.sums_of_view(camera, values, counts))

    def sums_of_view(self, camera: Camera, values: Tensor, counts: Tensor | None = None) -> ViewSums:
        """What `add` would add, for `add_sums`; the arguments are those of `add`."""
        values = self._checked(values)
        pixels = self.visibility(camera, (values.shape[0], values.shape[1]))
        return self._sums(pixels, values, counts)

    def sums_of_pixels(self, pixels: VisiblePixels, values: Tensor, counts: Tensor | None = None) -> ViewSums:
        """The same of a view whose pixels are known, as `Visibility` gives them for this mesh."""
        values = self._checked(values)
        if tuple(values.shape[:2]) != pixels.resolution:
            raise InputError(f"values: {list(values.shape[:2])} pixels, but the view has {list(pixels.resolution)}")
        return self._sums(pixels, values, counts)

    def empty(self) -> Evidence:
        """Evidence of the same kind, to which nothing was added."""
        other = copy.copy(self)
        other.views, other._total = 0, torch.zeros(len(self.weight), self.channels)
        other.weight, other._cell_area = torch.zeros_like(self.weight), torch.zeros_like(self._cell_area)
        return other

    def add_sums(self, view: ViewSums) -> None:
        """Add one view, as `sums_of_view` gave it."""
        total, say = RULES[self.rule](view.total, view.weight)
        self._total = self._total + total
        self.weight = self.weight + say
        self._cell_area = torch.maximum(self._cell_area, view.cell_area)
        self.views += 1

    def values(self) -> Tensor:
        """[N, C] float32 as the rule says; NaN where nothing was seen."""
        if self.rule == "log-odds":
            return torch.sigmoid(self.log_odds())
        return torch.where(self.seen[:, None], self._total / self.weight.clamp_min(1e-30)[:, None], torch.nan)

    def log_odds(self) -> Tensor:
        """[N, C] float32: `prior` and the views' log-odds; NaN where nothing was seen.

        Raises:
            InputError: another rule.
        """
        if self.rule != "log-odds":
            raise InputError(f"rule={self.rule!r} has no log-odds; make the evidence with rule='log-odds'")
        return torch.where(self.seen[:, None], self._total + self.prior, torch.nan)

    def labels(self) -> Tensor:
        """[N] int64: the channel with the highest value, where that is above 1/2; -1 for the background and unseen."""
        best, channel = self.values().nan_to_num(nan=0.0).max(1)
        return torch.where(best > 0.5, channel, -1)

    @property
    def seen(self) -> Tensor:
        """[N] bool: which vertices, or faces, any pixel of weight showed."""
        return self.weight > 0

    @property
    def seen_area(self) -> Tensor:
        """[F] float32 in 0..1: the share of each face's area that the views showed.

        In each of its three corners' parts, the most that any one view showed: parts that different views show are not
        added up, so that nothing counts twice.
        """
        return self._cell_area.view(-1, 3).mean(1)

    def vertices(self) -> Tensor:
        """[V, C]: `values` of vertices; of evidence on faces, the mean over the seen faces around, by their areas."""
        if self.on == "vertices":
            return self.values()
        of_face, corners = self.values(), self.mesh.faces.cpu().long()
        share = self.visibility.face_areas * self.seen
        total = of_face.new_zeros(self.mesh.num_vertices, self.channels)
        weight = share.new_zeros(self.mesh.num_vertices)
        shown = share[:, None] * of_face.nan_to_num(nan=0.0)
        for corner in corners.T:
            total = total.index_add(0, corner, shown)
            weight = weight.index_add(0, corner, share)
        return torch.where((weight > 0)[:, None], total / weight.clamp_min(1e-30)[:, None], torch.nan)

    def faces(self) -> Tensor:
        """[F, C]: `values` of faces; of evidence on vertices, the mean of each face's seen corners.

        NaN for a face that no pixel showed, though a neighbour with the same corner was seen.
        """
        if self.on == "faces":
            return self.values()
        corners = self.values()[self.mesh.faces.cpu().long()]
        return torch.where((self.seen_area > 0)[:, None], corners.nanmean(1), torch.nan)

    def _checked(self, values: Tensor) -> Tensor:
        """float32 [h, w, C]."""
        if values.ndim == 2 and self.channels == 1:
            values = values[..., None]
        if values.ndim != 3 or values.shape[2] != self.channels or 0 in values.shape:
            raise InputError(f"values: {list(values.shape)}; wanted [h, w, {self.channels}]")
        values = values.to(torch.float32)
        if not bool(values.isfinite().all()):
            raise InputError("values: some are NaN or infinite; give pixels without a value counts of 0")
        if self.rule != "mean" and not (float(values.min()) >= 0 and float(values.max()) <= 1):
            low, high = float(values.min()), float(values.max())
            raise InputError(f"values: from {low:.4g} to {high:.4g}; the rule {self.rule!r} wants scores in 0..1")
        return values

    def _sums(self, pixels: VisiblePixels, values: Tensor, counts: Tensor | None) -> ViewSums:
        weight = pixels.weight
        if counts is not None:
            if tuple(counts.shape) != pixels.resolution:
                raise InputError(f"counts: {list(counts.shape)}; wanted {list(pixels.resolution)}, as the values have")
            extra = counts.flatten().to("cpu", torch.float32).index_select(0, pixels.pixel)
            if not bool(((extra >= 0) & extra.isfinite()).all()):
                raise InputError("counts: some are negative or not finite; wanted weights of 0 or more")
            weight = weight * extra
        rows = values.flatten(0, 1).cpu().index_select(0, pixels.pixel) * weight[:, None]
        where = pixels.vertex if self.on == "vertices" else pixels.face
        count = len(self.weight)
        if self.channels == 1:  # a sum of scalars is several times faster than one of rows
            total = torch.zeros(count).index_add(0, where, rows[:, 0])[:, None]
        else:
            total = torch.zeros(count, self.channels).index_add(0, where, rows)
        view_weight = torch.zeros(count).index_add_(0, where, weight)
        share = torch.zeros_like(self._cell_area).index_add_(0, 3 * pixels.face + pixels.corner, pixels.area)
        share = share.div_(self._third_of_face).clamp_(max=1)
        return ViewSums(total, view_weight, share)
