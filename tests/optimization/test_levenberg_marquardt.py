"""Levenberg-Marquardt on an image pyramid: the cameras that it finds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.optimization.recovery import assert_found, assert_pose_found, off, picture, setting
from tvdrnet_nv import MatchImage, Mesh, Orbit, Renderer, Status, optimize, spread_starts
from tvdrnet_nv.camera.parameters import PARAMETERS, POSE_PARAMETERS
from tvdrnet_nv.mesh import Textures


def test_focal_length_and_look_at_point_are_found_too(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 96)
    target = start.replace(
        azimuth=start.azimuth + 8.0, elevation=start.elevation - 6.0, fov=start.fov * 0.92, at=start.at + 0.15
    )
    result = optimize(renderer, start, MatchImage(picture(renderer, target)), parameters=PARAMETERS)
    assert_found(result.best, target)
    assert result.status == Status.CONVERGED
    assert result.method == "lm"


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
