"""render_phong on the CPU."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.antialias.cpu import Topology
from tvdrnet_nv.ops.function import Saved, differentiable, has_derivatives, native
from tvdrnet_nv.ops.memory import empty
from tvdrnet_nv.ops.phong import Phong
from tvdrnet_nv.ops.render_phong import PhongScene
from tvdrnet_nv.ops.render_phong.memory_order import MemoryOrder

BLOCKS_FROM = 2**18
"""Triangles from which on a scene is drawn in blocks, of which those out of sight are left out. The images are the same
to the bit; smaller ones are quicker without."""


class NativeScene:
    """A scene as the kernels read it, in an order of its own.

    Attributes:
        kernels: the kernels' object.
    """

    def __init__(
        self, vertices: Tensor, normals: Tensor, colors: Tensor, tri: Tensor, edges: tuple[Tensor, Topology] | None
    ) -> None:
        """vertices [V, 4], homogeneous; normals and colors [V, 3]; tri int32 [F, 3]; edges: triangles with the same
        places, int32 [F, 3], and their topology."""
        self._vertices = vertices
        self._order = order = MemoryOrder.of(vertices, tri)
        # The kernels' records, a multiple of 16 bytes each: the homogeneous position, normal and 0, colour and 0.
        records = vertices.new_zeros((len(vertices), 12))
        for first, part in ((0, vertices), (4, normals), (8, colors)):
            records[:, first : first + part.shape[1]] = part[order.vertices]
        none, renumbered = tri.new_empty, order.renumbered(tri)
        # The kernels' boxes are made of x, y and z.
        in_blocks = len(tri) >= BLOCKS_FROM and bool((vertices[:, 3] == 1).all())
        if in_blocks:
            reordered = None
        elif edges is None:
            reordered = none((0, 4))
        else:
            reordered = order.reordered_edges(edges[1].edges)
        made = _cpu.PhongScene64 if vertices.dtype == torch.float64 else _cpu.PhongScene32
        self.kernels = made(
            records[:, :4].contiguous(),
            records,
            renumbered,
            order.faces,
            renumbered if edges is None or edges[0] is tri else order.renumbered(edges[0]),
            none((0, 3)) if edges is None else order.reordered_rings(edges[1].rings),
            reordered,
        )

    def to_clip(self, matrices: Tensor) -> Tensor:
        """See `PhongScene.to_clip`."""
        out = self._vertices.new_empty((matrices.shape[0], *self._vertices.shape))
        self.kernels.to_clip(matrices.detach().contiguous(), out, torch.get_num_threads())
        return out[:, self._order.places]


def render_phong(
    to_clip: Tensor, eye: Tensor, scene: PhongScene, resolution: tuple[int, int], phong: Phong, walk: int
) -> tuple[Tensor, Tensor]:
    """The images and `rast`."""
    moves = has_derivatives(to_clip) or has_derivatives(eye)
    return _render(to_clip, eye, scene, resolution, phong.numbers(), walk, moves)


def _forward(
    to_clip: Tensor,
    eye: Tensor,
    scene: PhongScene,
    resolution: tuple[int, int],
    phong: list[float],
    walk: int,
    wanted: bool,
) -> tuple[Tensor, ...]:
    """After the images and `rast` comes what derivatives need, if they are `wanted`: the images' Jacobian as bytes, and
    records of where silhouettes were blended, int64 [N, 3] and [N, 16]."""
    to_clip, eye = to_clip.detach(), eye.detach()
    kernels: Any = scene.native.kernels
    cameras, threads = to_clip.shape[0], torch.get_num_threads()
    rast, image = (empty(to_clip, cameras, *resolution, 4) for _ in range(2))
    size = kernels.jacobian_bytes(cameras, *resolution) if wanted else 0
    jacobian = empty(to_clip, size, dtype=torch.uint8)
    seconds = None if scene.timing is None else scene.timing.stages
    blended = kernels.render(to_clip, eye, phong, walk, rast, image, jacobian if wanted else None, threads, seconds)
    return image, rast, jacobian, *blended


def _keep(inputs: tuple[Any, ...], outputs: tuple[Tensor, ...]) -> Saved:
    to_clip, eye, scene, resolution, *_ = inputs
    return (to_clip, eye, *outputs[2:]), (scene, resolution)


def _backward(
    tensors: tuple[Tensor, ...],
    rest: tuple[PhongScene, tuple[int, int]],
    _needs: object,
    grad_image: Tensor | None,
    grad_rast: Tensor | None,
) -> tuple[Tensor | None, ...]:
    to_clip, eye, jacobian, crossings, blends = (tensor.detach() for tensor in tensors)
    scene, resolution = rest
    to_clip_grad, eye_grad = torch.empty_like(to_clip), torch.empty_like(eye)
    began = time.perf_counter()
    _cpu.render_backward(
        to_clip,
        eye,
        resolution,
        jacobian,
        crossings,
        blends,
        None if grad_image is None else grad_image.contiguous(),
        None if grad_rast is None else grad_rast.contiguous(),
        to_clip_grad,
        eye_grad,
        torch.get_num_threads(),
    )
    if scene.timing is not None:
        scene.timing.backward += time.perf_counter() - began
    return to_clip_grad, eye_grad, None, None, None, None, None


def _jvp(
    tensors: tuple[Tensor, ...],
    rest: tuple[PhongScene, tuple[int, int]],
    to_clip_tangent: Tensor | None,
    eye_tangent: Tensor | None,
    *_: None,
) -> tuple[Tensor, Tensor]:
    to_clip, eye, jacobian, crossings, blends = (tensor.detach() for tensor in tensors)
    resolution = rest[1]
    image_tangent, rast_tangent = (empty(to_clip, to_clip.shape[0], *resolution, 4) for _ in range(2))
    _cpu.render_jvp(
        to_clip,
        eye,
        resolution,
        jacobian,
        crossings,
        blends,
        torch.zeros_like(to_clip) if to_clip_tangent is None else to_clip_tangent.detach().contiguous(),
        torch.zeros_like(eye) if eye_tangent is None else eye_tangent.detach().contiguous(),
        image_tangent,
        rast_tangent,
        torch.get_num_threads(),
    )
    return image_tangent, rast_tangent


_render = differentiable("RenderPhong", _forward, keep=_keep, backward=_backward, jvp=native(_jvp), saved_outputs=3)
