"""A depth picture as a term of the loss."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv import MatchImage, Mesh, Orbit, Renderer, optimize
from tvdrnet_nv.objectives import MatchPhotograph
from tvdrnet_nv.objectives.depth import DepthTerm, nearest
from tvdrnet_nv.optimization.normal_equations import residuals_and_jacobian
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT

RENDERER = Renderer(room(6000), (36, 48))
TRUTH = Orbit.create(6.0, 50.0, 60.0, at=RENDERER.mesh.center.tolist())
with torch.no_grad():
    SEEN = RENDERER(TRUTH.camera())
    DEPTH, PICTURE = SEEN.depth[0, ..., 0], SEEN.rgb[0].clamp(0, 1)


def test_residuals_are_those_of_the_formula() -> None:
    wanted = DEPTH * 1.1
    wanted[:10] = 0
    residuals = DepthTerm(wanted, 0.1).residuals(SEEN)
    assert residuals.shape == (1, 36, 48, 1)
    counts = (DEPTH > 0) & (wanted > 0)
    r = -math.log(1.1) / 0.05
    expected = torch.where(counts, -0.1 * math.sqrt(2 * (math.sqrt(1 + r * r) - 1)), 0.0)
    torch.testing.assert_close(residuals[0, ..., 0], expected, rtol=1e-4, atol=1e-6)


def test_unknown_depths_and_masked_pixels_do_not_count() -> None:
    broken = DEPTH.clone()
    broken[:18] = float("nan")
    broken[18:] *= 2
    mask = torch.ones_like(DEPTH)
    mask[18:] = 0
    for kind in (MatchImage, MatchPhotograph):
        right = kind(PICTURE, mask=mask, depth=DEPTH)(SEEN)
        torch.testing.assert_close(kind(PICTURE, mask=mask, depth=broken)(SEEN), right)
        assert float(kind(PICTURE, depth=broken)(SEEN)) > float(kind(PICTURE, depth=DEPTH)(SEEN)) + 1e-4


@pytest.mark.parametrize("kind", [MatchImage, MatchPhotograph])
def test_levenberg_marquardt_gets_the_derivatives_of_depth(kind: type[MatchImage]) -> None:
    renderer = Renderer(RENDERER.mesh, (36, 48), dtype=torch.float64)
    objective = kind(PICTURE.double(), depth=DEPTH.double())
    start = TRUTH.replace(azimuth=TRUTH.azimuth + 3).camera().to(torch.float64)

    def camera(step: torch.Tensor, rows: torch.Tensor):
        return start[rows].replace(T=start.T[rows] + 1e-2 * step)

    here, rows = torch.zeros(1, 3, dtype=torch.float64), torch.zeros(1, dtype=torch.int64)
    made = [
        residuals_and_jacobian(objective, renderer, 2, camera, here, rows, forward_mode=mode)[1]
        for mode in (True, False)
    ]
    exact, differences = (jacobian.unflatten(2, (18, 24, -1))[..., -1] for jacobian in made)
    # The differences see depth edges pass pixels' centres; most squares of pixels have none.
    off = (exact - differences).abs() > 1e-3 * differences.abs().amax()
    assert float(off.double().mean()) < 0.1
    assert float(exact.abs().amax()) > 1e-3


def test_depth_alone_finds_a_camera_again() -> None:
    mesh = RENDERER.mesh
    bare = Renderer(Mesh(mesh.vertices, mesh.faces, torch.full_like(mesh.colors, 0.5)), (36, 48), light=UNLIT)
    bare.background = (0.5, 0.5, 0.5)  # all cameras see the same
    start = TRUTH.replace(elevation=TRUTH.elevation - 4, azimuth=TRUTH.azimuth + 5, distance=TRUTH.distance * 1.05)
    with torch.no_grad():
        picture = bare(TRUTH.camera()).rgb[0]
    assert MatchImage(picture).reason_without_gradient
    objective = MatchImage(picture, depth=DEPTH)
    assert objective.reason_without_gradient == ""
    best = optimize(bare, start, objective).best
    assert abs(float(best.azimuth - TRUTH.azimuth)) < 0.2
    assert abs(float(best.distance - TRUTH.distance)) < 0.01 * 6


def test_of_other_sizes_the_nearest_depths_are_taken() -> None:
    depth = torch.tensor([[1.0, 0, 3, 4], [5, 6, 7, 8]])
    assert nearest(depth, (1, 2)).tolist() == [[0 + 6.0, 8.0]]
    assert nearest(depth, (4, 4))[1].tolist() == depth[0].tolist()


@pytest.mark.parametrize(
    ("depth", "says"),
    [
        (torch.ones(3, 4), r"must have the target's shape, \[36, 48\]; got \[3, 4\]"),
        (torch.ones(36, 48, 3), r"must have shape \[H, W\]"),
        (-DEPTH, "negative"),
        (torch.full((36, 48), float("nan")), "no known value"),
    ],
)
def test_what_is_no_depth_is_refused(depth: torch.Tensor, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MatchImage(PICTURE, depth=depth)
    with pytest.raises(TypeError, match="must be floats"):
        MatchImage(PICTURE, depth=torch.ones(36, 48, dtype=torch.int32))
