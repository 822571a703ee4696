"""Our CUDA kernels: every bit is the CPU kernels'. On a GPU where there is one; the same tests run in the emulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import Mesh, Renderer, ops
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.scenes import room, sphere
from tvdrnet_nv.starts import scene_light, scene_orbit

SMALL = room(5000)


class Place(NamedTuple):
    """Where the kernels run, and how large its images may be."""

    name: str
    device: str


@pytest.fixture(params=[pytest.param("fused", marks=pytest.mark.cuda), "cuda-emulated"])
def place(request) -> Place:
    if request.param == "fused" and not torch.cuda.is_available():
        pytest.skip("no CUDA device: our own kernels are not tested on a GPU")
    return Place(request.param, "cuda" if request.param == "fused" else "cpu")


def assert_same(place: Place, results: Callable[[str], list[Tensor]]) -> list[Tensor]:
    """The results on the place's backend and on the CPU's; returns them."""
    with using(place.name):
        have = [x.detach().cpu() for x in results(place.device)]
    with using("cpu"):
        want = [x.detach() for x in results("cpu")]
    assert len(have) == len(want)
    for i, (x, y) in enumerate(zip(have, want, strict=True)):
        assert torch.equal(x, y), i
        assert float(y.abs().max()) > 0, i
    return want


def random(like: Tensor, seed: int) -> Tensor:
    """The same numbers on each device."""
    return torch.randn(like.shape, generator=torch.Generator().manual_seed(seed)).to(like.device)


def clip_positions(mesh: Mesh, share: float = 1.0) -> Tensor:
    """For two cameras; with a small share of the distance they are among the furniture, much of it behind them."""
    orbit = scene_orbit(mesh, elevation=25.0).expand(2).replace(azimuth=torch.tensor([0.0, 100.0]))
    camera = orbit.replace(distance=share * orbit.distance).camera()
    return camera.to_clip(mesh.vertices, 1.0, near=0.05, far=100.0)


@pytest.mark.parametrize("loss", [ops.view_heuristic_loss, lambda x: ops.mean_squared_error(x, 0 * x[0, ..., :3])])
@pytest.mark.parametrize(
    ("mesh", "size"),
    [(room(20_000), 64), (room(20_000), 256), (room(20_000), 600), (sphere(5), 64), (sphere(5), 600)],
    ids=lambda value: f"{value.num_faces} triangles" if isinstance(value, Mesh) else str(value),
)
def test_a_step_is_the_cpus(place: Place, mesh: Mesh, size: int, loss) -> None:
    """The image of three cameras, its loss, and the gradient of a camera's parameters."""
    if place.name == "cuda-emulated":
        size = min(size, 128)
    orbit = scene_orbit(mesh, elevation=25.0).expand(3).replace(azimuth=torch.tensor([0.0, 100.0, 200.0]))
    view = orbit.camera()

    def results(device: str) -> list[Tensor]:
        R, T = (x.clone().requires_grad_() for x in (view.R, view.T))
        renderer = Renderer(mesh.to(device), size, light=scene_light(orbit[:1]))
        # The cameras' own numbers are the CPU's on both.
        to_clip, eye = view.replace(R=R, T=T).clip_matrix_and_position(1.0, renderer.near, renderer.far, flip_y=True)
        image, rast = renderer._drawing.images(
            to_clip.to(device), eye.to(device), (size, size), renderer._phong, head=False
        )
        losses = loss(image)
        return [image, rast, losses, *torch.autograd.grad(losses.sum(), (R, T))]

    assert_same(place, results)


