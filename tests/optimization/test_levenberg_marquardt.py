"""Levenberg-Marquardt on an image pyramid: its parts, what it finds, and how it says that it cannot."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import (
    Camera,
    MatchImage,
    Mesh,
    Orbit,
    Renderer,
    Status,
    optimize,
    scene_light,
    scene_orbit,
    spread_starts,
)
from tvdrnet_nv.benchmarks.scenes import room, sphere
from tvdrnet_nv.camera import concatenate, rotation_from_vector
from tvdrnet_nv.mesh import Textures
from tvdrnet_nv.optimization.clustering import clustered
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.parameters import PARAMETERS, POSE_PARAMETERS
from tvdrnet_nv.optimization.pyramid import averaged, shrunk
from tvdrnet_nv.optimization.search import search, search_orbit
from tvdrnet_nv.renderer import Render


@pytest.fixture(scope="module")
def small_room() -> Mesh:
    return room(5000, seed=1)


def setting(mesh: Mesh, size: int = 64, **fields: float) -> tuple[Renderer, Orbit]:
    start = scene_orbit(mesh, **{"elevation": 35.0, **fields})  # type: ignore[arg-type]
    return Renderer(mesh, size, light=scene_light(start)), start


def picture(renderer: Renderer, orbit: Orbit) -> Tensor:
    with torch.no_grad():
        return renderer(orbit.camera()).rgb[0]


# --- the parts ----------------------------------------------------------------------------------------------------


def test_averages_are_means_over_squares() -> None:
    images = torch.rand(2, 5, 7, 3)
    means = averaged(images, 2)
    assert means.shape == (2, 3, 4, 3)
    torch.testing.assert_close(means[1, 0, 1], images[1, :2, 2:4].mean((0, 1)))
    torch.testing.assert_close(means[0, 2, 3], images[0, 4, 6])
    assert averaged(images, 1) is images
    assert shrunk((480, 640), 64) == (64, 85)
    assert shrunk((20, 30), 64) == (20, 30)


def test_the_search_finds_the_candidate_that_is_nearest(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(azimuth=start.azimuth + 35.0, distance=start.distance * math.exp(0.5 + 0.25 / 3))
    objective = MatchImage(picture(renderer, target))
    all_of_it, tilting = (coordinates_for(start, names, renderer) for names in (PARAMETERS, ("elevation",)))
    found, losses = search(renderer, all_of_it, objective, start)
    assert float(found.azimuth) == pytest.approx(float(target.azimuth), abs=5.01)  # a step of the finer grid
    assert float(found.elevation) == pytest.approx(float(target.elevation), abs=5.01)
    assert float(found.distance) == pytest.approx(float(target.distance), rel=0.09)
    assert float(losses) < 3e-3
    stays, _ = search(renderer, tilting, objective, start)
    assert float(stays.azimuth) == float(start.azimuth)
    assert float(stays.distance) == float(start.distance)


def test_the_search_gives_each_start_what_is_nearest_to_it(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(azimuth=start.azimuth + 75.0, elevation=start.elevation + 15.0)
    objective = MatchImage(picture(renderer, target))
    starts = concatenate([start, start.replace(azimuth=start.azimuth + 60.0)])
    coordinates = coordinates_for(starts, PARAMETERS, renderer)
    found, losses = search(renderer, coordinates, objective, starts)
    assert float(found.azimuth[1]) == pytest.approx(float(target.azimuth), abs=5.01)
    assert float(found.azimuth[0] - start.azimuth) <= 35.0  # beyond, the other start is nearer
    assert losses[1] < 0.2 * losses[0]


def test_the_search_looks_in_small_at_a_mesh_no_finer_than_it_shows(
    small_room: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ... unless the objective sees more than colours.
    renderer, start = setting(small_room, 128)
    coordinates = coordinates_for(start, PARAMETERS, renderer)
    seen: set[int] = set()
    look = Renderer.__call__

    def watched(self: Renderer, camera: Camera) -> Render:
        seen.add(self.mesh.num_faces)
        assert self.resolution == (64, 64)
        return look(self, camera)

    class Another:
        def __call__(self, render: Render) -> Tensor:
            return self.residuals(render).square().mean((1, 2, 3))

        def residuals(self, render: Render) -> Tensor:
            return render.rgb

    far = start.replace(distance=start.distance * 3)
    monkeypatch.setattr(Renderer, "__call__", watched)
    search(renderer, coordinates, MatchImage(torch.zeros(128, 128, 3)), far)
    assert max(seen) < small_room.num_faces / 2
    seen.clear()
    search(renderer, coordinates, Another(), far)
    assert seen == {small_room.num_faces}


def test_a_clustered_mesh_looks_the_same_from_afar(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    few = clustered(small_room, 0.07 * small_room.radius)
    assert few.num_faces < small_room.num_faces / 2
    small = renderer.of(few, 64)
    assert small.light == renderer.light
    a, b = (averaged(picture(r, start)[None], 8) for r in (renderer, small))
    aside = averaged(picture(renderer, start.replace(azimuth=start.azimuth + 15.0))[None], 8)
    assert float((a - b).square().mean()) < 0.2 * float((a - aside).square().mean())
    # What would not get smaller stays.
    assert clustered(small_room, 1e-4 * small_room.radius) is small_room
    for cell in (1e-9, 1e-300, math.nan, math.inf):
        assert clustered(few, cell) is few


def test_the_search_all_around_finds_a_camera_on_the_other_side(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(azimuth=start.azimuth + 165.0, elevation=start.elevation + 5.0)
    objective = MatchImage(picture(renderer, target))
    found = search_orbit(renderer, objective, start, 3)
    assert len(found) == 3
    assert abs(float(found.azimuth[0] - target.azimuth)) <= 15.0
    turns = found.camera().R
    for a, b in ((0, 1), (0, 2), (1, 2)):
        cosine = (float((turns[a] * turns[b]).sum()) - 1) / 2
        assert cosine < math.cos(math.radians(20)) or abs(math.log(found.distance[a] / found.distance[b])) > 0.18
    result = optimize(renderer, found, objective)
    assert_found(result.best, target)


def test_the_search_all_around_takes_any_objective(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 32)
    found = search_orbit(renderer, lambda render: -render.camera.position[:, 2], start, 1)
    assert float(found.elevation) == 75.0
    assert float(found.distance / start.distance) == pytest.approx(1.3)
    with pytest.raises(ValueError, match="one camera"):
        search_orbit(renderer, MatchImage(torch.zeros(8, 8, 3)), spread_starts(start, 2), 1)


# --- what it finds ------------------------------------------------------------------------------------------------


def assert_found(result_orbit: Orbit, target: Orbit) -> None:
    mine, theirs = result_orbit.camera(), target.camera()
    cosine = float((mine.R[0, :, 2].double() @ theirs.R[0, :, 2].double()).clamp(-1, 1))
    assert math.degrees(math.acos(cosine)) < 0.5
    apart = float((mine.position - theirs.position).norm() / target.distance)
    assert apart < 0.01
    assert float(result_orbit.fov / target.fov) == pytest.approx(1.0, abs=0.005)


def test_focal_length_and_look_at_point_are_found_too(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 96)
    target = start.replace(
        azimuth=start.azimuth + 8.0, elevation=start.elevation - 6.0, fov=start.fov * 0.92, at=start.at + 0.15
    )
    result = optimize(renderer, start, MatchImage(picture(renderer, target)), parameters=PARAMETERS)
    assert_found(result.best, target)
    assert result.status == Status.CONVERGED
    assert result.method == "lm"


def off(target: Camera, reach: float, rotation: float, position: float, seed: int) -> Camera:
    """Turned by degrees about any axis, roll included, and moved by a share of the reach."""
    generator = torch.Generator().manual_seed(seed)
    axis, way = (torch.nn.functional.normalize(torch.randn(3, generator=generator), dim=0) for _ in range(2))
    R = target.R @ rotation_from_vector(math.radians(rotation) * axis)
    eye = target.position + position * reach * way
    return target.replace(R=R, T=-(eye[:, None] @ R)[:, 0])


def assert_pose_found(found: Camera, target: Camera, reach: float) -> None:
    turned = torch.linalg.matrix_norm(found.R.double() - target.R.double()) / math.sqrt(2)
    assert math.degrees(float(turned)) < 0.5
    assert float((found.position - target.position).norm()) / reach < 0.005
    assert float((found.focal / target.focal - 1).abs().max()) < 0.005
    assert float((found.principal - target.principal).abs().max()) < 0.005


@pytest.mark.parametrize("seed", range(3))
def test_a_pose_is_found_with_its_roll(small_room: Mesh, seed: int) -> None:
    renderer, start = setting(small_room)
    target = start.camera()
    reach = float(start.distance)
    objective = MatchImage(renderer(target).rgb[0])
    result = optimize(renderer, off(target, reach, 15.0, 0.15, seed), objective)
    assert result.parameters == ("rotation", "position")
    assert_pose_found(result.best, target, reach)
    assert result.status == Status.CONVERGED
    assert result.deviations is not None
    assert [len(result.deviations[name]) for name in result.parameters] == [3, 3]  # type: ignore[arg-type]


def test_the_whole_camera_is_found(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 96)
    target = start.camera().replace(principal=torch.tensor([[0.06, -0.04]]))
    begin = off(target, float(start.distance), 5.0, 0.05, 1)
    begin = begin.replace(focal=target.focal * 1.08, principal=torch.zeros(1, 2))
    result = optimize(renderer, begin, MatchImage(renderer(target).rgb[0]), parameters=POSE_PARAMETERS)
    assert_pose_found(result.best, target, float(start.distance))


def test_adam_finds_a_pose_too(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.camera()
    begin = off(target, float(start.distance), 3.0, 0.03, 2)
    result = optimize(renderer, begin, MatchImage(renderer(target).rgb[0]), method="adam", iterations=150)
    assert_pose_found(result.best, target, float(start.distance))
    with pytest.raises(ValueError, match="Orbit"):
        optimize(renderer, begin, MatchImage(renderer(target).rgb[0]), method="tvdrnet")


def spoilt(view: Tensor, how: str) -> Tensor:
    """A picture in which somebody stands, about a quarter of it; or one in another light."""
    if how == "darker":
        return 0.75 * view + 0.02
    rows, columns = torch.meshgrid(*(torch.linspace(-1, 1, n) for n in view.shape[:2]), indexing="ij")
    body = ((columns - 0.2) / 0.42).square() + ((rows - 0.45) / 0.75).square() < 1
    head = ((columns - 0.2) / 0.2).square() + ((rows + 0.45) / 0.22).square() < 1
    covered = view.clone()
    covered[body], covered[head] = torch.tensor([0.1, 0.2, 0.7]), torch.tensor([0.9, 0.7, 0.6])
    assert 0.2 < float((body | head).float().mean()) < 0.35
    return covered


@pytest.mark.parametrize(
    ("how", "options"), [("somebody", {"robust": "geman-mcclure"}), ("darker", {"exposure": True}), ("mask", {})]
)
@pytest.mark.parametrize("kind", ["orbit", "pose"])
def test_a_picture_that_does_not_fit_everywhere_is_found(
    small_room: Mesh, how: str, options: dict[str, object], kind: str
) -> None:
    renderer, start = setting(small_room, 96)
    view = picture(renderer, start)
    target = spoilt(view, how)
    if how == "mask":
        options = {"mask": (target == view).all(2).float()}
    begin = start.replace(azimuth=start.azimuth + 9.0, elevation=start.elevation - 7.0, distance=start.distance * 1.08)
    cameras = begin if kind == "orbit" else begin.camera()
    plain = optimize(renderer, cameras, MatchImage(target))
    result = optimize(renderer, cameras, MatchImage(target, **options))  # type: ignore[arg-type]
    reach = float(start.distance)
    assert_pose_found(result.best.camera(), start.camera(), reach)
    off_by = [float((r.best.camera().position - start.camera().position).norm()) for r in (result, plain)]
    assert off_by[0] < 0.3 * off_by[1]


@pytest.mark.parametrize("robust", ["huber", "geman-mcclure"])
def test_a_robust_loss_is_as_exact_where_all_fits(small_room: Mesh, robust: str) -> None:
    renderer, start = setting(small_room)
    begin = start.replace(azimuth=start.azimuth + 12.0, distance=start.distance * 0.9)
    result = optimize(renderer, begin, MatchImage(picture(renderer, start), robust=robust))
    assert float(result.best.azimuth - start.azimuth) == pytest.approx(0.0, abs=0.01)
    assert float(result.best.distance / start.distance) == pytest.approx(1.0, abs=1e-4)
    assert result.deviations is not None


def test_starts_reach_farther_than_one(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(
        azimuth=start.azimuth + 60.0, elevation=start.elevation + 15.0, distance=start.distance * 0.7
    )
    objective = MatchImage(picture(renderer, target))
    result = optimize(renderer, spread_starts(start, 8, seed=1), objective)
    assert_found(result.best, target)
    # The start that did not win stays where it was left behind; its loss is still told.
    assert result.history.loss.shape[1] == 8
    assert (result.history.loss[-1] >= result.loss).all()


def test_textures_have_no_forward_mode_and_work_all_the_same() -> None:
    corners = torch.tensor([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    uv = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    image = torch.nn.functional.interpolate(
        torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(3)), (32, 32)
    )
    textures = Textures(uv, (image[0].permute(1, 2, 0).contiguous(),), torch.zeros(2, dtype=torch.int32))
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    mesh = Mesh(corners, faces, torch.ones(4, 3), textures)
    renderer = Renderer(mesh, 64, near=0.1, far=100.0)
    start, target = Orbit.create(3.0, 0.0, 0.0), Orbit.create(3.3, 9.0, 12.0)
    result = optimize(renderer, start, MatchImage(picture(renderer, target)))
    assert_found(result.best, target)


# --- how it ends --------------------------------------------------------------------------------------------------


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
        told = torch.tensor([result.deviations[name] for result in results]).reshape(len(results), -1)  # type: ignore[index]
        ratio = told.mean(0) / values.std(0)
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
    assert result.status == Status.CONVERGED
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
