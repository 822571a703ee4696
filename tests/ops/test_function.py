"""Ops among torch's own tools: `torch.func`, `torch.compile`, second derivatives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import MatchImage, Renderer, ops, optimize, scene_orbit, scenes

# What torch itself warns of in its own transforms.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Loss = Callable[[Tensor], Tensor]


@pytest.fixture(params=["one op", "several ops"])
def scene(request: pytest.FixtureRequest) -> tuple[Loss, Tensor]:
    """A loss of a camera's T, which `render_phong` draws, or the single ops."""
    mesh = scenes.bumpy_sphere(6, 9)
    renderer, camera = Renderer(mesh, 12), scene_orbit(mesh).camera()
    if request.param == "several ops":
        renderer._drawing._scene = None
    return lambda T: renderer(camera.replace(T=T)).rgba.square().mean(), camera.T


def gradient(loss: Loss, at: Tensor) -> Tensor:
    at = at.clone().requires_grad_()
    return torch.autograd.grad(loss(at), at)[0]


def test_torch_funcs_transforms_give_the_gradient(scene):
    loss, T = scene
    want = gradient(loss, T)
    for found in (torch.func.grad(loss)(T), torch.func.jacrev(loss)(T), torch.func.jacfwd(loss)(T)):
        assert torch.allclose(found, want, atol=1e-6)
    each = torch.func.vmap(torch.func.grad(loss))(torch.stack([T, T]))
    assert torch.allclose(each, want, atol=1e-6)


def test_elements_that_need_other_memory_are_refused_in_one_sentence(scene):
    loss, T = scene
    many = torch.stack([T, T + 0.1])
    with pytest.raises(RuntimeError, match="give the elements as a batch"):
        torch.func.vmap(loss)(many)


@pytest.mark.parametrize(
    "ask",
    [
        torch.autograd.functional.hessian,
        lambda loss, T: torch.func.hessian(loss)(T),
        lambda loss, T: torch.func.jacrev(torch.func.grad(loss))(T),
        lambda loss, T: torch.func.jacrev(torch.func.jacfwd(loss))(T),
        lambda loss, T: torch.func.jacfwd(torch.func.jacfwd(loss))(T),
    ],
    ids=["autograd", "forward over reverse", "reverse over reverse", "reverse over forward", "forward over forward"],
)
def test_second_derivatives_are_refused_in_one_sentence(scene, ask):
    loss, T = scene
    with pytest.raises(RuntimeError, match=r"has no second derivatives.*; take differences of its gradients"):
        ask(loss, T)


def test_gradients_of_gradients_reach_nobody_as_zeros():
    T = torch.tensor([[[0.5, 0.5, 0.0, 1.0], [-0.5, 0.5, 0.0, 1.0], [0.0, -0.5, 0.0, 1.0]]], requires_grad=True)
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32)
    rast, _ = ops.rasterize(ops.RasterizeGLContext(), T, tri, (8, 8))
    (first,) = torch.autograd.grad(rast[..., :2].square().sum(), T, create_graph=True)
    with pytest.raises(RuntimeError, match="has no second derivatives"):
        torch.autograd.grad(first.sum(), T)
    with pytest.raises(RuntimeError, match="has no second derivatives"):
        first.sum().backward()


def test_compiled_programs_call_the_ops(scene):
    loss, T = scene
    torch._dynamo.reset()
    found = torch.compile(loss, backend="eager")(T)
    assert torch.equal(found, loss(T))


def test_compiled_programs_optimize():
    mesh = scenes.bumpy_sphere(6, 9)
    renderer, orbit = Renderer(mesh, 12), scene_orbit(mesh)
    objective = MatchImage(renderer(orbit.camera()).rgb.detach()[0])

    def found(azimuth: Tensor) -> Tensor:
        return optimize(renderer, orbit.replace(azimuth=azimuth + 5.0), objective, iterations=3).best.azimuth * 2.0

    torch._dynamo.reset()
    assert torch.equal(torch.compile(found, backend="eager")(orbit.azimuth), found(orbit.azimuth))
