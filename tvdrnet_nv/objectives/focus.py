"""A part of the scene as the thing to see: unhidden, face on, large, centred, within the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives.clearance import Clearance
from tvdrnet_nv.objectives.outline import Outline
from tvdrnet_nv.objectives.part import part_of
from tvdrnet_nv.renderer import Render, Renderer, shrunk
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.winding import face_planes, winding_is_consistent

_PAINT = PhongLight(location=(0.0, 0.0, 0.0), ambient=1.0, diffuse=0.0, specular=0.0)
_POINTS = 512
_LOOKOUTS = 8  # points whose clearance is known
_STRAY = 0.01  # share of the surface that the box in the picture leaves out at each side: stray labels
_GUIDE = 0.2  # what openness counts where nothing is visible
_LEAST = 0.01  # the same for a whole scene seen from behind
_SLACK = 0.02  # share of the depth, and of the part's radius, by which a point may lie behind the surface in its pixel
_BEYOND = 1.5
_SMALLEST = 1e-3  # share of a pixel


@dataclass(frozen=True)
class ViewScores:
    """What B cameras make of a part: tensors [B] in [0, 1].

    Attributes:
        score: visible · facing · size · inside · centred, where `visible` is helped by `openness` as far as it is less
            than one: visible + 0.2 (1 - visible) openness; of the whole scene, visible + 0.01 (1 - visible).
        visible: of the part's area in the picture, as it would be without the rest of the scene, the share that is
            seen. Each point counts by its weight. Of the whole scene, which nothing else hides: the share of the area
            that shows the fronts of faces, since their backs hide what is behind them. This share has no gradient.
        facing: the area of the part's outline, foreshortened as it is from here, as a share of the largest that any
            direction offers; less where more of the surface shows its back than its front.
        size: the larger side of the box around the part in the picture, as a share of the picture less the margin; 1
            where it is more.
        inside: 1 for a part within the margin, falling where surface enters it: 1/2 at the picture's edge.
        centred: 1 for a box in the centre, 1/2 for one about the middle of an edge.
        cut: the share of the surface that lies beyond the picture's edges or behind the camera.
        openness: how open the ways from the part to the camera are, and those beside them.
    """

    score: Tensor
    visible: Tensor
    facing: Tensor
    size: Tensor
    inside: Tensor
    centred: Tensor
    cut: Tensor
    openness: Tensor

    @property
    def occluded(self) -> Tensor:
        """[B]: of the part's area in the picture, the share that the rest of the scene hides."""
        return 1 - self.visible

    def numbers(self, k: int) -> dict[str, float]:
        """Camera k's as Python numbers, by name."""
        found = {f.name: float(getattr(self, f.name)[k].detach()) for f in fields(self)}
        return {**found, "occluded": float(self.occluded[k].detach())}


