"""The scene: a triangle mesh with a colour per vertex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.showing import facts_table, picture, png
from tvdrnet_nv.showing.mesh import mesh_facts, mesh_preview

FAR = 32.0
"""Radii of a scene from the origin, beyond which it is moved to it to be drawn.

float32 rounds a coordinate by up to 6e-8 of its size. At 32 radii this is 2e-6 of the radius, about 1/500 of a pixel in
a picture of 1000 pixels that shows the whole scene. Georeferenced scans lie at 10^5 radii, where it is many pixels.
"""


@dataclass(frozen=True, eq=False)
class Textures:
    """Pictures on a mesh's faces.

    Args:
        uv: [V, 2] float32, texture coordinates of the vertices; (0, 0) is the first texel's corner, v grows with the
            row, and coordinates wrap.
        images: the pictures, [H, W, 3] float32 RGB in [0, 1] each, of any sizes that are powers of two.
        face_image: [F] int32, which picture each face shows; -1 for its vertex colours.
        tint: [V, 3] float32 RGB in [0, 1], interpolated and multiplied with the pictures' colours; None for white.
    """

    uv: Tensor
    images: tuple[Tensor, ...]
    face_image: Tensor
    tint: Tensor | None = None

    def to(self, device: torch.device | str) -> Textures:
        """The same on `device`."""
        images = tuple(image.to(device) for image in self.images)
        tint = None if self.tint is None else self.tint.to(device)
        return Textures(self.uv.to(device), images, self.face_image.to(device), tint)


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh with vertex colours and perhaps textures, on one device.

    The world frame is the file's, but for its origin. Everything in the library that takes or gives positions means the
    world frame; jobs, the command, and the files that they read and write mean the file's coordinates. `from_file`,
    `to_file` and `Viewpoint.translated(mesh.origin)` go between the two.

    Args:
        vertices: [V, 3] float32, world frame, scene units.
        faces: [F, 3] int32, indices into `vertices`, F >= 1. Either winding.
        colors: [V, 3] float32 RGB in [0, 1].
        textures: pictures in place of the colours, or None.
        origin: (x, y, z), float64, where in the file's coordinates the world frame's (0, 0, 0) is; not zero where the
            file's coordinates are too far away for float32.
        file_vertices: [V] int64 on the CPU, which vertex of the file each vertex is; None where they are the same.
            Labels and scores are one a vertex of the file. A loader that splits vertices at texture seams gives it.
        notes: what the file holds and the mesh does not, a sentence each.

    Raises:
        TypeError: an argument is no tensor or has another dtype.
        ValueError: another shape, no faces, an index outside 0..V-1, or tensors on different devices.
    """

    vertices: Tensor
    faces: Tensor
    colors: Tensor
    textures: Textures | None = None
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    file_vertices: Tensor | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, dtype in (("vertices", torch.float32), ("faces", torch.int32), ("colors", torch.float32)):
            tensor = getattr(self, name)
            if not isinstance(tensor, Tensor):
                raise TypeError(f"{name} must be a torch.Tensor, got {type(tensor).__name__}")
            if tensor.dtype != dtype:
                raise TypeError(f"{name} must be {dtype}, got {tensor.dtype}")
            if tensor.ndim != 2 or tensor.shape[1] != 3:
                raise ValueError(f"{name} must have shape [N, 3], got {list(tensor.shape)}")
            if tensor.device != self.vertices.device:
                raise ValueError(f"{name} is on {tensor.device}, vertices on {self.vertices.device}; use one device")
            object.__setattr__(self, name, tensor.contiguous())
        if self.colors.shape != self.vertices.shape:
            raise ValueError(
                f"colors must have vertices' shape {list(self.vertices.shape)}, got {list(self.colors.shape)}"
            )
        if self.num_faces == 0:
            raise ValueError("faces is empty; a mesh needs at least one triangle")
        low, high = (int(index) for index in torch.aminmax(self.faces))
        if low < 0 or high >= self.num_vertices:
            raise ValueError(f"faces must index 0..{self.num_vertices - 1}, got {low}..{high}")
        of_file = self.file_vertices
        if of_file is not None and (of_file.shape != (self.num_vertices,) or of_file.dtype != torch.int64):
            got = f"{of_file.dtype} {list(of_file.shape)}"
            raise ValueError(f"file_vertices must be torch.int64 [{self.num_vertices}], got {got}")
        if self.textures is not None:
            self._check_textures(self.textures)

    def __repr__(self) -> str:
        return f"Mesh({', '.join(mesh_facts(self).values())})"

    def _repr_html_(self) -> str:
        return facts_table("Mesh", mesh_facts(self)) + picture(self._preview, f"{self.num_faces:,} triangles")

    def _repr_png_(self) -> bytes | None:
        return png(self._preview)

    @cached_property
    def _preview(self) -> np.ndarray:
        return mesh_preview(self)

    def _check_textures(self, textures: Textures) -> None:
        wanted = [
            ("textures.uv", textures.uv, (self.num_vertices, 2), torch.float32),
            ("textures.face_image", textures.face_image, (self.num_faces,), torch.int32),
        ]
        if textures.tint is not None:
            wanted.append(("textures.tint", textures.tint, (self.num_vertices, 3), torch.float32))
        for name, tensor, shape, dtype in wanted:
            if tensor.shape != shape or tensor.dtype != dtype or tensor.device != self.device:
                got = f"{tensor.dtype} {list(tensor.shape)} on {tensor.device}"
                raise ValueError(f"{name} must be {dtype} {list(shape)} on {self.device}, got {got}")
        low, high = (int(index) for index in torch.aminmax(textures.face_image))
        if low < -1 or high >= len(textures.images):
            raise ValueError(f"textures.face_image must index -1..{len(textures.images) - 1}, got {low}..{high}")
        for i, image in enumerate(textures.images):
            if image.dim() != 3 or image.shape[2] != 3 or image.dtype != torch.float32 or image.device != self.device:
                got = f"{image.dtype} {list(image.shape)} on {image.device}"
                raise ValueError(f"textures.images[{i}] must be float32 [H, W, 3] on {self.device}, got {got}")

    @property
    def device(self) -> torch.device:
        """Where the three tensors are."""
        return self.vertices.device

    @property
    def num_vertices(self) -> int:
        """V, vertices that no face uses included."""
        return self.vertices.shape[0]

    @property
    def num_faces(self) -> int:
        """F."""
        return self.faces.shape[0]

    def to(self, device: torch.device | str) -> Mesh:
        """The same mesh on `device`; this very object if it is there already."""
        target = torch.empty(0, device=device).device
        if target == self.device:
            return self
        textures = None if self.textures is None else self.textures.to(target)
        return replace(
            self,
            vertices=self.vertices.to(target),
            faces=self.faces.to(target),
            colors=self.colors.to(target),
            textures=textures,
        )

    def to_file(self, point: Sequence[float]) -> tuple[float, float, float]:
        """A point (x, y, z) of the world frame in the file's coordinates."""
        x, y, z = (float(p) + o for p, o in zip(point, self.origin, strict=True))
        return x, y, z

    def from_file(self, point: Sequence[float]) -> tuple[float, float, float]:
        """A point (x, y, z) in the file's coordinates in the world frame."""
        x, y, z = (float(p) - o for p, o in zip(point, self.origin, strict=True))
        return x, y, z

    @property
    def vertex_normals(self) -> Tensor:
        """[V, 3] float32 unit normals in the world frame.

        The sum of the cross products of the adjacent faces, which weights each by its area, normalised: PyTorch3D's
        `Meshes.verts_normals_packed`. Vertices that were split have the normal of the file's vertex. Zero where no face
        with an area meets the vertex. Kept once computed, unless `vertices` requires a gradient: then each access
        builds its own graph.
        """
        return self._compute_normals() if self.vertices.requires_grad else self._cached_normals

    @cached_property
    def _cached_normals(self) -> Tensor:
        return self._compute_normals()

    def _compute_normals(self) -> Tensor:
        faces = self.faces.long()
        face_normals = cross_products(self.vertices[faces])
        # A vertex that was split at a texture's seam is one vertex of the surface.
        of_file = None if self.file_vertices is None else self.file_vertices.to(self.device)
        faces = faces if of_file is None else of_file[faces]
        rows = self.num_vertices if of_file is None else max(self.num_vertices, int(of_file.max()) + 1)
        normals = self.vertices.new_zeros((rows, 3))
        for corner in range(3):
            normals = normals.index_add(0, faces[:, corner], face_normals)
        normals = normals if of_file is None else normals[of_file]
        # Scaled by the longest component first: the cross products of a scan's slivers have squares that underflow.
        scale = normals.detach().abs().amax(1, keepdim=True).clamp_min(torch.finfo(normals.dtype).tiny)
        return torch.nn.functional.normalize(normals / scale, dim=1)

    @cached_property
    def joined_faces(self) -> Tensor:
        """[F, 3] int32: `faces`, with one vertex for each place at which the surface was split.

        Their edges are the surface's: a texture's seam is no border. Joined are the vertices of one vertex of the file,
        or, in a textured mesh whose file splits them itself, as glTF does, those at the same place. `faces` itself
        where nothing is split, or where what was split has moved apart.
        """
        vertices = self.vertices.detach()
        if self.file_vertices is not None:
            group = self.file_vertices.to(self.device)
        elif self.textures is not None:
            group = _same_places(vertices)
        else:
            return self.faces
        used = torch.unique(self.faces.long())
        first = torch.full((int(group.max()) + 1,), self.num_vertices, device=self.device)
        first = first.scatter_reduce(0, group[used], used, "amin")
        joined = first[group]
        if not torch.equal(vertices[joined[used]], vertices[used]):
            return self.faces
        return joined[self.faces.long()].int()

    @cached_property
    def is_invisible(self) -> bool:
        """Whether no face has an area, so that no camera sees any of it."""
        vertices = self.vertices.detach().double()
        # Part by part: the first one tells, and all corners of a large mesh take much memory.
        parts = self.faces.split(2**18)
        return not any(bool(cross_products(vertices[faces.long()]).any()) for faces in parts)

    @property
    def brightest(self) -> float:
        """The largest red, green or blue that a face may show: of its vertices, or of its picture times their tint."""
        bounds = [self.colors]
        if self.textures is not None:
            tint = 1.0 if self.textures.tint is None else float(self.textures.tint.detach().max())
            bounds = [tint * image for image in self.textures.images]
            bounds += [self.colors] if bool((self.textures.face_image < 0).any()) else []
        return max((float(bound.detach().max()) for bound in bounds), default=0.0)

    @cached_property
    def used_vertices(self) -> Tensor:
        """[N, 3] float32: the vertices that faces use, in their order."""
        used = torch.zeros(self.num_vertices, dtype=torch.bool, device=self.device)
        used[self.faces.reshape(-1).long()] = True
        return self.vertices.detach()[used]

    @cached_property
    def bounds(self) -> tuple[Tensor, Tensor]:
        """(min [3], max [3]) float32: the axis-aligned box, in scene units, of the vertices that faces use."""
        low, high = torch.aminmax(self.used_vertices, dim=0)
        return low, high

    @cached_property
    def center(self) -> Tensor:
        """[3] float32: the centre of `bounds`."""
        low, high = self.bounds
        return (low + high) / 2

    @cached_property
    def radius(self) -> float:
        """Radius, in scene units, of the smallest sphere about `center` that holds every vertex that faces use."""
        return float((self.used_vertices - self.center).norm(dim=1).max())

    @cached_property
    def far_center(self) -> Tensor | None:
        """[3] float64: `center`, where it is more than `FAR` radii from the world's origin, otherwise None."""
        far = bool((self.center.abs() > FAR * self.radius).any()) and self.radius > 0
        return self.center.double() if far else None


def cross_products(corners: Tensor) -> Tensor:
    """[F, 3]: (b - a) x (c - a) of triangles [F, 3, 3]: normal to each, and as long as twice its area."""
    a, b, c = corners.unbind(1)
    return torch.linalg.cross(b - a, c - a)


def _same_places(vertices: Tensor) -> Tensor:
    """[V] int64: equal numbers for equal rows of vertices [V, 3]."""
    points = vertices.cpu().numpy() + 0.0  # which makes -0 to 0
    order = np.lexsort(points.T)
    differs = (points[order][1:] != points[order][:-1]).any(axis=1)
    group = np.empty(len(points), dtype=np.int64)
    group[order] = np.concatenate([[0], np.cumsum(differs)])
    return torch.from_numpy(group).to(vertices.device)
