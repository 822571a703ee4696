"""The results do not depend on the number of threads, bit for bit, nor on the run."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv.conformance.scenes import CTX, normal, random_faces
from tvdrnet_nv.ops import antialias, interpolate, rasterize

RESOLUTION = (150, 200)
VERTICES, TRIANGLES, BATCH = 900, 3000, 3


def scene(ranged: bool) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Small triangles over the whole image, many to a vertex; a few are large or reach behind the camera."""
    center = 2 * torch.rand(30, 1, 2, generator=torch.Generator().manual_seed(0)) - 1
    pos = normal(1, 1 if ranged else BATCH, VERTICES, 4).float()
    spread = (center + 0.15 * pos[..., :2].reshape(-1, 30, VERTICES // 30, 2)).reshape(*pos.shape[:2], 2)
    pos[..., 3] = pos[..., 3].abs() + 0.5
    pos[..., :2] = spread * pos[..., 3:]
    pos[..., 2] *= 0.2
    pos[:, ::90, 3] *= -0.1
    within = random_faces(2, VERTICES // 30, TRIANGLES)
    tri = within + (torch.arange(TRIANGLES, dtype=torch.int32)[:, None] % 30) * (VERTICES // 30)
    attr = normal(3, VERTICES, 3).float() if ranged else normal(3, BATCH, VERTICES, 3).float()
    ranges = torch.tensor([[0, 3000], [500, 2000], [1000, 2000]], dtype=torch.int32) if ranged else None
    return (pos[0] if ranged else pos), attr, tri, ranges


def forward_and_backward(ranged: bool) -> list[Tensor]:
    pos, attr, tri, ranges = scene(ranged)
    pos.requires_grad_()
    attr.requires_grad_()
    rast, rast_db = rasterize(CTX, pos, tri, RESOLUTION, ranges=ranges)
    out, out_da = interpolate(attr, rast, tri, rast_db, "all")
    image = antialias(torch.cat((out, out_da), dim=-1), rast, pos, tri)
    results = [rast, rast_db, out, out_da, image]
    for i, output in enumerate((rast[..., :2], rast_db, out, out_da, image)):
        weight = normal(10 + i, *output.shape).float()
        grads = torch.autograd.grad(output, (pos, attr), weight, retain_graph=True, allow_unused=True)
        results += [g for g in grads if g is not None]
    assert len(results) == 5 + 1 + 1 + 3 * 2
    return [r.detach() for r in results]


def tangents(ranged: bool) -> list[Tensor]:
    pos, attr, tri, ranges = scene(ranged)

    def render(pos: Tensor, attr: Tensor) -> tuple[Tensor, ...]:
        rast, rast_db = rasterize(CTX, pos, tri, RESOLUTION, ranges=ranges)
        out, out_da = interpolate(attr, rast, tri, rast_db, "all")
        return rast, rast_db, out, out_da, antialias(torch.cat((out, out_da), dim=-1), rast, pos, tri)

    moves = (normal(20, *pos.shape).float(), normal(21, *attr.shape).float())
    values, changes = torch.func.jvp(render, (pos, attr), moves)
    return [*values, *changes]


@FORWARD_AD
@pytest.mark.usefixtures("restored_threads")
@pytest.mark.parametrize("ranged", [False, True])
@pytest.mark.parametrize("run", [forward_and_backward, tangents])
def test_any_number_of_threads_gives_the_same_bits(run, ranged):
    torch.set_num_threads(1)
    want = run(ranged)
    covered = (want[0][..., 3] > 0).float().mean()
    assert 0.5 < covered < 1
    assert all(w.any() for w in want)
    for threads in (1, 2, 8, 8):
        torch.set_num_threads(threads)
        for have, expected in zip(run(ranged), want, strict=True):
            assert torch.equal(have.nan_to_num(), expected.nan_to_num())
            assert torch.equal(have.isnan(), expected.isnan())
