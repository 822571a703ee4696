"""The covariance of a step, on residuals whose answer is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tvdrnet_nv.objectives.robust import RobustLoss
from tvdrnet_nv.optimization.covariance import block_sums, step_covariance

PIXEL = 0.02
SIDE = 96  # 12 × 12 blocks of 8 pixels


def slopes(parameters: int = 3, side: int = SIDE) -> Tensor:
    """[P, H, W, 3], of different sizes, so that the parameters' deviations differ."""
    generator = torch.Generator().manual_seed(0)
    sizes = torch.tensor([1.0, 3.0, 0.5], dtype=torch.float64)[:parameters, None, None, None]
    return sizes * torch.randn(parameters, side, side, 3, generator=generator, dtype=torch.float64)


def noise(seed: int, blurred: bool = False) -> Tensor:
    """[H, W, 3] of deviation 0.1; blurred: correlated over 3 pixels or so."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(3, 1, SIDE, SIDE, generator=generator, dtype=torch.float64)
    if blurred:
        values = torch.nn.functional.avg_pool2d(values, 3, 1, 1, count_include_pad=False)
        values = values / values.std()
    return 0.1 * values[:, 0].movedim(0, -1)


def fitted(residuals: Tensor, jacobian: Tensor) -> tuple[Tensor, Tensor]:
    """The least-squares step [P] of linear residuals, and the residuals that are left."""
    J = jacobian.flatten(1)
    step = -torch.linalg.solve(J @ J.T, J @ residuals.flatten())
    return step, residuals + torch.tensordot(step, jacobian, 1)


def linear(residuals: Tensor, jacobian: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda steps: residuals + torch.tensordot(steps, jacobian, 1)


def curvature(jacobian: Tensor) -> Tensor:
    J = jacobian.flatten(1)
    return J @ J.T


def deviations(residuals: Tensor, jacobian: Tensor, robust: RobustLoss | None = None) -> Tensor:
    covariance = step_covariance(linear(residuals, jacobian), curvature(jacobian), pixel=PIXEL, robust=robust)
    assert covariance is not None
    assert covariance.dtype == torch.float64
    assert torch.equal(covariance, covariance.T) or float((covariance - covariance.T).abs().max()) < 1e-15
    return covariance.diagonal().sqrt()


def test_of_independent_residuals_it_is_the_textbooks() -> None:
    jacobian = slopes()
    left = fitted(noise(1), jacobian)[1]
    textbook = (0.1**2 * torch.linalg.inv(curvature(jacobian))).diagonal().sqrt()
    # 144 blocks give a deviation to 6 %.
    torch.testing.assert_close(deviations(left, jacobian), textbook, rtol=0.2, atol=0)


@pytest.mark.parametrize("blurred", [False, True])
def test_it_is_that_of_fits_without_each_block(blurred: bool) -> None:
    jacobian = slopes() + 0.5  # a share that varies slowly, which correlated noise disturbs
    left = fitted(noise(2, blurred), jacobian)[1]
    J, r = jacobian.flatten(1), left.flatten()
    block = torch.arange(SIDE) // 8
    owner = (block[:, None] * 12 + block)[..., None].expand(SIDE, SIDE, 3).flatten()
    without = []
    for b in range(144):
        kept = owner != b
        without.append(-torch.linalg.solve(J[:, kept] @ J[:, kept].T, J[:, kept] @ r[kept]))
    steps = torch.stack(without)
    jackknife = (143 * (steps - steps.mean(0)).square().mean(0)).sqrt()
    torch.testing.assert_close(deviations(left, jacobian), jackknife, rtol=0.03, atol=0)


def test_of_correlated_residuals_it_is_the_spread_of_fits() -> None:
    ramp = torch.linspace(-1, 1, SIDE, dtype=torch.float64)
    jacobian = torch.stack([ramp[:, None].expand(SIDE, SIDE), (3 * ramp).sin()[None].expand(SIDE, SIDE)])
    jacobian = jacobian[..., None].expand(2, SIDE, SIDE, 3)
    fits = [fitted(noise(seed, blurred=True), jacobian) for seed in range(40)]
    spread = torch.stack([step for step, _ in fits]).std(0)
    reported = torch.stack([deviations(left, jacobian) for _, left in fits[:10]]).mean(0)
    torch.testing.assert_close(reported, spread, rtol=0.35, atol=0)  # 40 draws: 11 %
    textbook = (0.1**2 * torch.linalg.inv(curvature(jacobian))).diagonal().sqrt()
    assert bool((spread > 2 * textbook).all())


def test_it_follows_the_steps_units() -> None:
    jacobian = slopes()
    left = fitted(noise(3), jacobian)[1]
    units = torch.tensor([2.0, 0.5, 1.0], dtype=torch.float64)
    changed = deviations(left, jacobian * units[:, None, None, None])
    torch.testing.assert_close(changed * units, deviations(left, jacobian), rtol=1e-6, atol=0)


def test_a_residual_that_bends_makes_the_loss_bend() -> None:
    # r + a s + b s² / 2: the loss bends by a·a + r·b.
    a = slopes(1)[0]
    left = fitted(noise(4), a[None])[1]
    for share in (-0.6, 0.3):
        b = share * float(a.square().sum()) * left / float(left.square().sum())

        def residuals(steps: Tensor, b: Tensor = b) -> Tensor:
            s = steps[:, :, None, None]
            return left + s * a + b * s.square() / 2

        covariance = step_covariance(residuals, curvature(a[None]), pixel=1e-4)
        assert covariance is not None
        assert float(covariance.sqrt()) == pytest.approx(float(deviations(left, a[None])) / (1 + share), rel=1e-3)


def test_what_the_loss_would_still_go_counts() -> None:
    jacobian = slopes()
    left = fitted(noise(5), jacobian)[1]
    aside = torch.tensor([0.01, 0.0, 0.0], dtype=torch.float64)
    found = deviations(left + torch.tensordot(aside, jacobian, 1), jacobian)
    at_rest = deviations(left, jacobian)
    assert float(found[0]) == pytest.approx(math.hypot(float(at_rest[0]), 0.01), rel=0.05)
    torch.testing.assert_close(found[1:], at_rest[1:], rtol=0.2, atol=0)


def test_a_robust_loss_of_small_residuals_is_the_square() -> None:
    jacobian = slopes()
    left = fitted(noise(6), jacobian)[1]
    for kind in ("huber", "geman-mcclure"):
        same = deviations(left, jacobian, RobustLoss(kind, 1e4))
        torch.testing.assert_close(same, deviations(left, jacobian), rtol=1e-4, atol=0)


def at_the_minimum(residuals: Tensor, jacobian: Tensor, robust: RobustLoss) -> tuple[Tensor, Tensor]:
    """The residuals where one parameter's robust loss is lowest, and the curvature [1, 1]: 60 reweighted steps."""
    J, step = jacobian.flatten(1)[0], 0.0
    for _ in range(60):
        left = residuals + step * jacobian[0]
        weights = robust.weights(left).flatten()
        step -= float((weights * J * left.flatten()).sum() / (weights * J * J).sum())
    left = residuals + step * jacobian[0]
    return left, (robust.weights(left).flatten() * J * J).sum()[None, None]


