"""render_phong by our CUDA kernels: six launches, and three more for the gradient. The host waits for nothing."""

from __future__ import annotations

from ctypes import c_double
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.antialias.cpu import Topology
from tvdrnet_nv.ops.carried import one_memory
from tvdrnet_nv.ops.function import Saved, differentiable, has_derivatives
from tvdrnet_nv.ops.function import native as calls_kernels
from tvdrnet_nv.ops.native import Grid, check_float32, launch, prepare
from tvdrnet_nv.ops.native.jobs import (
    Image,
    PhongParameters,
    RasterizeJob,
    RenderGradJob,
    RenderJob,
    RenderTangentJob,
    pointer,
)
from tvdrnet_nv.ops.phong import Phong
from tvdrnet_nv.ops.rasterize.native import LARGE_PART, LARGE_ROOM, SCREEN_VERTEX
from tvdrnet_nv.ops.render_phong import PhongScene

_CHANGES = 16  # numbers that a pixel keeps for derivatives
_CROSSING = 3  # int64 numbers of a crossing
_SUMS, _LANES = 15, 8  # of the camera's gradient


class NativeScene:
    """A scene as the kernels read it.

    Attributes:
        vertices: [V, 4], homogeneous.
        normals, colors: [V, 3].
        tri: int32 [F, 3].
        edge_tri, rings: int32 [F, 3], triangles with the same places and their topology; None: no antialiasing.
    """

    def __init__(
        self, vertices: Tensor, normals: Tensor, colors: Tensor, tri: Tensor, edges: tuple[Tensor, Topology] | None
    ) -> None:
        check_float32("vertices", vertices)
        prepare(vertices)
        self.vertices, self.normals, self.colors = (t.contiguous() for t in (vertices, normals, colors))
        self.tri = tri.clone()  # the indices were checked, and must stay what they are
        self.edge_tri = None if edges is None else edges[0].clone()
        self.rings = None if edges is None else edges[1].rings

    def to_clip(self, matrices: Tensor) -> Tensor:
        """See `PhongScene.to_clip`."""
        matrices, vertices = matrices.detach().contiguous(), len(self.vertices)
        out = self.vertices.new_empty((len(matrices), vertices, 4))
        unused = self.vertices.new_empty((len(matrices) * vertices + 1) * SCREEN_VERTEX, dtype=torch.uint8)
        job = RenderJob(
            image=Image(len(matrices), 0, 0),
            vertices=pointer(self.vertices),
            vertex_count=vertices,
            to_clip=pointer(matrices),
            pos=pointer(out),
            screen=pointer(unused),
            large_count=pointer(unused[-SCREEN_VERTEX:]),
        )
        launch(["render_prepare"], job, out)
        return out


def render_phong(
    to_clip: Tensor, eye: Tensor, scene: PhongScene, resolution: tuple[int, int], phong: Phong, walk: int
) -> tuple[Tensor, Tensor]:
    """The images and `rast`."""
    moves = has_derivatives(to_clip) or has_derivatives(eye)
    image, rast = _render(to_clip, eye, scene, resolution, phong, walk, moves)
    return image, rast


def forward(
    to_clip: Tensor,
    eye: Tensor,
    scene: PhongScene,
    resolution: tuple[int, int],
    phong: Phong,
    walk: int,
    wanted: bool,
    grid: Grid | None = None,
) -> tuple[Tensor, ...]:
    """After the images and `rast` comes what derivatives need, if they are `wanted`: how the pixels change, float32
    [B, 16, H, W], the crossings, int64 [2 B H W, 3], and how these change, float32 [2 B H W, 16]."""
    to_clip, eye = to_clip.detach().contiguous(), eye.detach().contiguous()
    held: NativeScene = scene.native
    vertices, batch = len(held.vertices), len(to_clip)
    pixels = batch * resolution[0] * resolution[1]
    pos = to_clip.new_empty((batch, vertices, 4))
    rast, shaded = (to_clip.new_empty((batch, *resolution, 4)) for _ in range(2))
    image = torch.empty_like(shaded) if walk > 0 else shaded
    bytes_of = lambda count: to_clip.new_empty(count, dtype=torch.uint8)  # noqa: E731
    screen, large = bytes_of(batch * vertices * SCREEN_VERTEX), bytes_of(LARGE_ROOM * LARGE_PART)
    integers = to_clip.new_empty(pixels + 1, dtype=torch.int64)
    visible, large_count = integers[:pixels], integers[pixels:]
    crossings = to_clip.new_empty((2 * pixels if walk > 0 else 0, _CROSSING), dtype=torch.int64)
    changes = to_clip.new_empty((batch if wanted else 0, _CHANGES, *resolution))
    blended = to_clip.new_empty((len(crossings) if wanted else 0, _CHANGES))
    size = Image(batch, *resolution)
    job = RenderJob(
        image=size,
        vertices=pointer(held.vertices),
        vertex_count=vertices,
        normals=pointer(held.normals),
        colors=pointer(held.colors),
        tri=pointer(held.tri),
        triangles=len(held.tri),
        edge_tri=pointer(held.edge_tri),
        edge_rings=pointer(held.rings),
        to_clip=pointer(to_clip),
        eye=pointer(eye),
        phong=_parameters(phong),
        walk=walk,
        pos=pointer(pos),
        screen=pointer(screen),
        visible=pointer(visible),
        large_count=pointer(large_count),
        rast=pointer(rast),
        shaded=pointer(shaded),
        out=pointer(image),
        crossings=pointer(crossings),
        changes=pointer(changes) if wanted else None,
        blended=pointer(blended) if wanted else None,
    )
    drawing = RasterizeJob(
        image=size,
        pos=pointer(pos),
        pos_stride=4 * vertices,
        vertices=vertices,
        tri=pointer(held.tri),
        triangles=len(held.tri),
        screen=pointer(screen),
        visible=pointer(visible),
        large=pointer(large),
        large_room=LARGE_ROOM,
        large_count=pointer(large_count),
    )
    launch(["render_prepare"], job, to_clip, grid)
    launch(["rasterize_draw", "rasterize_draw_large"], drawing, to_clip, grid)
    launch(["render_shade", "render_find", "render_blend"] if walk > 0 else ["render_shade"], job, to_clip, grid)
    return image, rast, changes, crossings, blended


