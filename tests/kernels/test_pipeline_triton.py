"""The kernels together, in the place of the renderer's own steps, and on images of more than 2^31 numbers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.kernels.compare import assert_near
from tests.kernels.on_triton import COMPILED, INTERPRETED, on_triton
from tvdrnet_nv import MatchImage, Orbit, Renderer, ops, view_heuristic
from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.scenes import sphere
from tvdrnet_nv.shading import PhongLight

transform_cuda, shade_cuda = on_triton(ops.transform), on_triton(ops.shade)
view_heuristic_cuda, squared_error_cuda = on_triton(ops.view_heuristic_loss), on_triton(ops.mean_squared_error)

SIZE = (11, 14)
LIGHT = PhongLight()


def orbit(distance: Tensor, elevation: Tensor) -> Orbit:
    return Orbit.create(distance, elevation, torch.tensor([10.0, 80.0]).to(distance))


def ours(backend, distance: Tensor, elevation: Tensor) -> Tensor:
    """Images [2, H, W, 4]. Rasterized on the CPU in any case: what is tested comes before and after."""
    mesh = sphere(1)
    camera = orbit(distance, elevation).camera()
    to_clip = camera.clip_matrix(SIZE[1] / SIZE[0], 0.1, 10.0) * distance.new_tensor([1.0, -1.0, 1.0, 1.0])[:, None]
    pos = transform_cuda(mesh.vertices.to(distance), to_clip)
    rast, _ = ops.rasterize(ops.RasterizeCudaContext(), pos.cpu(), mesh.faces, SIZE)
    attributes = torch.cat([mesh.vertices, mesh.vertex_normals, mesh.colors], dim=1).to(distance)
    phong = LIGHT.over((1.0, 1.0, 1.0))
    image = shade_cuda(attributes, rast.to(distance), mesh.faces.to(backend.device), camera.position, phong)
    return ops.antialias(image.cpu(), rast, pos.cpu(), mesh.faces, walk=64).to(backend.device)


@pytest.mark.parametrize("loss", ["heuristic", "squared error"])
def test_losses_and_camera_gradients_are_the_renderers(backend, loss):
    target = torch.rand((*SIZE, 3), generator=torch.Generator().manual_seed(0)).double()
    start = (torch.tensor([2.5, 3.5]).double(), torch.tensor([20.0, -40.0]).double())
    exact = [x.clone().requires_grad_() for x in start]
    render = Renderer(sphere(1), SIZE, light=LIGHT, dtype=torch.float64)(orbit(*exact).camera())
    expected = view_heuristic(render) if loss == "heuristic" else MatchImage(target)(render)
    expected_gradients = torch.autograd.grad(expected.sum(), exact)

    inputs = [x.to(backend.device, backend.dtype).requires_grad_() for x in start]
    image = ours(backend, *inputs)
    got = view_heuristic_cuda(image) if loss == "heuristic" else squared_error_cuda(image, target.to(image))
    assert_near(got, expected, backend)
    for g, e in zip(torch.autograd.grad(got.sum(), inputs), expected_gradients, strict=True):
        assert float(e.abs().min()) > 0
        assert_near(g, e, backend, share=50)  # a pixel's edge crosses many small differences


@pytest.mark.parametrize("loss", ["heuristic", "squared error"])
def test_the_renderer_and_the_objectives_take_the_kernels(backend, loss, monkeypatch):
    expected = losses_and_gradients(loss, torch.device("cpu"))
    called: list[str] = []
    monkeypatch.setattr(cuda, "load", lambda op, load=cuda.load: called.append(op) or load(op))
    with using(INTERPRETED), using(COMPILED):  # for CPU tensors, and for those on a CUDA device
        got = losses_and_gradients(loss, backend.device)
    assert set(called) == {"transform", "shade", "losses"}
    for have, want in zip(got, expected, strict=True):
        torch.testing.assert_close(have.cpu(), want, rtol=2e-3, atol=1e-6)


def losses_and_gradients(loss: str, device: torch.device) -> list[Tensor]:
    target = torch.rand((*SIZE, 3), generator=torch.Generator().manual_seed(0)).to(device)
    inputs = [torch.tensor(x, device=device, requires_grad=True) for x in ([2.5, 3.5], [20.0, -40.0])]
    renderer = Renderer(sphere(1).to(device), SIZE, light=LIGHT, antialias=False)
    render = renderer(orbit(*inputs).camera())
    losses = view_heuristic(render) if loss == "heuristic" else MatchImage(target)(render)
    return [losses.detach(), *torch.autograd.grad(losses.sum(), inputs)]


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: the Triton kernels are not tested compiled")
def test_batches_of_more_than_two_to_the_31_numbers():
    if torch.cuda.mem_get_info()[0] < 40 * 2**30:
        pytest.skip("needs 40 GiB of free GPU memory")
    batch, size = 33, 4096
    rast = torch.zeros((batch, size, size, 4), device="cuda")
    rast[-1, -1] = torch.tensor([0.2, 0.3, 0.0, 1.0])
    assert rast.numel() > 2**31
    attributes = torch.rand((3, 9), generator=torch.Generator().manual_seed(0)).cuda()
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32, device="cuda")
    eye = torch.full((batch, 3), 2.0, device="cuda", requires_grad=True)
    phong = ops.Phong((3.0, 3.0, 2.0), 0.5, 0.8, 0.3, 2.0)
    image = shade_cuda(attributes, rast, tri, eye, phong)
    alone = eye[-1:].detach().clone().requires_grad_()
    expected = shade_cuda(attributes, rast[-1:], tri, alone, phong)
    assert torch.equal(image[-1:], expected)
    assert float(expected[..., 3].sum()) == size
    loss, expected_loss = view_heuristic_cuda(image), view_heuristic_cuda(expected)
    assert torch.equal(loss[-1:], expected_loss)
    loss.sum().backward()
    expected_loss.sum().backward()
    assert bool(alone.grad.any())
    assert torch.equal(eye.grad[-1:], alone.grad)
