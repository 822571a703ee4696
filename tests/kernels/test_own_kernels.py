"""Our CUDA kernels on a GPU: every bit is the CPU kernels', as it is in the emulation."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import Mesh, Renderer, ops
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.scenes import room, sphere
from tvdrnet_nv.starts import scene_light, scene_orbit

pytestmark = pytest.mark.cuda


@pytest.fixture(autouse=True)
def gpu() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device: our own kernels are not tested on a GPU")


def results(mesh: Mesh, size: int, device: str, loss) -> list[Tensor]:
    """The image of three cameras, its loss, and the gradient of a camera's parameters."""
    orbit = scene_orbit(mesh, elevation=25.0).expand(3).replace(azimuth=torch.tensor([0.0, 100.0, 200.0]))
    view = orbit.camera()
    R, T = (x.clone().requires_grad_() for x in (view.R, view.T))
    renderer = Renderer(mesh.to(device), size, light=scene_light(orbit[:1]))
    # The cameras' own numbers are the CPU's on both.
    to_clip, eye = view.replace(R=R, T=T).clip_matrix_and_position(1.0, renderer.near, renderer.far, flip_y=True)
    image, rast = renderer._drawing.images(
        to_clip.to(device), eye.to(device), (size, size), renderer._phong, head=False
    )
    losses = loss(image)
    gradients = torch.autograd.grad(losses.sum(), (R, T))
    return [x.detach().cpu() for x in (image, rast, losses, *gradients)]


@pytest.mark.parametrize("loss", [ops.view_heuristic_loss, lambda x: ops.mean_squared_error(x, 0 * x[0, ..., :3])])
@pytest.mark.parametrize("size", [64, 256, 600])
@pytest.mark.parametrize("mesh", [room(20_000), sphere(5)], ids=["room", "sphere"])
def test_a_step_is_the_cpus(mesh: Mesh, size: int, loss) -> None:
    with using("fused"):
        have = results(mesh, size, "cuda", loss)
    for x, y in zip(have, results(mesh, size, "cpu", loss), strict=True):
        assert torch.equal(x, y)


def test_the_general_ops_are_the_cpus() -> None:
    mesh, found = room(20_000), []
    pos = scene_orbit(mesh, elevation=25.0).camera().to_clip(mesh.vertices, 1.0, near=0.05, far=100.0)
    for device in ("cuda", "cpu"):
        there = mesh.to(device)
        leaf = pos.to(device).requires_grad_()
        with using("fused"):
            rast, db = ops.rasterize(ops.RasterizeCudaContext(), leaf, there.faces, (200, 300))
            color, da = ops.interpolate(there.colors, rast, there.faces, rast_db=db, diff_attrs="all")
            image = ops.antialias(torch.cat([color, da], -1), rast, leaf, there.faces, walk=64)
            (gradient,) = torch.autograd.grad(image.square().sum(), leaf)
        found.append([x.detach().cpu() for x in (rast, db, image, gradient)])
    for x, y in zip(*found, strict=True):
        assert torch.equal(x, y)
