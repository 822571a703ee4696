"""How a surface is drawn by the ops: in one op or in several, in chunks of cameras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from tvdrnet_nv import ops
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.carried import carried
from tvdrnet_nv.ops.rasterize import MAX_TRIANGLES
from tvdrnet_nv.ops.shade.reference import over_background, phong_color
from tvdrnet_nv.surface import Surface

# What the cameras that are rendered together may take while they are, images aside.
_CHUNK_BYTES = 2**30

# To z = 2, w = 1 with everything: beyond the far plane.
_OUT_OF_VIEW = torch.tensor([[0.0] * 4, [0.0] * 4, [0, 0, 0, 2], [0, 0, 0, 1]])


class Drawing:
    """A surface, prepared once, and drawn for any cameras, size and light.

    Args:
        surface: what is drawn.
        antialias: blend silhouettes.
    """

    def __init__(self, surface: Surface, *, antialias: bool) -> None:
        self._surface, self._antialias = surface, antialias
        vertices = surface.vertices
        self._context = ops.RasterizeGLContext(output_db=surface.textured, device=vertices.device)
        self._walk = int(min(ops.LONG_WALK, backend_of(vertices).longest_walk(vertices.device)))
        self._topology = ops.antialias_construct_topology_hash(surface.joined_faces) if antialias else None
        self._scene = surface.scene(self._topology)  # what `ops.render_phong` draws; None where it cannot
        self._out_of_view = _OUT_OF_VIEW.to(vertices)
        self._refuse_too_many_faces(head=False)

    def images(
        self, to_clip: Tensor, eye: Tensor, resolution: tuple[int, int], phong: ops.Phong, *, head: bool
    ) -> tuple[Tensor, Tensor]:
        """The images, RGB and coverage, and the ops' rast, [B, H, W, 4] each, of B cameras, a chunk after the other.

        Args:
            to_clip: [B, 4, 4], world to clip space; on the surface's device, or on the CPU.
            eye: [B, 3], where the cameras stand; likewise.
            resolution: height and width in pixels.
            phong: the light and the background.
            head: whether the light is a lamp at the camera.
        """
        self._refuse_too_many_faces(head=head)
        if self._in_one_op(head) is None:
            to_clip = self._finite(to_clip)
        to_clip, eye = carried((to_clip, eye), self._surface.vertices.device)
        draw = partial(self._draw, resolution=resolution, phong=phong, head=head)
        chunk = self.cameras_at_once(resolution, head=head)
        if len(to_clip) <= chunk:
            return draw(to_clip, eye)
        if torch.is_grad_enabled():  # each chunk keeps nothing for the backward pass, which draws it again
            draw = partial(checkpoint, draw, use_reentrant=False, preserve_rng_state=False)
        parts = [draw(*part) for part in zip(to_clip.split(chunk), eye.split(chunk), strict=True)]
        image, rast = (torch.cat(results) for results in zip(*parts, strict=True))
        return image, rast

    def cameras_at_once(self, resolution: tuple[int, int], *, head: bool = False) -> int:
        """How many cameras a chunk has.

        Each takes what the backend keeps of its pixels and vertices; where several ops draw, the vertices and their
        gradient.
        """
        height, width = resolution
        vertices = self._surface.vertices
        backend = backend_of(vertices)
        of_vertex = 8 if self._in_one_op(head) is None else backend.vertex_numbers
        numbers = of_vertex * len(vertices) + backend.pixel_numbers * height * width
        return max(1, _CHUNK_BYTES // (vertices.element_size() * numbers))

    @contextmanager
    def timed(self, *, head: bool) -> Iterator[ops.RenderTiming | None]:
        """While open, what drawing spends its time on is added up; None where several ops draw."""
        scene = self._in_one_op(head)
        if scene is None:
            yield None
            return
        scene.timing = timing = ops.RenderTiming()
        try:
            yield timing
        finally:
            scene.timing = None

    def _in_one_op(self, head: bool) -> ops.PhongScene | None:
        """What `ops.render_phong` draws; it knows no light that moves."""
        return None if head else self._scene

    def _refuse_too_many_faces(self, *, head: bool) -> None:
        """Between several ops the faces' ids are floats."""
        vertices, faces = self._surface.vertices, len(self._surface.faces)
        if self._in_one_op(head) is None and faces > MAX_TRIANGLES and vertices.dtype == torch.float32:
            raise InputError(
                f"the mesh has {faces} faces; more than {MAX_TRIANGLES} are drawn by the backends cpu and fused alone, "
                f"with vertex colours, a light that stands still and no gradient of vertices, and this is the backend "
                f"{backend_of(vertices).name}; decimate the mesh, or leave out what keeps it from that"
            )

    def _finite(self, to_clip: Tensor) -> Tensor:
        """The matrices [B, 4, 4], but for those that are not finite, which now see nothing.

        Our own rasterizer leaves out vertices that are not finite; nvdiffrast promises nothing. An optimisation that
        does not look whether its cameras are still finite may ask for some that are not.
        """
        away = self._out_of_view if self._out_of_view.device == to_clip.device else _OUT_OF_VIEW.to(to_clip)
        finite = to_clip.isfinite().flatten(1).all(1)[:, None, None]
        return torch.where(finite, to_clip, away)

    def _draw(
        self, to_clip: Tensor, eye: Tensor, *, resolution: tuple[int, int], phong: ops.Phong, head: bool
    ) -> tuple[Tensor, Tensor]:
        """One chunk of `images`."""
        scene = self._in_one_op(head)
        if scene is not None:
            walk = self._walk if self._antialias else 0
            return ops.render_phong(scene, to_clip, eye, resolution, phong, walk=walk)
        faces = self._surface.faces
        pos = ops.transform(self._surface.vertices, to_clip)
        rast, rast_db = ops.rasterize(self._context, pos, faces, resolution, grad_db=self._surface.textured)
        image = self._shade(rast, rast_db, eye, phong, head)
        if self._antialias:
            edges = self._surface.joined_faces
            image = ops.antialias(image, rast, pos, edges, topology_hash=self._topology, walk=self._walk)
        return image, rast

    def _shade(self, rast: Tensor, rast_db: Tensor, eye: Tensor, phong: ops.Phong, head: bool) -> Tensor:
        """[B, H, W, 4]: RGB over the background, and coverage."""
        surface = self._surface
        if not surface.textured and not surface.attributes.requires_grad and not head:
            return ops.shade(surface.attributes, rast, surface.faces, eye, phong)
        points, normals, colors = surface.at(rast).split(3, dim=-1)
        if surface.textured:
            colors = surface.texels(rast, rast_db, colors)
        return over_background(phong_color(points, normals, colors, eye, phong, head=head), rast, phong)