@FORWARD_AD
def test_tangents_of_an_image_are_the_cpus(place: Place) -> None:
    """As Levenberg–Marquardt takes them: along the clip matrix and the eye."""
    orbit = scene_orbit(SMALL, elevation=25.0).expand(2).replace(azimuth=torch.tensor([0.0, 100.0]))
    camera = orbit.camera()

    def results(device: str) -> list[Tensor]:
        renderer = Renderer(SMALL.to(device), 96, light=scene_light(orbit[:1]))
        given = camera.clip_matrix_and_position(1.0, renderer.near, renderer.far, flip_y=True)
        there = tuple(x.to(device) for x in given)

        def image(to_clip: Tensor, eye: Tensor) -> tuple[Tensor, Tensor]:
            return renderer._drawing.images(to_clip, eye, (96, 96), renderer._phong, head=False)

        primals, tangents = torch.func.jvp(image, there, tuple(random(x, 1) for x in there))
        return [*primals, *tangents]

    assert_same(place, results)


@FORWARD_AD
@pytest.mark.parametrize("share", [1.0, 0.1])
def test_the_general_ops_and_their_tangents_are_the_cpus(place: Place, share: float) -> None:
    """From outside, and from within, where triangles are clipped at the near plane and behind the camera."""
    pos = clip_positions(SMALL, share)
    assert (share < 1) == bool((pos[..., 3] < 0).any())

    def results(device: str) -> list[Tensor]:
        there, leaf = SMALL.to(device), pos.to(device).requires_grad_()

        def ours(p: Tensor) -> tuple[Tensor, ...]:
            rast, db = ops.rasterize(ops.RasterizeCudaContext(), p, there.faces, (80, 120))
            color, da = ops.interpolate(there.colors, rast, there.faces, rast_db=db, diff_attrs="all")
            return rast, db, ops.antialias(torch.cat([color, da], -1), rast, p, there.faces, walk=64)

        found = ours(leaf)
        (gradient,) = torch.autograd.grad(sum((x * random(x, i)).sum() for i, x in enumerate(found)), leaf)
        tangents = torch.func.jvp(ours, (leaf.detach(),), (random(leaf, 5),))[1]
        return [*found, gradient, *tangents]

    assert_same(place, results)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("sign", [-1, 1])
def test_triangles_across_each_plane_of_the_view_are_the_cpus(place: Place, axis: int, sign: int) -> None:
    """One or two vertices beyond one plane; some of those land behind the camera as well."""
    generator = torch.Generator().manual_seed(0)
    pos = torch.randn((2, 60, 4), generator=generator) * 0.6
    pos[..., 3] = 1 + torch.rand((2, 60), generator=generator)
    beyond = (torch.arange(60) % 3 >= 1) & (torch.arange(60) % 2 == 0)
    pos[:, beyond, axis] = sign * 1.5 * pos[:, beyond, 3]
    pos[0, 2::6, 3] *= -0.5
    tri = torch.randint(0, 60, (90, 3), generator=generator).int()

    def results(device: str) -> list[Tensor]:
        leaf = pos.to(device).requires_grad_()
        rast, db = ops.rasterize(ops.RasterizeCudaContext(), leaf, tri.to(device), (33, 47))
        (gradient,) = torch.autograd.grad(((rast + db) * random(rast, 0)).sum(), leaf)
        return [rast, db, gradient]

    assert_same(place, results)


def test_layers_and_ranges_are_the_cpus(place: Place) -> None:
    pos, count = clip_positions(SMALL)[0].contiguous(), SMALL.num_faces
    ranges = torch.tensor([[0, count], [count // 3, count // 2], [5, 0]], dtype=torch.int32)  # on the CPU always

    def results(device: str) -> list[Tensor]:
        context, leaf, tri = ops.RasterizeCudaContext(), pos.to(device).requires_grad_(), SMALL.faces.to(device)
        found = list(ops.rasterize(context, leaf, tri, (50, 70), ranges))
        with ops.DepthPeeler(context, leaf, tri, (50, 70), ranges) as peeler:
            found += [x for _ in range(4) for x in peeler.rasterize_next_layer()]
        (gradient,) = torch.autograd.grad(sum((x * random(x, i)).sum() for i, x in enumerate(found)), leaf)
        return [*found, gradient]

    want = assert_same(place, results)
    assert float((want[0][1, ..., 3] > 0).float().mean()) > 0.02
    assert float(want[0][2].abs().max()) == 0  # a range of nothing
