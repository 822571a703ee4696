"""How Levenberg-Marquardt ends, and the deviations that it reports."""

from __future__ import annotations

import pytest
import torch

from tests.optimization.recovery import off, picture, setting
from tvdrnet_nv import MatchImage, Mesh, Orbit, Renderer, Status, optimize, spread_starts
from tvdrnet_nv.scenes import sphere


def test_a_constant_picture_is_no_gradient(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    away = start.replace(at=start.at + 100.0 * small_room.radius)
    result = optimize(renderer, away, MatchImage(torch.zeros(64, 64, 3)), parameters=("azimuth",))
    assert result.status == Status.NO_GRADIENT


def test_a_symmetric_scene_is_ambiguous() -> None:
    ball = sphere(3)
    stripes = 0.5 + 0.4 * torch.sin(2 * torch.atan2(ball.vertices[:, 0], ball.vertices[:, 2]))  # the same twice around
    lit = Mesh(
        ball.vertices, ball.faces, (stripes * (1.2 + ball.vertices[:, 1]) / 2.4)[:, None].expand(-1, 3).contiguous()
    )
    start = Orbit.create(3.0, 20.0, [10.0, 190.0])
    # A light that turns nothing: ambient alone.
    from tvdrnet_nv import PhongLight

    renderer = Renderer(lit, 64, light=PhongLight(ambient=1.0, diffuse=0.0, specular=0.0), near=0.1, far=100.0)
    target = picture(renderer, Orbit.create(3.2, 26.0, 18.0))
    result = optimize(renderer, start, MatchImage(target))
    assert result.status == Status.AMBIGUOUS
    assert float(result.best.azimuth) % 180 == pytest.approx(18.0, abs=0.5)


def test_deviations_grow_with_the_noise(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = picture(renderer, start.replace(azimuth=start.azimuth + 5.0))
    noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(0))
    few, many = (optimize(renderer, start, MatchImage(target + s * noise)).deviations for s in (0.02, 0.08))
    assert few is not None
    assert many is not None
    assert set(few) == {"distance", "elevation", "azimuth"}
    for name in few:
        assert many[name] / few[name] == pytest.approx(4.0, rel=0.2)  # type: ignore[operator]
    assert 0 < few["azimuth"] < 1.0  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["orbit", "pose"])
def test_deviations_are_the_spread_over_noisy_pictures(small_room: Mesh, kind: str) -> None:
    renderer, start = setting(small_room, 48)
    target = start if kind == "orbit" else start.camera()
    clean = renderer(target.camera()).rgb[0].detach()
    generator = torch.Generator().manual_seed(0)
    results = []
    for seed in range(8):
        noisy = MatchImage(clean + 0.1 * torch.randn(clean.shape, generator=generator))
        # From the truth it would not move: a step has to lower the loss.
        turn = 2.0 * (-1) ** seed
        begin = (
            start.replace(azimuth=start.azimuth + turn, elevation=start.elevation - turn)
            if kind == "orbit"
            else off(target, float(start.distance), 2.0, 0.02, seed)
        )
        results.append(optimize(renderer, begin, noisy))
    assert all(result.status == Status.CONVERGED for result in results)
    if kind == "orbit":
        spread = {n: torch.cat([getattr(r.best, n) for r in results])[:, None] for n in results[0].parameters}
    else:
        relative = torch.cat([target.R.transpose(1, 2) @ r.best.R for r in results])  # exp(w)^T of small w
        w = torch.stack([relative[:, 1, 2], relative[:, 2, 0], relative[:, 0, 1]], 1)
        spread = {"rotation": torch.rad2deg(w), "position": torch.cat([r.best.position for r in results])}
    for name, values in spread.items():
        reported = torch.tensor([result.deviations[name] for result in results]).reshape(len(results), -1)  # type: ignore[index]
        ratio = reported.mean(0) / values.std(0)
        # Eight draws give a standard deviation to a factor of 3 or so (chi, 7 degrees of freedom), their mean to 2.
        assert ((ratio > 1 / 3) & (ratio < 3)).all(), (name, ratio)
        assert 0.5 < float(ratio.log().mean().exp()) < 2.0, (name, ratio)


def test_what_the_picture_does_not_determine_has_no_deviations(small_room: Mesh) -> None:
    # About a free look-at point, the distance slides along the line of sight and changes nothing.
    renderer, start = setting(small_room)
    target = picture(renderer, start.replace(azimuth=start.azimuth + 5.0))
    names = ("distance", "elevation", "azimuth", "at")
    for seed in range(2):
        result = optimize(renderer, spread_starts(start, 4, seed=seed), MatchImage(target), parameters=names)
        assert result.deviations is None
        assert result.status == Status.CONVERGED


def test_a_run_that_is_cut_short_has_not_converged(small_room: Mesh) -> None:
    # Late in the run the loss hardly falls any more, and yet it has not ended.
    renderer, start = setting(small_room, 96)
    aside = start.replace(azimuth=start.azimuth + 15.0, elevation=start.elevation - 8.0, fov=start.fov * 0.9)
    objective = MatchImage(picture(renderer, aside))
    names = ("distance", "elevation", "azimuth", "fov")
    whole = optimize(renderer, start, objective, parameters=names)
    assert whole.status == Status.CONVERGED
    assert whole.iterations > 12
    for iterations in (3, whole.iterations - 2, whole.iterations - 1):
        result = optimize(renderer, start, objective, parameters=names, iterations=iterations)
        assert (result.status, result.deviations) == (Status.STOPPED, None)


def test_the_end_is_the_best_that_was_seen(small_room: Mesh) -> None:
    # A picture that no camera took, a strip stretched: the coarse levels lead to an end worse than what they passed.
    renderer, start = setting(small_room)
    view = picture(renderer, start.replace(azimuth=start.azimuth - 15.0, elevation=start.elevation + 20.0))
    strip = view[:, 24:44].permute(2, 0, 1)[None]
    target = torch.nn.functional.interpolate(strip, (64, 64), mode="bilinear")[0].permute(1, 2, 0)
    result = optimize(renderer, start, MatchImage(target))
    assert result.status == Status.POOR_FIT
    assert result.history.loss[-1, 0] <= result.loss * 1.003


def test_a_target_of_one_colour_tells_nothing(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    result = optimize(renderer, start, MatchImage(torch.ones(64, 64, 3)), iterations=8)
    assert result.status == Status.NO_GRADIENT
    assert "one colour" in result.reason


def test_what_lm_cannot_do_is_said() -> None:
    renderer = Renderer(sphere(1), 16)
    orbit = Orbit.create(3.0, 20.0, 20.0)
    with pytest.raises(ValueError, match="residuals"):
        optimize(renderer, orbit, lambda render: render.rgb.mean((1, 2, 3)), method="lm")
    with pytest.raises(ValueError, match="learning_rate"):
        optimize(renderer, orbit, MatchImage(torch.zeros(16, 16, 3)), method="lm", learning_rate=0.5)
    stepped = optimize(renderer, orbit, MatchImage(torch.zeros(16, 16, 3)), learning_rate=0.5, iterations=2)
    assert stepped.method == "adam"
