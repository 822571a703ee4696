"""Scenes of more triangles than float32 can name: ids are int32 inside, and refused where they would be float32.

No scene here is as large: ids are shifted, by as much, in what the kernels read.
"""

from __future__ import annotations

import ctypes
from ctypes import Structure

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.phong_scenes import PHONG, cameras, scene
from tvdrnet_nv import ops
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import MOST_TRIANGLES
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.ops.rasterize import MAX_TRIANGLES
from tvdrnet_nv.ops.render_phong import native
from tvdrnet_nv.scenes import room

ROOM = room(6000, seed=3)
SIZE = (48, 64)
CTX = ops.RasterizeGLContext(output_db=False)


def results() -> list[Tensor]:
    """Ids, u, v and depth, the image, the gradients of matrices and eyes, and tangents."""
    matrices, eyes = cameras(ROOM, torch.float32, SIZE[1] / SIZE[0])
    made = scene(ROOM, torch.float32)

    def render(m: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
        return ops.render_phong(made, m, e, SIZE, PHONG)

    leaves = [matrices.clone().requires_grad_(), eyes.clone().requires_grad_()]
    image, rast = render(*leaves)
    grads = torch.autograd.grad((image * image).sum() + rast[..., :2].sum(), leaves)
    tangents = torch.func.jvp(render, (matrices, eyes), (torch.ones_like(matrices), torch.ones_like(eyes)))[1]
    return [ops.face_ids(rast), rast[..., :3].detach(), image.detach(), *grads, *tangents, rast.detach()]


def shift_ids_on_the_cpu(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    made = _cpu.PhongScene32
    monkeypatch.setattr(
        _cpu, "PhongScene32", lambda vertices, records, tri, ids, *rest: made(vertices, records, tri, ids + by, *rest)
    )


def shift_ids_in_cuda_kernels(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    """From shading on, the triangles are those behind `by` others, whose memory does not exist."""
    launched = native.launch
    kept = []

    def launch(kernels: list[str], job: Structure, on: Tensor, grid=None) -> None:
        if kernels[0] == "render_shade":
            image = job.image
            keys = (ctypes.c_int64 * (image.batch * image.height * image.width)).from_address(job.visible)
            for i, key in enumerate(keys):
                keys[i] = key + by if key & 0xFFFFFFFF != 0xFFFFFFFF else key
            rings = torch.frombuffer(
                (ctypes.c_int32 * (3 * job.triangles)).from_address(job.edge_rings), dtype=torch.int32
            )
            kept.append(torch.where(rings >= 0, rings + 3 * by, rings))
            job.tri, job.edge_tri, job.edge_rings = (
                address - 12 * by for address in (job.tri, job.edge_tri, kept[-1].data_ptr())
            )
        launched(kernels, job, on, grid)

    monkeypatch.setattr(native, "launch", launch)


@FORWARD_AD
@pytest.mark.parametrize(
    ("backend", "shift"), [("cpu", shift_ids_on_the_cpu), ("cuda-emulated", shift_ids_in_cuda_kernels)]
)
def test_render_phong_names_triangles_that_float32_cannot(backend: str, shift, monkeypatch) -> None:
    by = MAX_TRIANGLES + 1
    with using(backend):
        want = results()
        shift(monkeypatch, by)
        have = results()
    assert torch.equal(have[0], torch.where(want[0] >= 0, want[0] + by, -1))
    assert len(want[0].unique()) > 100
    for x, y in zip(have[1:-1], want[1:-1], strict=True):
        assert torch.equal(x, y)
    rast = have[-1]
    with using("cpu"), pytest.raises(ValueError, match="rast holds a triangle id that is not a whole number"):
        ops.interpolate(ROOM.vertices, rast, ROOM.faces)


def test_ids_are_exact_up_to_the_most_that_there_can_be() -> None:
    ids = torch.tensor(
        [0, 5, MAX_TRIANGLES - 1, MAX_TRIANGLES, MAX_TRIANGLES + 1, MOST_TRIANGLES - 1], dtype=torch.int32
    )
    named = torch.where(ids < MAX_TRIANGLES, (ids + 1).float(), -(ids + 1).view(torch.float32))
    rast = torch.zeros(7, 4)
    rast[:6, 3] = named
    assert torch.equal(ops.face_ids(rast), torch.cat([ids, torch.tensor([-1], dtype=torch.int32)]))
    assert torch.equal(ops.face_ids(torch.tensor([[0, 0, 0, MOST_TRIANGLES]], dtype=torch.float64)), ids[-1:])


def test_float64_rasterizes_more_triangles() -> None:
    """Only the last can be seen: the others name one vertex three times."""
    tri = torch.zeros(MAX_TRIANGLES + 2, 3, dtype=torch.int32)
    tri[-1] = torch.tensor([0, 1, 2])
    pos = torch.tensor([[[3.0, -1, 0.5, 1], [-1, 3, 0.5, 1], [-1, -1, 0.5, 1]]], dtype=torch.float64)
    rast, _ = ops.rasterize(CTX, pos, tri, (2, 2))
    assert ops.face_ids(rast).unique().tolist() == [MAX_TRIANGLES + 1]


def test_more_triangles_than_int32_counts_corners_of_are_refused() -> None:
    tri = torch.zeros(1, 3, dtype=torch.int32).expand(MOST_TRIANGLES + 1, 3)  # takes no memory
    pos, three = torch.rand(1, 1, 4, dtype=torch.float64), torch.rand(1, 3)
    rast = torch.zeros(1, 1, 1, 4)
    calls = {
        "rasterize": lambda: ops.rasterize(CTX, pos, tri, (1, 1)),
        "topology": lambda: ops.antialias_construct_topology_hash(tri),
        "interpolate": lambda: ops.interpolate(three, rast, tri),
        "antialias": lambda: ops.antialias(rast, rast, pos.float(), tri),
        "render_phong": lambda: ops.PhongScene(three, three, three, tri),
    }
    for call in calls.values():
        with pytest.raises(InputError, match=f"tri has {MOST_TRIANGLES + 1} triangles; their corners are counted in"):
            call()