def test_hubers_loss_has_the_variance_of_its_estimator() -> None:
    # Of a normal error, the loss that is quadratic up to one deviation costs 10.7 % of the variance (Huber 1964).
    jacobian, robust = slopes(1), RobustLoss("huber", 0.1)
    J = jacobian.flatten(1)[0]
    left, weighted = at_the_minimum(noise(7), jacobian, robust)
    covariance = step_covariance(linear(left, jacobian), weighted, pixel=1e-4, robust=robust)
    assert covariance is not None
    wanted = math.sqrt(1.107) * 0.1 / float(J.norm())
    assert float(covariance.sqrt()) == pytest.approx(wanted, rel=0.15)


def test_a_loss_that_levels_off_within_half_a_pixel_bends_as_where_the_camera_may_be() -> None:
    jacobian, robust = slopes(1), RobustLoss("geman-mcclure", 0.2)
    left, weighted = at_the_minimum(noise(7), jacobian, robust)
    exact, found = (
        step_covariance(linear(left, jacobian), weighted, pixel=pixel, robust=robust) for pixel in (1e-4, 0.4)
    )
    assert exact is not None
    assert found is not None
    assert float(found.sqrt()) == pytest.approx(float(exact.sqrt()), rel=0.05)  # 0.28 above, by half a pixel alone


def test_what_is_masked_changes_nothing() -> None:
    jacobian = slopes()
    left = fitted(noise(8), jacobian)[1]
    wide, wider = (torch.cat([part, torch.zeros_like(part)], -2) for part in (left, jacobian))
    torch.testing.assert_close(deviations(wide, wider), deviations(left, jacobian), rtol=1e-9, atol=0)


def test_a_direction_that_the_image_does_not_show_has_none() -> None:
    jacobian = slopes()
    jacobian[2] = jacobian[0] + jacobian[1]
    assert step_covariance(linear(noise(9), jacobian), curvature(jacobian), pixel=PIXEL) is None


def test_there_are_more_blocks_than_numbers() -> None:
    # The objective's windows are as wide as the image.
    jacobian = slopes()
    left = fitted(noise(10), jacobian)[1]
    covariance = step_covariance(linear(left, jacobian), curvature(jacobian), pixel=PIXEL, correlated=float(SIDE))
    assert covariance is not None
    ratio = covariance.diagonal().sqrt() / deviations(left, jacobian)
    assert bool(((ratio > 0.3) & (ratio < 3)).all())


@pytest.mark.parametrize("size", [(16, 24), (17, 23), (5, 3)])
def test_blocks_cover_each_pixel_once(size: tuple[int, int]) -> None:
    sums = block_sums(torch.ones(2, *size), 8.0)
    assert sums.dtype == torch.float64
    assert sums.shape == (2, max(1, round(size[0] / 8)) * max(1, round(size[1] / 8)))
    assert sums.sum(1).tolist() == [size[0] * size[1]] * 2
    assert float(sums.min()) > 0


@pytest.mark.parametrize(("size", "side"), [((64, 64), 8.0), ((61, 47), 7.3), ((5, 9), 8.0), ((33, 12), 1.0)])
def test_blocks_are_added_up_in_one_order(size: tuple[int, int], side: float) -> None:
    """As `index_add_` on the CPU does it; on CUDA it adds by atomics, in any order."""
    values = torch.randn((3, *size), generator=torch.Generator().manual_seed(0))
    expected = values.double()
    for dim in (-2, -1):
        length = expected.shape[dim]
        count = max(1, round(length / side))
        shape = [*expected.shape]
        shape[dim] = count
        block = torch.arange(length) * count // length
        expected = expected.new_zeros(shape).index_add_(dim, block, expected)
    called = set()

    class Watching(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            called.add(func.name().split("::")[1])
            return func(*args, **(kwargs or {}))

    with Watching():
        sums = block_sums(values, side)
    assert torch.equal(sums, expected.flatten(-2))
    assert called.isdisjoint({"index_add_", "index_put_", "scatter_add_", "cumsum"})
