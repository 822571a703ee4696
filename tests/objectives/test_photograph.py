"""A photograph is matched by its local contrast: the formula, what it does not see, and what holes cost."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.objectives.direct_means import direct_means
from tvdrnet_nv import Camera, Mesh, Orbit, Renderer
from tvdrnet_nv.objectives import RobustLoss
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.scenes import room

BEHIND = (0.9, 0.6, 0.2)
SIZE = (24, 32)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return room(5000, seed=1)


def picture(count: int = 1, seed: int = 0, size: tuple[int, int] = SIZE) -> Tensor:
    """[N, H, W, 4] float64: colours, and coverage from 0.1 to 1."""
    made = torch.rand(count, *size, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    made[..., 3] = 0.1 + 0.9 * made[..., 3]
    return made


def covered(colours: Tensor) -> Tensor:
    """[..., 4]: colours that the scene has everywhere."""
    return torch.cat([colours, torch.ones_like(colours[..., :1])], -1)


def direct_residuals(rgba: np.ndarray, target: np.ndarray, mask: np.ndarray, enough: float) -> np.ndarray:
    """[H, W, 6]: what `MatchPhotograph` defines, written out for one image."""
    share = mask / mask.mean()
    alpha = rgba[..., 3]
    weights = alpha**2 * share
    width = max(20.0, 0.33 * min(alpha.shape))
    total = direct_means(weights, width) + 1e-4
    residuals = np.empty((*alpha.shape, 6))
    overlap = weights.mean()
    for channel in range(3):
        own = (rgba[..., channel] - (1 - alpha) * BEHIND[channel]) / np.maximum(alpha, 0.05)
        normalised = []
        for plane in (own, target[..., channel]):
            centred = plane - direct_means(weights * plane, width) / total
            variance = direct_means(weights * centred**2, width) / total
            normalised.append(centred / np.sqrt(variance + 0.08**2))
        residuals[..., channel] = np.sqrt(weights / max(overlap, enough)) * (normalised[0] - normalised[1])
        residuals[..., 3 + channel] = 1.2 * np.sqrt(max(1 - overlap / enough, 0))
    return residuals


@pytest.mark.parametrize("size", [SIZE, (50, 41)])
@pytest.mark.parametrize("masked", [False, True])
def test_residuals_are_those_of_the_formula(size: tuple[int, int], masked: bool) -> None:
    images, target = picture(2, size=size), picture(seed=1, size=size)[0, ..., :3]
    mask = picture(seed=2, size=size)[0, ..., 3] if masked else torch.ones(size, dtype=torch.float64)
    objective = MatchPhotograph(target, mask=mask if masked else None, background=BEHIND)
    residuals = objective.residuals_of(images)
    assert residuals.shape == (2, *size, 6)
    for image, have in zip(images, residuals, strict=True):
        wanted = torch.from_numpy(direct_residuals(image.numpy(), target.numpy(), mask.numpy(), 0.9 if masked else 0.5))
        torch.testing.assert_close(have, wanted, rtol=0, atol=1e-10)


def test_the_loss_is_the_robust_one_of_the_residuals(mesh: Mesh) -> None:
    render = Renderer(mesh, SIZE)(Orbit.create([3.0, 4.0], 30.0, [10.0, 70.0]).camera())
    target = render.rgb[1].clone()
    residuals = MatchPhotograph(target).residuals(render)
    squares = residuals.double().square()
    wanted = (squares / (1 + squares)).mean((1, 2, 3))
    torch.testing.assert_close(MatchPhotograph(target)(render).double(), wanted, rtol=1e-5, atol=1e-8)
    plain = MatchPhotograph(target, robust=None)
    squares = plain.residuals(render).double().square()
    torch.testing.assert_close(plain(render).double(), squares.mean((1, 2, 3)), rtol=1e-5, atol=1e-8)


def test_gain_and_offset_of_each_channel_do_not_count() -> None:
    # With strong contrast, beside which the floor of 0.08 is small.
    colours = (picture()[..., :3] > 0.5).double()
    gains, offsets = torch.tensor([0.7, 1.3, 0.9]).double(), torch.tensor([0.1, -0.2, 0.05]).double()
    objective = MatchPhotograph((gains * colours + offsets)[0])
    same = float(objective.loss_of(objective.residuals_of(covered(colours))))
    other = float(objective.loss_of(objective.residuals_of(covered(picture(seed=5)[..., :3]))))
    assert same < 1e-3 * other
    # A slow change of the light counts little.
    light = torch.linspace(0.6, 1.4, SIZE[1], dtype=torch.float64)[:, None]
    lit = MatchPhotograph((light * colours)[0])
    assert float(lit.loss_of(lit.residuals_of(covered(colours)))) < 0.1 * other


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # torch's own, in forward mode
def test_the_gradient_of_the_colours_is_that_of_differences() -> None:
    target, images = picture(seed=1, size=(5, 6))[0, ..., :3], picture(size=(5, 6))
    objective = MatchPhotograph(target, background=BEHIND)
    alpha = images[..., 3:]  # whose weights have no gradient

    def residuals(colours: Tensor) -> Tensor:
        return objective.residuals_of(torch.cat([colours, alpha], -1))

    colours = images[..., :3].clone().requires_grad_()
    assert torch.autograd.gradcheck(residuals, colours, check_forward_ad=True, check_batched_grad=False)


@pytest.mark.parametrize("robust", [RobustLoss("geman-mcclure", 1.0), RobustLoss("huber", 0.1), None])
def test_a_view_past_the_scene_costs_as_much_as_a_wrong_one(robust: RobustLoss | None) -> None:
    colours = (picture()[..., :3] > 0.5).double()
    objective = MatchPhotograph(colours[0], robust=robust)

    def loss(image: Tensor) -> float:
        return float(objective.loss_of(objective.residuals_of(image)))

    nothing = torch.ones(1, *SIZE, 4, dtype=torch.float64)
    nothing[..., 3] = 0
    wrong = [covered((picture(seed=seed)[..., :3] > 0.5).double()) for seed in range(1, 6)]
    assert all(loss(nothing) >= loss(image) > 0.01 for image in wrong)
    # Down to half of the picture, holes are neither good nor bad; below, what is missing counts.
    for columns, least in ((32, 0.0), (16, 0.0), (8, 0.4), (4, 0.6)):
        part = nothing.clone()
        part[:, :, :columns] = covered(colours)[:, :, :columns]
        assert least * loss(nothing) <= loss(part) <= (least + 0.4) * loss(nothing) + 1e-20
    assert loss(covered(colours)) < 1e-20


def test_a_camera_that_looks_past_the_room_costs_more_than_wrong_views(mesh: Mesh) -> None:
    renderer = Renderer(mesh, (48, 64))
    centre = mesh.vertices.mean(0)
    turned = [(2.0, 0.0, 0.3), (0.0, 2.0, 0.3), (-2.0, 0.3, 0.0), (0.3, 0.0, -2.0)]
    views = [Camera.from_look_at(centre, centre + torch.tensor(ahead)) for ahead in turned]
    target = renderer(views[0]).rgb[0]
    objective = MatchPhotograph(target)
    away = centre + torch.tensor([0.0, 1000.0, 0.0])
    past = renderer(Camera.from_look_at(away, away + torch.tensor([2.0, 1.0, 0.0])))
    assert float(past.alpha.max()) == 0
    losses = [float(objective(renderer(view))) for view in views]
    assert losses[0] < min(losses[1:])
    assert float(objective(past)) >= max(losses)


def test_masked_pixels_do_not_count_in_their_windows_either() -> None:
    colours = picture()[..., :3]
    target, mask = colours[0].clone(), torch.ones(SIZE, dtype=torch.float64)
    mask[:, 20:] = 0
    target[:, 20:] = 1.0  # nothing of the picture
    masked, unmasked = MatchPhotograph(target, mask=mask), MatchPhotograph(target)
    images = covered(colours)
    assert float(masked.loss_of(masked.residuals_of(images))) < 1e-20
    assert float(unmasked.loss_of(unmasked.residuals_of(images))) > 0.01
    with_alpha = MatchPhotograph(torch.cat([target, mask[..., None]], -1))
    other = picture(seed=3)
    assert torch.equal(with_alpha.residuals_of(other), masked.residuals_of(other))
    empty = other.clone()
    empty[..., 3] = 0
    # Holes cost what the pixels beside them count: the mean over all pixels is that of one that counts.
    holes = masked.residuals_of(empty)[..., 3:]
    assert float(holes.square().mean()) == pytest.approx(1.2**2)
    assert not math.isnan(float(masked.residuals_of(empty).sum()))


@pytest.mark.parametrize(("size", "pixels"), [((48, 64), 20.0), ((200, 300), 66.0)])
def test_residuals_depend_on_each_other_within_a_window(size: tuple[int, int], pixels: float) -> None:
    assert MatchPhotograph(torch.rand(*size, 3)).correlation_length(size) == pytest.approx(pixels)


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (0.9, 0.7, 0.5)], ids=["grey", "sepia"])
def test_a_picture_without_colours_is_compared_by_its_brightness(tint: tuple[float, float, float]) -> None:
    colours = picture()[..., :3]
    grey = (colours * colours.new_tensor([0.299, 0.587, 0.114])).sum(-1, keepdim=True)
    objective = MatchPhotograph(grey[0] * colours.new_tensor(tint), robust=None)
    assert float(objective.residuals_of(covered(colours)).abs().max()) < 0.2  # plain areas count by their contrast
    other = picture(seed=1)[..., :3]
    assert float(objective.loss_of(objective.residuals_of(covered(other)))) > 0.5
    shown = objective.shown(covered(colours))
    torch.testing.assert_close(shown[..., :3], grey.expand(-1, -1, -1, 3))
    coloured = MatchPhotograph(colours[0])
    torch.testing.assert_close(coloured.shown(covered(other)), covered(other))
