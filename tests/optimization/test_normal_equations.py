"""The Jacobian of residuals, by way of the images' derivatives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import Camera, MatchImage, Mesh, Orbit, Renderer
from tvdrnet_nv.objectives import RobustLoss
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.optimization.jacobian import image_jacobian
from tvdrnet_nv.optimization.normal_equations import averaged_residuals, normal_equations, residuals_and_jacobian
from tvdrnet_nv.optimization.pyramid import averaged
from tvdrnet_nv.renderer import Render
from tvdrnet_nv.scenes import sphere

SIZE = (48, 64)


class OfAverages(MatchImage):
    """The same residuals as `MatchImage`, from averaged images."""

    def residuals_of(self, images: Tensor) -> Tensor:
        return images[..., :3] - self.picture(images)[0]


class Setting:
    """Two cameras inside a ball, where there are no silhouettes, and steps in azimuth, elevation and distance."""

    def __init__(self, mesh: Mesh) -> None:
        self.renderer = Renderer(mesh, SIZE)
        self.start = Orbit.create(0.5, 20.0, [20.0, 160.0], fov=50.0)
        self.rows = torch.arange(2)
        self.here = torch.zeros(2, 3)
        self.target = self.renderer(self.start[:1].replace(azimuth=self.start.azimuth[:1] + 8.0).camera()).rgb[0]

    def camera(self, step: Tensor, owners: Tensor) -> Camera:
        orbit = self.start[owners]
        return orbit.replace(
            azimuth=orbit.azimuth + step[:, 0],
            elevation=orbit.elevation + step[:, 1],
            distance=orbit.distance * step[:, 2].exp(),
        ).camera()

    def jacobian(self, objective: MatchImage, square: int, forward_mode: bool) -> tuple[Tensor, Tensor]:
        return residuals_and_jacobian(
            objective, self.renderer, square, self.camera, self.here, self.rows, forward_mode=forward_mode
        )


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(sphere(3))


@pytest.mark.parametrize("forward_mode", [True, False])
@pytest.mark.parametrize("square", [1, 4])
@pytest.mark.parametrize("kind", [OfAverages, MatchPhotograph])
def test_the_jacobian_is_that_of_differences_along_the_images_tangents(
    setting: Setting, kind: type[MatchPhotograph], square: int, forward_mode: bool
) -> None:
    objective = kind(setting.target)

    def image(step: Tensor, owners: Tensor) -> Tensor:
        return averaged(setting.renderer(setting.camera(step, owners)).rgba, square)

    images, tangents = image_jacobian(image, setting.here, setting.rows, forward_mode=forward_mode)
    images, tangents = images.double(), tangents.double()
    if kind is MatchPhotograph:
        assert float(images[..., 3].min()) > 0.99  # its weights have no gradient
        tangents[..., 3] = 0
    values, jacobian = setting.jacobian(objective, square, forward_mode)
    torch.testing.assert_close(values.double(), objective.residuals_of(images).flatten(1), rtol=0, atol=1e-4)
    assert jacobian.shape == (2, 3, values.shape[1])
    for parameter in range(3):
        along = 1e-5 * tangents[:, parameter]
        change = (objective.residuals_of(images + along) - objective.residuals_of(images - along)) / 2e-5
        have, wanted = jacobian[:, parameter].double(), change.flatten(1)
        assert float(wanted.norm()) > 0.01
        assert float((have - wanted).norm()) < 1e-3 * float(wanted.norm())


@pytest.mark.parametrize("kind", [OfAverages, MatchPhotograph])
def test_the_jacobian_is_that_of_differences_of_cameras(setting: Setting, kind: type[MatchPhotograph]) -> None:
    objective = kind(setting.target)
    _, jacobian = setting.jacobian(objective, 4, True)
    for parameter in range(3):
        step = torch.zeros(2, 3)
        step[:, parameter] = 0.05 if parameter < 2 else 0.001  # 0.05 pixels or so
        ahead, behind = (
            averaged_residuals(objective, setting.renderer(setting.camera(way * step, setting.rows)), 4).flatten(1)
            for way in (1, -1)
        )
        wanted = (ahead - behind) / (2 * float(step[0, parameter]))
        cosine = torch.nn.functional.cosine_similarity(jacobian[:, parameter], wanted)
        assert float(cosine.min()) > 0.999
        assert float((jacobian[:, parameter].norm() / wanted.norm()).log().abs()) < 0.01


@pytest.mark.parametrize("forward_mode", [True, False])
@pytest.mark.parametrize("square", [1, 4])
def test_residuals_of_averages_have_the_jacobian_of_averaged_residuals(
    setting: Setting, square: int, forward_mode: bool
) -> None:
    values, jacobian = setting.jacobian(MatchImage(setting.target), square, forward_mode)
    ours, theirs = setting.jacobian(OfAverages(setting.target), square, forward_mode)
    torch.testing.assert_close(ours, values, rtol=0, atol=1e-6)
    # Differences of float32 residuals and of float32 images round differently.
    torch.testing.assert_close(theirs, jacobian, rtol=1e-4, atol=1e-5 if forward_mode else 1e-3)


def test_the_residuals_of_a_level(setting: Setting) -> None:
    render: Render = setting.renderer(setting.start.camera())
    plain, averages = MatchImage(setting.target), OfAverages(setting.target)
    torch.testing.assert_close(
        averaged_residuals(averages, render, 4), averaged_residuals(plain, render, 4), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("robust", [None, RobustLoss("geman-mcclure", 0.5)])
def test_the_normal_equations_are_sums_over_the_residuals(robust: RobustLoss | None) -> None:
    torch.manual_seed(3)
    residuals, jacobian = torch.randn(2, 50), torch.randn(2, 3, 50)
    rows = normal_equations(residuals, jacobian, robust, None if robust is None else robust.scale)
    assert rows.shape == (2, 1 + 3 + 9)
    assert rows.dtype == torch.float64
    for row, r, j in zip(rows, residuals.double(), jacobian.double(), strict=True):
        weights = torch.ones_like(r) if robust is None else (1 + (r / 0.5).square()).pow(-2)
        losses = r.square() if robust is None else r.square() / (1 + (r / 0.5).square())
        gradient = torch.stack([(weights * j[p] * r).sum() for p in range(3)])
        curvature = torch.stack([(weights * j[p] * j[q]).sum() for p in range(3) for q in range(3)])
        wanted = torch.cat([losses.mean()[None], gradient, curvature])
        torch.testing.assert_close(row, wanted, rtol=1e-5, atol=1e-5)