def _parameters(phong: Phong) -> PhongParameters:
    three = c_double * 3
    return PhongParameters(
        three(*phong.light),
        three(*phong.background),
        phong.ambient,
        phong.diffuse,
        phong.specular,
        phong.shininess,
    )


def _keep(inputs: tuple[Any, ...], outputs: tuple[Tensor, ...]) -> Saved:
    return (*inputs[:2], *outputs[1:]), None


def backward(
    tensors: tuple[Tensor, ...],
    _rest: None,
    _needs: object,
    grad_image: Tensor | None,
    grad_rast: Tensor | None,
    grid: Grid | None = None,
) -> tuple[Tensor | None, ...]:
    """The gradients of the matrices and of the eyes."""
    to_clip, eye, rast, changes, crossings, blended = (tensor.detach() for tensor in tensors)
    batch, height, width, _ = rast.shape
    side = 32 if height * width <= 512 * 512 else 64  # as TileGrid, whose tiles' sums the CPU adds up
    tiles = -(-height // side) * -(-width // side)
    grad_image = None if grad_image is None else grad_image.contiguous()
    grad_rast = None if grad_rast is None else grad_rast.contiguous()
    parts = rast.new_empty((batch, _SUMS, height, width))
    sums = rast.new_empty((batch, tiles, _SUMS, _LANES), dtype=torch.float64)
    to_clip_grad, eye_grad = one_memory(to_clip, eye)  # one copy to the host, see `carried`
    job = RenderGradJob(
        image=Image(batch, height, width),
        tile=side,
        rast=pointer(rast),
        crossings=pointer(crossings) if len(crossings) else None,
        changes=pointer(changes),
        blended=pointer(blended),
        grad_out=pointer(grad_image),
        grad_rast=pointer(grad_rast),
        parts=pointer(parts),
        sums=pointer(sums),
        to_clip_grad=pointer(to_clip_grad),
        eye_grad=pointer(eye_grad),
    )
    launch(["render_grad_pixels", "render_grad_tiles", "render_grad_totals"], job, rast, grid)
    return to_clip_grad, eye_grad, None, None, None, None, None


def jvp(
    tensors: tuple[Tensor, ...], _rest: None, to_clip_tangent: Tensor | None, eye_tangent: Tensor | None, *_: None
) -> tuple[Tensor, Tensor]:
    """The derivatives of the images and of `rast` along tangents of the matrices and of the eyes."""
    to_clip, eye, rast, changes, crossings, blended = (tensor.detach() for tensor in tensors)
    of_matrix = torch.zeros_like(to_clip) if to_clip_tangent is None else to_clip_tangent.detach().contiguous()
    of_eye = torch.zeros_like(eye) if eye_tangent is None else eye_tangent.detach().contiguous()
    shaded, image_tangent, rast_tangent = (torch.empty_like(rast) for _ in range(3))
    job = RenderTangentJob(
        image=Image(*rast.shape[:3]),
        rast=pointer(rast),
        crossings=pointer(crossings) if len(crossings) else None,
        changes=pointer(changes),
        blended=pointer(blended),
        to_clip_tangent=pointer(of_matrix),
        eye_tangent=pointer(of_eye),
        shaded_tangent=pointer(shaded),
        out_tangent=pointer(image_tangent),
        rast_tangent=pointer(rast_tangent),
    )
    launch(["render_tangent_pixels", "render_tangent_blend"], job, rast)
    return image_tangent, rast_tangent


def _forward(*inputs: Any) -> tuple[Tensor, ...]:
    """`forward` on the default grid, which is none of the op's inputs."""
    return forward(*inputs)


_render = differentiable(
    "RenderPhongNative", _forward, keep=_keep, backward=backward, jvp=calls_kernels(jvp), saved_outputs=3
)
