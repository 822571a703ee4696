"""The objectives' numbers."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import MatchImage, Orbit, Renderer, view_heuristic
from tvdrnet_nv.objectives import RobustLoss
from tvdrnet_nv.scenes import sphere, textured_box


@pytest.fixture(scope="module")
def render():
    return Renderer(sphere(2), (24, 32))(Orbit.create([2.5, 4.0], 20.0, [0.0, 90.0]).camera())


def test_heuristic_is_tvdrnets_formula(render):
    losses = view_heuristic(render)
    assert losses.shape == (2,)
    for b in range(2):
        rgb, alpha = render.rgb[b].double(), render.alpha[b].double()
        expected = abs(float(rgb.mean()) - 0.5) - 0.1 * float(rgb.std()) - 0.5 * float(alpha.mean())
        assert float(losses[b]) == pytest.approx(expected, abs=1e-6)


def test_match_is_the_mean_squared_error_of_each_camera(render):
    target = render.rgb[0].clone()
    losses = MatchImage(target)(render)
    assert losses.shape == (2,)
    assert float(losses[0]) == 0.0
    assert float(losses[1]) == pytest.approx(float(((render.rgb[1] - target) ** 2).mean()), rel=1e-5)


@pytest.mark.parametrize("options", [{}, {"robust": "huber"}])
def test_renders_are_clipped_as_a_picture_is(render, options):
    bright = render.showing(render.rgba * 3)
    assert float(bright.rgb[0].max()) > 1
    picture = bright.rgb[0].clamp(0, 1)
    assert float(MatchImage(picture, **options)(bright)[0]) == 0.0
    assert float(MatchImage(picture).residuals(bright)[0].abs().max()) == 0.0
    beyond = picture.clone()
    beyond[0, 0] = 1.2  # no camera's picture: it was not clipped
    assert float(MatchImage(beyond, **options)(bright)[0]) > 0.01


def test_match_averages_the_target_down(render):
    blocks = torch.rand(24, 32, 3)
    large = blocks.repeat_interleave(4, 0).repeat_interleave(4, 1)
    torch.testing.assert_close(MatchImage(large)(render), MatchImage(blocks)(render))


def test_the_loss_is_the_mean_square_of_the_residuals(render):
    target = torch.rand(24, 32, 3)
    objective = MatchImage(target)
    residuals = objective.residuals(render)
    torch.testing.assert_close(residuals, render.rgb - target)
    torch.testing.assert_close(objective(render), residuals.square().mean((1, 2, 3)), rtol=1e-5, atol=1e-7)


def test_target_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\[H, W, 3\].*\[3, 8, 8\]"):
        MatchImage(torch.zeros(3, 8, 8))


# --- what does not fit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["huber", "geman-mcclure"])
def test_robust_losses_are_squares_of_what_is_small_and_have_their_weights(kind: str) -> None:
    loss = RobustLoss(kind, 0.1)
    r = torch.linspace(-1, 1, 401, dtype=torch.float64).requires_grad_()
    values = loss.loss(r)
    torch.testing.assert_close(values[195:206], r[195:206].square(), rtol=0.1, atol=0)
    assert (values <= r.square()).all()
    (gradient,) = torch.autograd.grad(values.sum(), r)
    torch.testing.assert_close(gradient, 2 * r.detach() * loss.weights(r.detach()))
    bound = 0.1**2 if kind == "geman-mcclure" else 0.2
    assert float(values.detach().max()) < bound
    torch.testing.assert_close(loss.loss(r, 1e6), r.square())
    with pytest.raises(ValueError, match="tukey"):
        MatchImage(torch.zeros(2, 2, 3), robust="tukey")
    with pytest.raises(TypeError, match="exposure must be True or False; got 'yes'"):
        MatchImage(torch.rand(4, 4, 3), exposure="yes")
    with pytest.raises(TypeError, match="robust must be a RobustLoss, huber or geman-mcclure; got float"):
        MatchImage(torch.zeros(2, 2, 3), robust=0.1)
    with pytest.raises(ValueError, match="scale"):
        RobustLoss("huber", 0.0)


def test_a_mask_leaves_out_what_is_zero_in_it(render):
    target = render.rgb[0].clone()
    target[:10] = 0.3
    mask = torch.ones(24, 32)
    mask[:10] = 0
    losses = MatchImage(target, mask=mask)(render)
    assert float(losses[0]) == 0.0
    kept = (render.rgb[1] - target)[10:]
    assert float(losses[1]) == pytest.approx(float(kept.square().mean()), rel=1e-5)
    assert "one colour" in MatchImage(target, mask=1 - mask).reason_without_gradient
    assert MatchImage(target).reason_without_gradient == ""
    for bad, word in ((torch.ones(3, 3), "shape"), (0 * mask, "zero"), (-mask, "negative"), (2 * mask, "got 2")):
        with pytest.raises(ValueError, match=word):
            MatchImage(target, mask=bad)


def test_alpha_of_the_target_is_a_mask(render):
    target, alpha, mask = render.rgb[0].clone(), torch.rand(24, 32, 1), torch.rand(24, 32)
    target[:10], alpha[:10] = 0.3, 0.0
    with_alpha = torch.cat([target, alpha], 2)
    losses = MatchImage(with_alpha)(render)
    assert float(losses[0]) == 0.0
    torch.testing.assert_close(losses, MatchImage(target, mask=alpha[..., 0])(render))
    both = MatchImage(with_alpha, mask=mask)(render)
    torch.testing.assert_close(both, MatchImage(target, mask=alpha[..., 0] * mask)(render))
    opaque = MatchImage(torch.cat([target, torch.ones_like(alpha)], 2))
    assert torch.equal(opaque(render), MatchImage(target)(render))
    mask[10:] = 0
    with pytest.raises(ValueError, match="mask leaves out every pixel of the target that is not transparent"):
        MatchImage(with_alpha, mask=mask)


def test_colours_that_do_not_count_are_not_mixed_into_a_smaller_target(render):
    blocks = render.rgb[0].clone()
    large = blocks.repeat_interleave(4, 0).repeat_interleave(4, 1)
    mask = torch.ones(96, 128)
    mask[:, 61:] = 0  # through the middle of a block
    large[:, 61:] = 7 / 8
    objective = MatchImage(torch.cat([large, mask[..., None]], 2))
    torch.testing.assert_close(objective.picture(render.rgba)[0][:, :16], blocks[:, :16])
    assert float(objective(render)[0]) < 1e-12


def test_a_free_exposure_takes_gain_and_offset_out(render):
    target = render.rgb[0] * torch.tensor([0.7, 1.2, 0.9]) + torch.tensor([0.05, 0.0, -0.02])
    losses = MatchImage(target, exposure=True)(render)
    assert float(losses[0]) < 1e-8
    assert float(losses[1]) > 1e-3
    # The best gain and offset, where something does not count.
    mask = torch.ones(24, 32)
    mask[:, 20:] = 0
    spoilt = target.clone()
    spoilt[:, 20:] = 0.9
    assert float(MatchImage(spoilt, exposure=True, mask=mask)(render)[0]) < 1e-8
    constant = Renderer(sphere(2), 8)(Orbit.create(2.5, 0.0, 0.0, at=(0.0, 0, 90)).camera())
    assert bool(torch.isfinite(MatchImage(target, exposure=True)(constant)).all())


def test_a_target_and_a_mask_may_be_arrays_or_bytes() -> None:
    renderer = Renderer(textured_box(4), (20, 30))
    camera = Orbit.create(4.0, 30.0, 40.0).camera()
    target, mask = torch.rand(20, 30, 3), torch.rand(20, 30)
    wanted = MatchImage(target, mask=mask)(renderer(camera))
    assert torch.equal(MatchImage(target.numpy(), mask=mask.numpy())(renderer(camera)), wanted)
    eight = (255 * target).round().to(torch.uint8)
    assert torch.equal(MatchImage(eight)(renderer(camera)), MatchImage(eight.float() / 255)(renderer(camera)))
    with pytest.raises(ValueError, match=r"target has values from .*; divide by 255"):
        MatchImage(255 * target)