class FocusOn:
    """The objective of a view that shows a part of the scene: the loss is 1 - `ViewScores.score`.

    It draws the part alone and within the scene, at a small size of its own, and asks of a `Render` only the cameras
    and the pictures' shape. The rest comes from points on the part's surface. What hides the part has a gradient twice:
    by its silhouettes, where something of the part is visible, and by `Clearance`, where nothing is.

    Surfaces hide what is behind them from both sides, so a camera inside an object or beyond a wall sees nothing. The
    part does not hide itself, unless it is the whole scene: then the backs of faces hide (where the vertices' order
    says which side is the back, see `tvdrnet_nv.winding`).

    Args:
        mesh: the scene.
        weights: [V] in [0, 1], how much each vertex belongs to the part.
        margin: the share of the picture's half sides that is to stay free around the part.
        size: pixels along the shorter side of the pictures that are compared, at most.
        dtype: float32, or float64 (CPU only).
        near: depth of the near clip plane of what it draws, scene units. Default: as for a `Renderer` of the scene.
        far: depth of the far clip plane, likewise.

    Attributes:
        center: [3], the middle of the part's bounds, world frame.
        radius: scene units, of the part about `center`.
        judged: how many cameras' pictures it has drawn, of the part within the scene and alone.

    Raises:
        ValueError: weights that mark nothing, or a number out of range.
    """

    def __init__(
        self,
        mesh: Mesh,
        weights: Tensor,
        *,
        margin: float = 0.1,
        size: int = 128,
        dtype: torch.dtype = torch.float32,
        near: float | None = None,
        far: float | None = None,
    ) -> None:
        if not 0 < margin < 1:
            raise ValueError(f"margin must be more than 0 and less than 1; got {margin}")
        if size < 1:
            raise ValueError(f"size must be at least 1; got {size}")
        self._part = part_of(mesh, weights, _POINTS)
        self.center, self.radius = self._part.center, self._part.radius
        self.margin, self._size = margin, size
        self.judged = 0
        self._scene_radius = mesh.radius
        paint = {"light": _PAINT, "background": (0.0, 0.0, 0.0), "dtype": dtype}
        self._whole = Renderer(self._part.whole, size, **paint, near=near, far=far)
        self._alone = self._whole
        if self._part.alone is not self._part.whole:
            self._alone = Renderer(self._part.alone, size, **paint, near=self._whole.near, far=self._whole.far)
        self._points, self._normals = self._part.points.to(dtype), self._part.normals.to(dtype)
        # Of the whole scene, what tells fronts from backs.
        ordered = self._part.others is None and winding_is_consistent(self._part.whole)
        self._planes = face_planes(self._part.whole, self.center).to(dtype) if ordered else None
        self._outline = Outline(self._alone, self.center.to(dtype), self.radius)

    def __call__(self, render: Render) -> Tensor:
        return 1 - self.scores(render.camera, render.resolution).score

    def scores(self, camera: Camera, resolution: tuple[int, int]) -> ViewScores:
        """Judge B cameras for pictures of (height, width); differentiable in the cameras."""
        camera = camera.to(self._points.dtype)
        small = shrunk(resolution, self._size)
        self.judged += len(camera)
        whole = alone = self._whole.at_resolution(small)(camera)
        if self._alone is not self._whole:
            alone = self._alone.at_resolution(small)(camera)
        pixel = 4.0 / min(small) ** 2  # its area, where the shorter side is 2
        # Antialiasing takes more from a single pixel than there is: of a part as small as that, nothing is seen.
        seen, outline = (pixel * render.rgba[..., 0].sum((1, 2)).clamp_min(0) for render in (whole, alone))
        visible = (seen / outline.clamp_min(_SMALLEST * pixel)).clamp(max=1)
        if self._planes is not None:
            visible = visible * self._fronts(whole, self._planes)
        return self._scores(camera, resolution, visible, outline, self._openness(camera))

    def _fronts(self, render: Render, planes: Tensor) -> Tensor:
        """[B]: of what a render shows, by weight, the share that is the fronts of faces."""
        with torch.no_grad():
            ids = render.face_ids.long()
            eye = (render.camera.position - self.center.to(planes.dtype))[:, None, None]
            normals, away = planes[ids.clamp_min(0)].split([3, 1], dim=-1)
            front = (ids >= 0) & ((normals * eye).sum(-1) + away[..., 0] > 0)
            weight = render.rgba[..., 0]
            return (weight * front).sum((1, 2)) / (weight * (ids >= 0)).sum((1, 2)).clamp_min(_SMALLEST)

    def estimate(self, camera: Camera, resolution: tuple[int, int]) -> Tensor:
        """[B]: the scores, estimated without drawing anything, from the clearance of a few points."""
        rows = self._lookouts
        toward = torch.relu(self._cosines(camera.position, self._points[rows], self._normals[rows]))
        visible = (toward * self.clearance.sees(camera.position)).sum(1) / toward.sum(1).clamp_min(_SMALLEST)
        return self._scores(camera, resolution, visible, None, torch.zeros_like(visible), every=4).score

    def renderer(self, resolution: tuple[int, int]) -> Renderer:
        """Of the scene in which the part is white and all else black, at (height, width)."""
        return self._whole.at_resolution(resolution)

    def covers(self, camera: Camera, resolution: tuple[int, int]) -> Tensor:
        """[B, N] in [0, 1]: how well each of N points, spread evenly over the part's surface, is seen.

        0 for a point that the scene or the part itself hides, or that is beyond the picture's edges; the cosine of the
        angle at which it is seen, doubled, but no more than 1. Differentiable in the cosines.
        """
        camera = camera.to(self._points.dtype)
        small = shrunk(resolution, self._size)
        x, y, depth, ahead = self._project(camera, resolution, 1)
        with torch.no_grad():
            surface = self._whole.at_resolution(small)(camera).depth[..., 0].flatten(1)
            column = ((x + 1) / 2 * small[1]).long().clamp(0, small[1] - 1)
            row = ((1 - y) / 2 * small[0]).long().clamp(0, small[0] - 1)
            nearest = surface.gather(1, row * small[1] + column)
            unhidden = depth <= nearest * (1 + _SLACK) + _SLACK * self.radius
            seen = unhidden & ahead & (x.abs() < 1) & (y.abs() < 1)
        return seen * (2 * torch.relu(self._cosines(camera.position, self._points, self._normals))).clamp(max=1)

    def fitted(self, orbit: Orbit, resolution: tuple[int, int]) -> Orbit:
        """The cameras at the distance from which the part just fills the picture of (height, width) but its margin."""
        with torch.no_grad():
            for _ in range(3):
                x, y, *_ = self._project(orbit.camera().to(self._points.dtype), resolution, 4)
                (left, right), (bottom, top) = self._boxes(x, y)
                reach = torch.maximum(right - left, top - bottom) / 2
                factor = (reach / (1 - self.margin)).clamp(0.25, 4.0)
                orbit = orbit.replace(distance=orbit.distance * factor.to(orbit.dtype))
        return orbit

    @cached_property
    def clearance(self) -> Clearance:
        """The free distances around the part, found on first use."""
        rows = self._lookouts
        lift, reach = 0.01 * self.radius, 1e4 * (self._scene_radius or 1.0)
        return Clearance(self._part.others, self._part.points[rows], self._part.normals[rows], lift, reach)

    @cached_property
    def _lookouts(self) -> Tensor:
        """[S] int64: rows of points that lie far from each other."""
        points = self._part.points
        chosen = [int((points - self.center).norm(dim=1).argmax())]
        nearest = (points - points[chosen[0]]).norm(dim=1)
        for _ in range(_LOOKOUTS - 1):
            chosen.append(int(nearest.argmax()))
            nearest = torch.minimum(nearest, (points - points[chosen[-1]]).norm(dim=1))
        return torch.tensor(chosen, device=points.device)

    def _openness(self, camera: Camera) -> Tensor:
        rows = self._lookouts
        toward = torch.relu(self._cosines(camera.position, self._points[rows], self._normals[rows])) + 0.05
        return (toward * self.clearance.openness(camera.position)).sum(1) / toward.sum(1)

    def _cosines(self, eye: Tensor, points: Tensor, normals: Tensor) -> Tensor:
        """[B, N]: between normals and the directions to `eye` [B, 3]."""
        away = eye[:, None] - points
        return (away * normals).sum(-1) / away.norm(dim=-1).clamp_min(1e-12)

    def _scores(
        self,
        camera: Camera,
        resolution: tuple[int, int],
        visible: Tensor,
        outline: Tensor | None,
        openness: Tensor,
        every: int = 1,
    ) -> ViewScores:
        """From the shares [B] and the outline's area in the picture, [B], where it is known; by every n-th point."""
        x, y, depth, ahead = self._project(camera, resolution, every)
        excess = (torch.relu(t.abs() - (1 - self.margin)) / self.margin for t in (x, y))
        within = math.prod(1 / (1 + e.square()) for e in excess) * ahead
        (left, right), (bottom, top) = self._boxes(_drawn_in(x), _drawn_in(y))
        reach = torch.maximum(right - left, top - bottom) / 2
        middle = ((left + right).square() + (bottom + top).square()) / 4
        size = (reach / (1 - self.margin)).clamp(max=1)
        inside, centred = within.mean(1), 1 / (1 + middle)
        facing = self._facing(camera, outline, depth, within, every)
        cut = ((x.abs() > 1) | (y.abs() > 1) | ~ahead).to(x.dtype).mean(1)
        # Where nothing but its own backs hides the scene, openness leads nowhere; a little keeps the rest's gradient.
        guide = _GUIDE * openness if self._planes is None else _LEAST
        helped = visible + guide * (1 - visible)
        score = helped * facing * size * inside * centred
        return ViewScores(score, visible, facing, size, inside, centred, cut, openness)

    def _facing(self, camera: Camera, outline: Tensor | None, depth: Tensor, within: Tensor, every: int) -> Tensor:
        """[B], from the outline's area, and from the points' depths and how far within the picture they are, [B, N]."""
        eye = camera.position
        cosines = self._cosines(eye, self._points[::every], self._normals[::every])
        front = torch.relu(cosines)
        if outline is None:
            area = self._outline.area(torch.nn.functional.normalize(eye - self.center.to(eye.dtype), dim=1))
        else:
            # In the picture, a surface shrinks with the square of its own depth.
            shown = front * within
            shrinking = (shown / depth.square()).sum(1) / shown.sum(1).clamp_min(1e-30)
            area = outline / (camera.focal.prod(1) * shrinking).clamp_min(1e-30)
        # By solid angle, a closed surface shows as much front as back to any point outside it (Gauss).
        angles = cosines / (eye[:, None] - self._points[::every]).square().sum(-1).clamp_min(1e-30)
        turned = (2 * torch.relu(angles).sum(1) / angles.abs().sum(1).clamp_min(1e-30)).clamp(max=1)
        return (area / self._outline.largest).clamp(max=1) * turned

    def _project(
        self, camera: Camera, resolution: tuple[int, int], every: int
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """[B, N] each: x and y in half sides of the picture, the depth, and whether that is beyond the near plane."""
        height, width = resolution
        near, far = self._whole.near, self._whole.far
        x, y, _, depth = camera.to_clip(self._points[::every], width / height, near, far).unbind(-1)
        ahead = depth > near
        depth = depth.clamp_min(near)
        return x / depth, y / depth, depth, ahead

    def _boxes(self, x: Tensor, y: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Low and high [B] of x and of y [B, N], but for `_STRAY` of the points at either end."""
        stray = int(_STRAY * x.shape[1])
        ordered = (t.sort(1).values for t in (x, y))
        return [(t[:, stray], t[:, -1 - stray]) for t in ordered]


def _drawn_in(x: Tensor) -> Tensor:
    """Half sides of the picture; beyond 1.5, they grow like their logarithm.

    What is beside or behind the camera is far outside the picture, and would decide alone where the middle is.
    """
    return torch.where(x.abs() > _BEYOND, x.sign() * _BEYOND * (1 + (x.abs().clamp_min(_BEYOND) / _BEYOND).log()), x)
