"""The benchmark of photographs: what the folder's reader accepts, exact starts, an honest measure, and what is kept."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tvdrnet_nv.benchmarks.photos.altered import Alteration
from tvdrnet_nv.benchmarks.photos.development import Development, developed
from tvdrnet_nv.benchmarks.photos.methods import METHODS, renderer_for
from tvdrnet_nv.benchmarks.photos.path_traced import FOLDER, pictures_of, read_path_traced
from tvdrnet_nv.benchmarks.photos.picture import Picture, depth_ahead, shrunk_to
from tvdrnet_nv.benchmarks.photos.run import TRIANGLES
from tvdrnet_nv.benchmarks.photos.seven_scenes import read_photographs
from tvdrnet_nv.benchmarks.photos.starts import StartError, starts
from tvdrnet_nv.benchmarks.photos.trials import errors, rotation_vector, trial_row
from tvdrnet_nv.benchmarks.photos.unanswerable import unanswerable
from tvdrnet_nv.camera import Camera, rotation_from_vector
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import room, textured_box

SIZE = (240, 320)
LENS = "292.5 0 159.5\n0 292.5 119.5\n0 0 1\n"


@pytest.fixture(scope="module")
def small_room() -> Mesh:
    return room(8000)


@pytest.fixture(scope="module")
def true_camera(small_room: Mesh) -> Camera:
    """Inside, at a person's height; with the lens that LENS describes."""
    low, high = small_room.vertices.amin(0), small_room.vertices.amax(0)
    eye = low + (high - low) * torch.tensor([0.2, 0.3, 0.6])
    looking = Camera.from_look_at(eye, low + (high - low) * torch.tensor([0.8, 0.7, 0.3]), (0.0, 0.0, 1.0))
    return looking.replace(focal=torch.full((1, 2), 292.5 / 120))


@pytest.fixture
def folder(tmp_path: Path, small_room: Mesh, true_camera: Camera) -> Path:
    """One photograph of the room: our render, written as 7-Scenes has it."""
    save_ply(small_room, tmp_path / "fused.ply")
    (tmp_path / "camera-intrinsics.txt").write_text(LENS)
    with torch.no_grad():
        render = renderer_for(small_room, SIZE)(true_camera)
    pixels = (255 * render.rgb[0].clamp(0, 1)).round().to(torch.uint8).numpy()
    Image.fromarray(pixels).save(tmp_path / "frame-000007.color.png")
    depth = (1000 * render.depth[0, ..., 0]).round().numpy().astype(np.uint16)
    depth[:20], depth[20:30] = 0, 65535  # nothing measured
    Image.fromarray(depth).save(tmp_path / "frame-000007.depth.png")
    opencv = true_camera.to_opencv(SIZE)
    pose = np.eye(4)
    pose[:3, :3] = opencv.R[0].T.numpy() * 1.002  # rotations of trackers drift
    pose[:3, 3] = true_camera.position[0].numpy()
    np.savetxt(tmp_path / "frame-000007.pose.txt", pose)
    return tmp_path


