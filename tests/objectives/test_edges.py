"""Edges in place of colours: their formula, what they do not see, and a camera found by them."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import MatchImage, Mesh, Orbit, Renderer, Status, optimize
from tvdrnet_nv.objectives import MatchEdges, MatchPhotograph
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT

MESH = room(6000)
TRUTH = Orbit.create(6.0, 50.0, 60.0, at=MESH.center.tolist())


def other_colours(colors: torch.Tensor) -> torch.Tensor:
    """Other hues; what was brighter may be darker."""
    r, g, b = colors.unbind(-1)
    return torch.stack([1 - g, b, 1 - 0.7 * r], -1)


def test_the_edges_of_a_slope_run_across_it() -> None:
    columns = torch.linspace(0, 1, 21, dtype=torch.float64)
    for turn, sign in ((False, 1.0), (True, -1.0)):
        plane = columns.expand(21, 21).T if turn else columns.expand(21, 21)
        planes = torch.stack([plane, plane, plane])
        ones = torch.ones(1, 1, 21, 21, dtype=torch.float64)
        size, cosine, sine = MatchEdges(planes.movedim(0, -1)).features(planes, ones)[0, :, 10, 10].tolist()
        slope = 3 * 0.05**2
        m = (slope + 0.02**2) ** 0.5
        assert (size, cosine, sine) == pytest.approx((m**0.5 - 0.02**0.5, sign * slope / m**1.5, 0.0), abs=1e-9)
        turned = MatchEdges(planes.movedim(0, -1)).features(1 - planes, ones)[0, :, 10, 10].tolist()
        assert turned == pytest.approx((size, cosine, sine))


def test_slopes_next_to_a_hole_do_not_count() -> None:
    planes = torch.rand(3, 12, 12, generator=torch.Generator().manual_seed(0))
    weights = torch.ones(1, 1, 12, 12)
    weights[..., 5, 5] = 0
    edges = MatchEdges(planes.movedim(0, -1)).features(planes, weights)[0]
    zero = (edges == 0).all(0)
    assert zero[4:7, 4:7].all()
    assert int(zero.sum()) == 9


def test_levenberg_marquardt_finds_a_camera_again_from_a_picture_in_other_colours() -> None:
    renderer = Renderer(MESH, (48, 64), light=UNLIT)
    painted = Renderer(Mesh(MESH.vertices, MESH.faces, other_colours(MESH.colors)), (48, 64), light=UNLIT)
    with torch.no_grad():
        target = painted(TRUTH.camera()).rgb[0].clamp(0, 1)
    start = TRUTH.replace(elevation=TRUTH.elevation - 5, azimuth=TRUTH.azimuth + 7, distance=TRUTH.distance * 1.06)
    off = {}
    for kind in (MatchEdges, MatchPhotograph, MatchImage):
        result = optimize(renderer, start, kind(target))
        off[kind] = float((result.best.camera().position - TRUTH.camera().position).norm())
        assert (result.status == Status.CONVERGED) == (kind is MatchEdges)
    assert off[MatchEdges] < 0.02
    assert min(off[MatchPhotograph], off[MatchImage]) > 0.2


def test_the_gradient_is_that_of_differences() -> None:
    made = torch.Generator().manual_seed(1)
    image, target, along = (torch.rand(1, 10, 14, 4, generator=made, dtype=torch.float64) for _ in range(3))
    image[..., 3] = 1
    along[..., 3] = 0
    objective = MatchEdges(target[0, ..., :3])

    def loss(image: torch.Tensor) -> torch.Tensor:
        return objective.loss_of(objective.residuals_of(image)).sum()

    slope = torch.func.jvp(loss, (image,), (along,))[1]
    difference = (loss(image + 1e-6 * along) - loss(image - 1e-6 * along)) / 2e-6
    torch.testing.assert_close(slope, difference, rtol=1e-6, atol=1e-9)
