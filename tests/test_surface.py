"""The depth at the pixels: its derivatives with respect to the camera and the vertices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.test_renderer_gradients import inside_out
from tvdrnet_nv import Camera, Mesh, Orbit, Renderer, surface
from tvdrnet_nv.camera import rotation_from_vector
from tvdrnet_nv.ops import backends
from tvdrnet_nv.optimization.jacobian import image_jacobian
from tvdrnet_nv.scenes import room, sphere

SIZE = (14, 18)
# Inside a sphere nothing is hidden; off its middle, depth is no constant.
TRUTH = Orbit.create(0.3, 12.0, 33.0, 62.0, at=(0.05, -0.1, 0.08), dtype=torch.float64).camera()


def moved(numbers: Tensor) -> Camera:
    """Cameras that are turned, moved, zoomed and shifted by numbers [N, 10]."""
    count = len(numbers)
    turn = rotation_from_vector(numbers[:, :3])
    return Camera(
        turn @ TRUTH.R.expand(count, 3, 3),
        TRUTH.T + numbers[:, 3:6],
        TRUTH.focal + numbers[:, 6:8],
        TRUTH.principal + 0.1 + numbers[:, 8:10],
    )


def depths(renderer: Renderer):
    def image(x: Tensor, _: Tensor) -> Tensor:
        return renderer(moved(1e-3 * x)).depth  # differences of 1e-6

    return image


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_forward_mode_is_what_differences_say(backend: str) -> None:
    with backends.using(backend):
        renderer = Renderer(inside_out(sphere(2)), SIZE, antialias=False, dtype=torch.float64)
        here, rows = torch.zeros(1, 10, dtype=torch.float64), torch.zeros(1, dtype=torch.int64)
        value, exact = image_jacobian(depths(renderer), here, rows, forward_mode=True)
        same, differences = image_jacobian(depths(renderer), here, rows, forward_mode=False)
    torch.testing.assert_close(value, same, rtol=1e-12, atol=0)
    torch.testing.assert_close(exact, differences, rtol=1e-5, atol=1e-9)
    assert (exact[0].flatten(1).norm(dim=1) > 1e-4).all()


def test_the_backward_pass_agrees_with_forward_mode() -> None:
    renderer = Renderer(room(5000), SIZE, dtype=torch.float64)
    camera = Orbit.create(5.0, 40.0, 30.0, dtype=torch.float64).camera()
    weights = torch.rand(*SIZE, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    along = torch.tensor([[0.3, -0.2, 0.5]], dtype=torch.float64)

    def total(T: Tensor) -> Tensor:
        return (renderer(camera.replace(T=T)).depth * weights).sum()

    T = camera.T.clone().requires_grad_()
    total(T).backward()
    assert T.grad is not None
    slope = torch.func.jvp(total, (camera.T,), (along,))[1]
    torch.testing.assert_close((T.grad * along).sum(), slope)
    assert abs(float(slope)) > 0.1


def test_moving_vertices_move_the_depth() -> None:
    mesh = inside_out(sphere(1))

    def depth(vertices: Tensor) -> Tensor:
        moved = Mesh(vertices, mesh.faces, mesh.colors)
        return Renderer(moved, SIZE, antialias=False, dtype=torch.float64)(TRUTH).depth.mean()

    vertices = mesh.vertices.clone().requires_grad_()
    depth(vertices).backward()
    assert vertices.grad is not None
    step = torch.tensor([0.0, 2.0**-10, 0.0])
    with torch.no_grad():
        difference = float(depth(mesh.vertices + step) - depth(mesh.vertices - step)) * 2**9
    assert float(vertices.grad[:, 1].sum()) == pytest.approx(difference, rel=1e-3)


def test_faces_seen_from_the_side_and_the_background_have_finite_derivatives() -> None:
    # One triangle before the camera, and one in a plane through the eye.
    vertices = torch.tensor([[-1.0, -1, 3], [1, -1, 3], [0, 1, 3], [0, -1, 1], [0, 1, 1], [1e-9, 0, 2]])
    faces = torch.tensor([[0, 2, 1], [0, 1, 2], [3, 4, 5]], dtype=torch.int32)
    mesh = Mesh(vertices, faces, torch.ones(6, 3))
    T = torch.zeros(1, 3, requires_grad=True)
    depth = Renderer(mesh, SIZE)(Camera(torch.eye(3)[None], T, torch.ones(1, 2), torch.zeros(1, 2))).depth
    assert (depth == 0).any()
    assert (depth > 2).any()
    depth.sum().backward()
    assert T.grad is not None
    assert T.grad.isfinite().all()
    assert float(T.grad[0, 2]) != 0


def test_attributes_of_more_faces_than_float32_names_are_the_ops(monkeypatch) -> None:
    """`ops.interpolate` does not take the ids of such scenes; what is done instead is the same."""
    renderer, found = Renderer(room(5000), SIZE), []
    for most in (2**24, 10):
        monkeypatch.setattr(surface, "MAX_TRIANGLES", most)
        camera = Orbit.create(5.0, 40.0, 30.0).camera()
        T = camera.T.clone().requires_grad_()
        render = renderer(camera.replace(T=T))
        (grad,) = torch.autograd.grad(render.normals[..., 0].sum() + render.depth.sum(), T)
        found.append([render.normals.detach(), render.depth.detach(), grad])
    for have, want in zip(*found, strict=True):
        torch.testing.assert_close(have, want, rtol=1e-4, atol=1e-5)
        assert want.any()
