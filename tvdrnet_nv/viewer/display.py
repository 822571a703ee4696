"""The scene as the browser gets it: of fewer triangles where it has too many, and the part that is tinted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.optimization.clustering import clustered

_COARSER = 1.25  # the factor from one size of the cells to the next
_TRIES = 24
_PART = 0.5  # the weight from which a vertex belongs to the part


@dataclass(frozen=True, eq=False)
class Display:
    """What the browser shows of a scene.

    Attributes:
        scene: all of it.
        mesh: what is shown: `scene` itself, or a mesh of fewer triangles in the same frame.
        cell: the side of the cubes whose vertices became one, scene units; None where `mesh` is `scene`.
    """

    scene: Mesh
    mesh: Mesh
    cell: float | None = None

    @property
    def text(self) -> str:
        """In words, how much of the scene is shown."""
        count = self.scene.num_faces
        if self.cell is None:
            return f"{count:,} triangles"
        textures = " in vertex colours" if self.scene.textures is not None else ""
        return (
            f"{count:,} triangles, shown here as {self.mesh.num_faces:,}{textures}: vertices within "
            f"{self.cell:.2g} units became one. Renders and runs use all of them."
        )

    def part(self, weights: Tensor) -> tuple[np.ndarray, np.ndarray] | None:
        """The faces of a part, as vertices float32 [V, 3] and faces int64 [F, 3] of the mesh that is shown.

        Args:
            weights: [V] in 0..1, of the scene's vertices.

        Returns:
            None where no face is of the part.
        """
        if self.cell is not None:  # the weights take the same way as colours do
            painted = weights.to(self.scene.colors)[:, None].expand(-1, 3)
            weights = clustered(_plain(self.scene, painted), self.cell, any_grid=True).colors[:, 0]
        chosen = (weights.cpu() >= _PART)[self.mesh.faces.cpu().long()].all(1)
        if not bool(chosen.any()):
            return None
        used, faces = torch.unique(self.mesh.faces.cpu()[chosen].long(), return_inverse=True)
        return self.mesh.vertices.detach().cpu()[used].numpy(), faces.reshape(-1, 3).numpy()


def display(mesh: Mesh, most: int) -> Display:
    """The mesh itself where it has at most so many triangles; otherwise one with fewer, by vertex clustering.

    The cubes begin at a size at which a closed surface would have as many triangles, and grow until there are few
    enough. Pictures on the faces give way to vertex colours. A mesh that no cubes make small enough stays as it is.

    Args:
        mesh: the scene.
        most: triangles.
    """
    if mesh.num_faces <= most:
        return Display(mesh, mesh)
    vertices = mesh.vertices.detach()
    area = 0.5 * float(cross_products(vertices[mesh.faces.long()]).norm(dim=1).sum(dtype=torch.float64))
    cell = math.sqrt(2 * area / most)
    plain = _plain(mesh, mesh.colors)
    for _ in range(_TRIES if math.isfinite(cell) and cell > 0 else 0):
        fewer = clustered(plain, cell, any_grid=True)
        if fewer is not plain and fewer.num_faces <= most:
            return Display(mesh, fewer, cell)
        cell *= _COARSER
    return Display(mesh, mesh)


def has_colours(mesh: Mesh) -> bool:
    """Whether the mesh has more than one colour, and so is understood without light."""
    return mesh.textures is not None or bool((mesh.colors != mesh.colors[:1]).any())


def _plain(mesh: Mesh, colors: Tensor) -> Mesh:
    """The mesh in vertex colours."""
    return replace(mesh, colors=colors.contiguous(), textures=None, file_vertices=None)
