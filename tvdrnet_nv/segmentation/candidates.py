"""Cameras that may be chosen, and what each of them sees."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, concatenate
from tvdrnet_nv.mesh import cross_products
from tvdrnet_nv.renderer import Renderer, shrunk
from tvdrnet_nv.shading import UNLIT
from tvdrnet_nv.winding import winding_is_consistent

_SIDE = 48  # pixels along the shorter side of what is drawn of a candidate
_BATCH = 32
_AZIMUTHS = 20
_ELEVATIONS = (-10.0, 10.0, 30.0, 50.0, 70.0)
_DISTANCES = (1.0, 0.6, 0.35)  # times the one at which a ball about the part fits into the picture
_MARGIN = 1.1
_BACK = 0.1  # what a face's back counts: it tells a model of pictures little
_STEEPEST = 0.15  # cosine between ray and normal, below which a surface is as good as not seen


class Candidates:
    """Cameras with what they see of a scene, drawn small.

    Args:
        renderer: of the scene; its resolution is that of the pictures that will be taken.
        orbit: N cameras.

    Attributes:
        orbit: the cameras.
        camera: the same.
    """

    def __init__(self, renderer: Renderer, orbit: Orbit) -> None:
        self.orbit = orbit
        self.camera: Camera = orbit.camera().to(renderer.mesh.device)
        mesh, full = renderer.mesh, renderer.resolution
        small = shrunk(full, _SIDE)
        drawn = Renderer(mesh, small, light=UNLIT, antialias=False, near=renderer.near, far=renderer.far)
        cross = cross_products(mesh.vertices[mesh.faces.long()])
        twice = cross.norm(dim=1, keepdim=True)
        normals, areas = cross / twice.clamp_min(1e-30), twice[:, 0] / 2
        ordered = winding_is_consistent(mesh)
        centers = mesh.vertices[mesh.faces.long()].mean(1)
        ids, seen, sides = [], [], []
        with torch.no_grad():
            for part in range(0, len(orbit), _BATCH):
                camera = self.camera[part : part + _BATCH]
                face = drawn(camera).face_ids.flatten(1).long()
                there = face >= 0
                known = face.clamp_min(0)
                ray = centers[known] - camera.position[:, None]
                away = ray.norm(dim=-1).clamp_min(1e-12)
                cosine = -(ray * normals[known]).sum(-1) / away
                back = (cosine < 0) & ordered
                cosine = cosine.abs()
                # What a pixel shows of the surface; of the pictures that will be taken, how many pixels a face gets.
                side = away / (camera.focal.prod(1).sqrt()[:, None] * min(small) / 2)
                area = side.square() / cosine.clamp_min(_STEEPEST)
                fine = side * (min(small) / min(full))
                pixels = areas[known] * cosine / fine.square()
                worth = pixels.clamp(max=1) * (cosine / (2 * _STEEPEST)).clamp(max=1)
                worth = torch.where(back, _BACK * worth, worth)
                ids.append(torch.where(there, known, 0).int())
                seen.append(torch.where(there, area * worth, 0.0))
                sides.append(fine)
        self._ids, self._seen, self._sides = torch.cat(ids), torch.cat(seen), torch.cat(sides)

    @classmethod
    def joined(cls, parts: list[Candidates]) -> Candidates:
        """All cameras of candidates of one scene, in the order in which these are given."""
        found = cls.__new__(cls)
        found.orbit = concatenate([part.orbit for part in parts])
        found.camera = found.orbit.camera().to(parts[0].camera.device)
        found._ids, found._seen, found._sides = (
            torch.cat([getattr(part, name) for part in parts]) for name in ("_ids", "_seen", "_sides")
        )
        return found

    def __len__(self) -> int:
        return len(self.orbit)

    def gains(self, information: Tensor, detail: Tensor | None = None) -> Tensor:
        """[N]: the information [F], per area, that each camera sees, times the area in square scene units.

        A pixel counts the area that it shows: less where a face gets less than a pixel of the pictures that will be
        taken, or is seen at a grazing angle, and little of a face's back, where the mesh tells backs from fronts.

        Args:
            information: [F].
            detail: [F], how large a pixel of the pictures may be on a face; larger ones count less, by their area.
        """
        ids, found = self._ids.long(), self._seen
        if detail is not None:
            found = found * (detail.to(found)[ids] / self._sides).square().clamp(max=1)
        return (information.to(found)[ids] * found).sum(1)


def cameras_around(box: Tensor, start: Orbit, *, thin: bool = False) -> Orbit:
    """Cameras around a part of a scene: 20 azimuths, 5 elevations, and 3 distances about the one that shows it all.

    Args:
        box: [2, 3], the part's lowest and highest corner, world frame.
        start: one camera, for the field of view and the pole.
        thin: only every second azimuth and the first two distances.
    """
    middle, radius = box.mean(0), float((box[1] - box[0]).norm()) / 2
    azimuths = [360.0 * i / _AZIMUTHS for i in range(0, _AZIMUTHS, 2 if thin else 1)]
    grid = itertools.product(_ELEVATIONS, azimuths)
    elevation, azimuth = torch.tensor(list(grid), dtype=start.dtype, device=start.device).unbind(1)
    fit = _MARGIN * max(radius, 1e-6) / math.sin(math.radians(float(start.fov)) / 2)
    base = start.expand(len(azimuth)).replace(
        elevation=elevation, azimuth=azimuth, at=middle.to(start.at).expand(len(azimuth), 3).contiguous()
    )
    factors = _DISTANCES[:2] if thin else _DISTANCES
    return concatenate([base.replace(distance=torch.full_like(azimuth, fit * f)) for f in factors]).wrapped()