def test_a_folder_of_photographs_is_read_in_our_axes(folder: Path, small_room: Mesh, true_camera: Camera) -> None:
    photographs = read_photographs(folder)
    assert photographs.mesh.num_faces == small_room.num_faces
    (picture,) = photographs.pictures
    assert (picture.name, picture.resolution, picture.exact) == ("frame-000007", (120, 160), False)
    for field in ("R", "T", "focal", "principal"):
        assert torch.allclose(getattr(picture.camera, field), getattr(true_camera, field), atol=1e-4), field
    renderer = renderer_for(photographs.mesh, (120, 160))
    assert picture.distance == pytest.approx(depth_ahead(renderer, true_camera), rel=0.2)
    with torch.no_grad():
        render = renderer(picture.camera).rgb[0].clamp(0, 1)
        moved = renderer(picture.camera.replace(principal=picture.camera.principal + 1 / 60)).rgb[0].clamp(0, 1)
    assert float((render - picture.pixels).abs().mean()) < 0.02
    assert float((moved - picture.pixels).abs().mean()) > 2 * float((render - picture.pixels).abs().mean())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("camera-intrinsics.txt", "1 2 3", "wanted 3×3 finite numbers"),
        ("camera-intrinsics.txt", "585 1 320\n0 585 240\n0 0 1", "K must be"),
        ("frame-000007.pose.txt", "1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 nan", "wanted 4×4 finite numbers"),
        ("frame-000007.pose.txt", "2 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1", "is no rotation"),
        ("frame-000007.pose.txt", None, "no such file"),
        ("frame-000007.depth.png", None, "no such file"),
        ("frame-000007.color.png", None, "no frame-NNNNNN.color.png"),
        ("fused.ply", None, "no such file"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(folder: Path, name: str, content: str | None, said: str) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(InputError, match=said) as caught:
        read_photographs(folder)
    assert str(folder) in str(caught.value)


def test_no_folder_and_no_depth_are_said(folder: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_photographs(folder / "nowhere")
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(folder / "frame-000007.depth.png")
    with pytest.raises(InputError, match="holds no depth"):
        read_photographs(folder)


def picture_of(mesh: Mesh, camera: Camera, resolution: tuple[int, int] = (48, 64)) -> Picture:
    renderer = renderer_for(mesh, resolution)
    with torch.no_grad():
        pixels = renderer(camera).rgb[0].clamp(0, 1)
    return Picture("made", "test", pixels, resolution, camera, depth_ahead(renderer, camera))


def degrees_between(a: Camera, b: Camera) -> float:
    return float(errors(a, b)[0].norm())


def test_starts_are_off_by_exactly_what_they_say(small_room: Mesh, true_camera: Camera) -> None:
    picture = picture_of(small_room, true_camera)
    renderer = renderer_for(small_room, (48, 64))
    middle = true_camera.position + picture.distance * true_camera.R[:, :, 2]
    made = list(starts(renderer, picture, StartError(20, 0.1), 8))
    for start in made:
        # In front of the start, too, lies the point that it was turned about, off the axis by nothing but rounding.
        seen = (middle[:, None] @ start.R)[:, 0] + start.T
        assert seen[0, :2].abs().max() < 1e-4
        assert abs(float(seen[0, 2]) / picture.distance - 1) == pytest.approx(0.1, abs=1e-4)
        assert 16.9 < degrees_between(start, true_camera) < 23.1  # the turn, and up to 3 degrees of roll
    again = list(starts(renderer, picture, StartError(20, 0.1), 8))
    assert all(torch.equal(a.R, b.R) for a, b in zip(made, again, strict=True))
    assert len({round(float(start.T[0, 0]), 5) for start in made}) == 8
    (still,) = starts(renderer, picture, StartError(0), 1)
    assert torch.allclose(still.position, true_camera.position, atol=1e-5)


def test_a_start_does_not_stand_in_a_wall(small_room: Mesh, true_camera: Camera) -> None:
    renderer = renderer_for(small_room, (24, 32))
    picture = picture_of(small_room, true_camera)
    made = [depth_ahead(renderer, start) for start in starts(renderer, picture, StartError(60, 0.4), 12)]
    assert min(made) >= 0.5 * picture.distance
    # Some would, as where they are drawn for a scene that is far away.
    box = textured_box(2)
    away = renderer_for(Mesh(box.vertices + 1000, box.faces, box.colors), (24, 32))
    free = [depth_ahead(renderer, start) for start in starts(away, picture, StartError(60, 0.4), 12)]
    assert min(free) < 0.5 * picture.distance


@pytest.mark.parametrize("degrees", [1e-7, 1.0, 90.0, 179.99, 180.0])
def test_rotation_vectors_come_back(degrees: float) -> None:
    vector = math.radians(degrees) * torch.tensor([2.0, -1.0, 2.0], dtype=torch.float64) / 3
    back = rotation_vector(rotation_from_vector(vector))
    assert torch.allclose(back, vector, atol=1e-6) or (degrees == 180 and torch.allclose(back, -vector, atol=1e-6))


def test_errors_are_about_the_found_cameras_axes(true_camera: Camera) -> None:
    vector = torch.tensor([0.3, -0.2, 0.1], dtype=torch.float64)
    turn = rotation_from_vector(torch.deg2rad(vector)).T.float()  # as a step of the search moves it
    found = true_camera.replace(R=true_camera.R @ turn, T=true_camera.T @ turn)
    rotation, position = errors(found, true_camera)
    assert torch.allclose(rotation, vector, atol=1e-4)
    assert float(position.norm()) < 1e-5
    moved = true_camera.replace(T=true_camera.T - (torch.tensor([[0.0, 0.1, 0.0]]) @ true_camera.R[0]))
    assert torch.allclose(errors(moved, true_camera)[1].float(), torch.tensor([0.0, 0.1, 0.0]), atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_a_trial_finds_what_is_there(method: str, small_room: Mesh, true_camera: Camera) -> None:
    picture = picture_of(small_room, true_camera)
    noise = torch.randn(picture.pixels.shape, generator=torch.Generator().manual_seed(0))
    picture = replace(picture, pixels=(picture.pixels + 0.01 * noise).clamp(0, 1))
    renderer, error = renderer_for(small_room, picture.resolution), StartError(3)
    (start,) = starts(renderer, picture, error, 1)
    row = trial_row("room", renderer, picture, error, start, method, METHODS[method], 0)
    assert row["right"]
    assert row["degrees"] < 0.5
    assert row["metres"] < 0.02
    assert row["status"] in ("converged", "ambiguous")
    assert len(row["z_rotation"]) == len(row["z_position"]) == 3
    assert max(map(abs, row["z_rotation"])) < 30
    nothing = replace(picture, has_answer=False)
    row = trial_row("room", renderer, nothing, error, start, method, METHODS[method], 0)
    assert not row["right"]
    assert row["degrees"] is row["metres"] is row["z_rotation"] is None


def test_a_far_camera_is_not_right(small_room: Mesh, true_camera: Camera) -> None:
    picture = picture_of(small_room, true_camera)
    aside = true_camera.replace(T=true_camera.T + torch.tensor([[0.06, 0.0, 0.0]]))
    found = METHODS["default"](renderer_for(small_room, (48, 64)), true_camera, picture.pixels, 0)

    def wrong(*_: object) -> object:
        return replace(found, best=aside)

    row = trial_row("room", renderer_for(small_room, (48, 64)), picture, StartError(5), aside, "x", wrong, 0)  # type: ignore[arg-type]
    assert row["degrees"] < 0.1
    assert row["metres"] == pytest.approx(0.06, abs=1e-4)
    assert not row["right"]


def test_pictures_without_an_answer_differ_from_those_with_one(small_room: Mesh, true_camera: Camera) -> None:
    own = picture_of(small_room, true_camera)
    foreign = replace(own, name="other", pixels=torch.zeros(30, 40, 3))
    made = list(unanswerable([own, replace(own, name="second")], [foreign], 2))
    assert [picture.source for picture in made] == ["noise"] * 2 + ["mirrored"] * 2 + ["another scene"]
    assert not any(picture.has_answer for picture in made)
    assert torch.equal(made[2].pixels.flip(1), own.pixels)
    assert made[4].pixels is foreign.pixels
    assert all(float(p.pixels.min()) >= 0 and float(p.pixels.max()) <= 1 for p in made)
    assert float(made[0].pixels.std()) > 0.2


def test_alterations_do_what_they_say() -> None:
    pixels = torch.full((40, 60, 3), 0.25)
    how = Alteration(saturation=1.0, gamma=0.5, gains=(1.0, 0.8, 0.6), noise=0.0, scale=1.5, jpeg=60)
    changed = how.of(pixels, np.random.default_rng(0))
    assert changed.shape == (60, 90, 3)
    assert torch.allclose(changed.mean((0, 1)), torch.tensor([0.5, 0.4, 0.3]), atol=0.01)
    drawn = [Alteration.drawn(index, np.random.default_rng(index)) for index in range(4)]
    assert [how.scale for how in drawn] == [0.5, 1.5, 0.5, 1.5]
    assert all(30 <= how.jpeg <= 60 for how in drawn)


def test_development_is_a_cameras() -> None:
    light = np.full((60, 80, 3), 0.3)
    rng = np.random.default_rng(0)
    plain = developed(light, Development(), rng)
    assert plain.min() == pytest.approx(plain.max())
    cold = developed(light, Development(white_balance=(0.8, 1.0, 1.2), vignetting=0.4), rng)
    assert (np.diff(cold[30, 40]) > 0).all()
    assert (cold[30, 40] > cold[0, 0]).all()
    noisy = developed(light, Development(noise=0.03), rng)
    assert 0.002 < noisy.std() < 0.05


def test_pictures_are_averaged_over_areas() -> None:
    pixels = torch.rand(48, 64, 3, generator=torch.Generator().manual_seed(0))
    small = shrunk_to(pixels, 12)
    assert small.shape == (12, 16, 3)
    assert torch.allclose(small[0, 0], pixels[:4, :4].mean((0, 1)), atol=1e-6)


def test_the_kept_pictures_show_their_rooms() -> None:
    entries = read_path_traced()
    files = {entry["file"] for here in entries.values() for entry in here}
    assert {path.name for path in FOLDER.glob("*.jpg")} == files
    assert sum((FOLDER / name).stat().st_size for name in files) < 200_000
    assert any(entry["person"] for here in entries.values() for entry in here)
    assert {entry["indoors"] for here in entries.values() for entry in here} == {True, False}
    choice, here = next(iter(entries.items()))
    mesh = choice.mesh(TRIANGLES)
    for picture in pictures_of(here[:2], mesh):
        with torch.no_grad():
            right, mirrored = (
                correlation(renderer_for(mesh, picture.resolution)(picture.camera).rgb[0], pixels)
                for pixels in (picture.pixels, picture.pixels.flip(1))
            )
        assert right > 0.5
        assert right > mirrored + 0.3


def correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(torch.corrcoef(torch.stack([a.mean(2).flatten(), b.mean(2).flatten()]))[0, 1])


def test_mitsuba_draws_what_our_camera_sees_and_the_person_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mitsuba", reason="mitsuba is not installed; pip install 'tvdrnet_nv[peers]'")
    from tvdrnet_nv.benchmarks.photos import path_tracer

    monkeypatch.setattr(path_tracer, "SAMPLES", 4)
    box = textured_box(6)
    camera = Camera.from_look_at((0.0, -6.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    alone, together = (
        path_tracer.radiance(box, camera, (24, 32), indoors=False, person=person, seed=1)
        for person in (None, path_tracer.Person(3.0, 0.5))
    )
    assert alone.shape == (24, 32, 3)
    with torch.no_grad():
        seen = renderer_for(box, (24, 32))(camera).alpha[0, ..., 0].numpy() > 0.99
    # The same outline: the sky is brighter than the box.
    sky = alone.min(2) > 0.89
    assert (seen == ~sky).mean() > 0.95
    differs = np.abs(alone - together).max(2) > 0.2
    assert differs[:, 16:].sum() > 10 > differs[:, :12].sum()
