"""What a mapping sees of a scene: points on its surface, and a bird's eye view of them in slices of height."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.camera.orbit import Up
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.surface_points import spread_points

_COUNT = 16384


@dataclass(frozen=True)
class Symmetry:
    """A scene mirrored, x to -x in the orbit's axes, and then turned about the pole by quarters, z towards x.

    An azimuth a becomes 90 quarters ± a. Distance, elevation and field of view stay.
    """

    quarters: int = 0
    mirrored: bool = False

    def of(self, positions: Tensor) -> Tensor:
        """Where positions [M, 3] about the scene's centre, in the orbit's axes, come to lie."""
        x, y, z = positions.unbind(1)
        x = -x if self.mirrored else x
        for _ in range(self.quarters % 4):
            x, z = z, -x
        return torch.stack([x, y, z], 1)

    @property
    def inverse(self) -> Symmetry:
        """What undoes it; mirrored ones are their own inverses."""
        return self if self.mirrored else Symmetry(-self.quarters % 4)

    def camera(self, orbit: Orbit, scene: ScenePoints) -> Orbit:
        """The cameras that see in the scene so changed what `orbit`'s see in the scene; differentiable."""
        center = scene.center.to(orbit.at)
        at = self.of((orbit.at - center) @ orbit.frame) @ orbit.frame.T + center
        return orbit.replace(at=at, azimuth=90.0 * self.quarters + (-1 if self.mirrored else 1) * orbit.azimuth)


SYMMETRIES = tuple(Symmetry(quarters, mirrored) for mirrored in (False, True) for quarters in range(4))


@dataclass(frozen=True, eq=False)
class ScenePoints:
    """Points spread evenly over a scene's surface, whatever its size, place and triangles. On the CPU, float32.

    Attributes:
        positions: [M, 3] in the orbit's axes (x, pole, z) about `center`, in radii: within the unit ball.
        colors: [M, 3] RGB in [0, 1], of the vertices.
        area: the surface's, in square radii.
        center: [3], the scene's centre in the world, scene units.
        radius: the scene's, scene units.
        up: the orbit's pole.
    """

    positions: Tensor
    colors: Tensor
    area: float
    center: Tensor
    radius: float
    up: Up
    _drawn: dict[tuple[int, int], Tensor] = field(default_factory=dict, repr=False)
    _shown: dict[Symmetry, ScenePoints] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, mesh: Mesh, up: Up, count: int = _COUNT) -> ScenePoints:
        """Draw `count` points of a mesh, as many on each square metre; the same mesh gives the same points."""
        vertices, faces, colors = mesh.vertices.detach().cpu(), mesh.faces.cpu().long(), mesh.colors.detach().cpu()
        areas = cross_products(vertices[faces]).norm(dim=1).double() / 2
        total = float(areas.sum())
        face, u, v = spread_points(areas, count)
        weights = torch.stack([1 - u - v, u, v], 1).float()[:, :, None]
        corners = faces[face]
        center, radius = mesh.center.cpu(), mesh.radius or 1.0
        frame = Orbit.create(1.0, 0.0, 0.0, up=up).frame
        positions = ((vertices[corners] * weights).sum(1) - center) @ frame / radius
        return cls(positions, (colors[corners] * weights).sum(1), total / radius**2, center, radius, up)

    def shown(self, symmetry: Symmetry) -> ScenePoints:
        """The points of the scene so changed, about the same centre. Kept once made."""
        if symmetry == Symmetry():
            return self
        if symmetry not in self._shown:
            positions = symmetry.of(self.positions)
            self._shown[symmetry] = ScenePoints(positions, self.colors, self.area, self.center, self.radius, self.up)
        return self._shown[symmetry]

    def slices(self, size: int, count: int) -> Tensor:
        """The scene from above, a slice of height per map. Kept once drawn.

        Returns:
            [4 · count, size, size]: for each of `count` slices between the lowest and the highest point, how much
            surface is in a cell (its area over the cell's, at most 2), and red, green and blue less a half, 0 where
            the cell is empty. Rows run along z, columns along x, both from -1 to 1.
        """
        if (size, count) not in self._drawn:
            self._drawn[size, count] = self._draw(size, count)
        return self._drawn[size, count]

    def _draw(self, size: int, count: int) -> Tensor:
        x, y, z = self.positions.unbind(1)
        low, high = float(y.min()), float(y.max())
        column, row = (((axis + 1) / 2 * size).long().clamp(0, size - 1) for axis in (x, z))
        level = ((y - low) / max(high - low, 1e-6) * count).long().clamp(0, count - 1)
        cell = (level * size + row) * size + column
        values = torch.cat([torch.ones_like(x)[:, None], self.colors - 0.5], 1)
        sums = torch.zeros(count * size * size, 4).index_add_(0, cell, values)
        hits = sums[:, :1]
        cover = (hits * (self.area / len(x) / (2 / size) ** 2)).clamp_max(2)
        maps = torch.cat([cover, sums[:, 1:] / hits.clamp_min(1)], 1).reshape(count, size, size, 4)
        return maps.permute(0, 3, 1, 2).flatten(0, 1).contiguous()
