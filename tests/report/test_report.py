"""Files and pictures of the report."""

from __future__ import annotations

import json
import math
import shlex
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tvdrnet_nv.benchmarks.scenes import textured_box
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.optimization import Result, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import (
    Record,
    camera_matrices,
    check_writable,
    mesh_facts,
    optimized_params,
    render_command,
    render_views,
    staged_folder,
    to_uint8,
    turntable,
    view_grid,
    views,
    write_gif,
    write_mp4,
    write_report,
)
from tvdrnet_nv.report import optimization as optimization_module
from tvdrnet_nv.report.loss_plot import write_loss_plot
from tvdrnet_nv.report.params import to_json
from tvdrnet_nv.report.pictures import INK, PAPER, Panel, labelled_grid, panels, shrunk_size, side_by_side
from tvdrnet_nv.report.render_command import digits
from tvdrnet_nv.report.text import angle, number
from tvdrnet_nv.shading import PhongLight

FILES = [
    "optimized_params.json",
    "optimized_view.png",
    "optimization_comparison.png",
    "optimization_process.gif",
    "loss.png",
]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(textured_box(4), (24, 32))


@pytest.fixture(scope="module")
def result(renderer: Renderer) -> Result:
    start = Orbit.create([4.0, 5.0], 30.0, [45.0, 80.0], at=(0.1, 0.0, -0.1), up="z")
    return optimize(renderer, start, view_heuristic, iterations=30)


# Atomic writes


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with staged_folder(out) as folder:
        (folder / "x.txt").write_text("x")
        assert not out.exists()
    assert (out / "x.txt").read_text() == "x"
    assert [path.name for path in out.parent.iterdir()] == ["b"]


def test_an_existing_folder_keeps_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "x.txt").write_text("before")
    with staged_folder(tmp_path) as folder:
        (folder / "x.txt").write_text("after")
        assert (tmp_path / "x.txt").read_text() == "before"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"old.txt": "old", "x.txt": "after"}


@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_midway_leaves_everything_as_it_was(tmp_path: Path, exists: bool) -> None:
    out = tmp_path / "out"
    if exists:
        out.mkdir()
        (out / "x.txt").write_text("before")
    with pytest.raises(KeyboardInterrupt), staged_folder(out) as folder:  # noqa: PT012
        (folder / "x.txt").write_text("half")
        raise KeyboardInterrupt
    assert out.exists() == exists
    assert [path.name for path in tmp_path.rglob("*")] == (["out", "x.txt"] if exists else [])
    if exists:
        assert (out / "x.txt").read_text() == "before"


def test_a_full_disk_is_one_line_that_names_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"output folder .*out: cannot be written: no space left"), staged_folder(out):
        raise OSError(28, "No space left on device", "/somewhere/else")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("use", [check_writable, lambda out: staged_folder(out).__enter__()])
def test_an_output_folder_that_is_a_file_or_lies_under_one_is_refused(tmp_path: Path, use) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="a file of this name exists"):
        use(tmp_path / "file")
    with pytest.raises(InputError, match=r"cannot be written: (not a directory|file exists)"):
        use(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "x"


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


# The report as a whole


def test_the_report_writes_its_files(tmp_path: Path, result: Result, renderer: Renderer) -> None:
    target = np.zeros((24, 32, 3), dtype=np.float32)
    out = tmp_path / "out"
    files = write_report(out, result, renderer, Record(Path("scene.ply"), "tvdr-nv 'x y'"), target=target)
    assert files == [out / name for name in FILES]
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)

    best = next(render_views(renderer, result.best))
    np.testing.assert_array_equal(np.asarray(Image.open(out / "optimized_view.png")), best)
    with Image.open(out / "optimization_process.gif") as gif:
        assert 18 <= gif.n_frames <= 21
        assert gif.info["loop"] == 0
        assert gif.info["duration"] == 250
        gif.seek(gif.n_frames - 1)
        assert gif.info["duration"] == 2500
        # The last frame is the best camera; the picture is enlarged four times and centred in the panel.
        last = np.asarray(gif.convert("RGB"))[2 : 24 * 4 : 4, (224 - 128) // 2 + 2 : (224 + 128) // 2 : 4]
    assert np.abs(last.astype(int) - best).mean() < 3
    assert (last[(best == 255).all(axis=2)] == 255).all()
    comparison = np.asarray(Image.open(out / "optimization_comparison.png"))
    assert (comparison == 0).all(axis=2).sum() == 24 * 32 * 16  # the black target, enlarged four times
    without = write_report(tmp_path / "b", result, renderer, Record(Path("scene.ply"), "x"), target=None)
    assert np.asarray(Image.open(without[2])).shape[1] < comparison.shape[1]


def test_a_crash_midway_leaves_no_half_report(
    tmp_path: Path, result: Result, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    arguments = {"target": None, "record": Record(Path("scene.ply"), "x")}
    write_report(out, result, renderer, **arguments)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(optimization_module, "write_loss_plot", fail)
    changed = replace(result, seed=99)
    for folder in (out, tmp_path / "new"):
        with pytest.raises(RuntimeError, match="boom"):
            write_report(folder, changed, renderer, **arguments)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_result_of_one_iteration_can_be_reported(tmp_path: Path, renderer: Renderer) -> None:
    single = optimize(renderer, Orbit.create(4.0, 30.0, 45.0), view_heuristic, iterations=1)
    files = write_report(tmp_path, single, renderer, Record(Path("scene.ply"), "x"), target=None)
    assert all(file.stat().st_size > 0 for file in files)


# Parameters


def test_params_start_with_tvdrnets_keys_and_hold_the_result(result: Result, renderer: Renderer) -> None:
    params = optimized_params(result, renderer, Record(Path("a b.ply"), "tvdr-nv optimize 'a b.ply'"))
    six = ["distance", "elevation", "azimuth", "initial_distance", "initial_elevation", "initial_azimuth"]
    assert list(params)[:6] == six
    for name in ("distance", "elevation", "azimuth", "fov"):
        assert np.float32(params[name]) == getattr(result.best, name).numpy()[0]
        assert np.float32(params[f"initial_{name}"]) == getattr(result.initial, name).numpy()[0]
    assert params["distance"] != params["initial_distance"]
    np.testing.assert_array_equal(np.float32(params["at"]), result.best.at[0].numpy())
    assert params["image_size"] == {"width": 32, "height": 24}
    assert params["loss"] == result.loss < params["initial_loss"]
    assert params["best_iteration"] == result.best_iteration + 1
    assert params["iterations"] == 30
    assert params["starts"] == 2
    assert params["up"] == "z"
    assert params["status"] in {"converged", "stopped"}
    assert params["light"]["location"] == [2.0, 2.0, -3.0]
    assert params["command"] == "tvdr-nv optimize 'a b.ply'"
    assert params["versions"]["torch"] == torch.__version__
    assert json.loads(to_json(params)) == params


def test_numbers_that_are_not_finite_become_null(result: Result, renderer: Renderer) -> None:
    broken = replace(result, loss=math.nan, initial_loss=math.inf)
    params = optimized_params(broken, renderer, Record(Path("scene.ply"), "x"))
    assert params["loss"] is None
    assert params["initial_loss"] is None
    to_json(params)


def test_all_matrices_put_a_point_in_the_same_pixel() -> None:
    orbit = Orbit.create(5.0, 25.0, 130.0, 50.0, at=(1.0, -2.0, 0.5), up="z")
    height, width = 48, 64
    m = camera_matrices(orbit, Renderer(textured_box(4), (height, width), near=0.1, far=50.0))
    point = np.array([1.4, -1.7, 0.9])

    R, t, K = (np.array(m["opencv"][name]) for name in ("R", "t", "K"))
    u, v, w = K @ (R @ point + t)
    opencv = np.array([u / w, v / w])

    clip = np.array(m["opengl"]["projection"]) @ np.array(m["opengl"]["view"]) @ np.append(point, 1)
    opengl = np.array([(clip[0] / clip[3] + 1) / 2 * width, (1 - clip[1] / clip[3]) / 2 * height])

    x, y, z = point @ np.array(m["pytorch3d"]["R"]) + np.array(m["pytorch3d"]["T"])
    focal = 1 / math.tan(math.radians(25.0))
    pytorch3d = np.array([width / 2 - focal * x / z * height / 2, height / 2 - focal * y / z * height / 2])

    inverse = np.linalg.inv(np.array(m["camera_to_world"]))
    np.testing.assert_allclose(inverse, np.array(m["opengl"]["view"]), atol=1e-9)
    np.testing.assert_allclose(opengl, opencv, atol=1e-4)
    np.testing.assert_allclose(pytorch3d, opencv, atol=1e-4)
    assert 0 < opencv[0] < width


def test_lists_of_numbers_stand_on_one_line_and_strings_stay() -> None:
    value = {"m": [[1, 2.5], [3, None]], "s": "a [ b, c ] { d }", "e": [], "mixed": [{"x": [1]}, "]"]}
    text = to_json(value)
    assert json.loads(text) == value
    assert "[1, 2.5],\n    [3, null]\n" in text


# The command that renders the view again


def test_the_command_says_what_the_renderer_does(renderer: Renderer) -> None:
    orbit = Orbit.create(5.1, -25.0, 130.7, 50.0, at=(1.0, -2.25, 0.1), up="z")
    light = PhongLight(location=(1.0, -2.0, 0.3))
    hard = Renderer(renderer.mesh, (24, 32), light=light, antialias=False, near=0.25, far=90.0)
    command = render_command(Record(Path("/a b/it's.ply"), "", device="cpu"), orbit, hard)
    assert command is not None
    assert shlex.split(shlex.join(command)) == command
    assert " ".join(command) == (
        "tvdr-nv render /a b/it's.ply --mode single --distance 5.1 --elevation -25 --azimuth 130.7 --fov 50 "
        "--at 1,-2.25,0.1 --up z --image-size 32x24 --near 0.25 --far 90.0 --light-pos 1 -2 0.3 "
        "--no-antialias --device cpu"
    )


@pytest.mark.parametrize("unsayable", [{"light": PhongLight(ambient=0.1)}, {"background": (0.0, 0.0, 0.0)}])
def test_there_is_no_command_for_what_it_cannot_say(renderer: Renderer, unsayable: dict) -> None:
    other = Renderer(renderer.mesh, 16, **unsayable)
    assert render_command(Record(Path("a.ply"), ""), Orbit.create(5.0, 0.0, 0.0), other) is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_digits_bring_back_the_same_float32(value: float) -> None:
    text = digits(torch.tensor(value, dtype=torch.float32))
    assert struct.unpack("f", struct.pack("f", float(text)))[0] == value
    assert "e" not in text


# Captions


def _is_ink(pixels: np.ndarray) -> np.ndarray:
    return (np.abs(pixels.astype(int) - PAPER).max(axis=-1) > 40) & (pixels.max(axis=-1) < 200)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (24, 24), (64, 300), (256, 256), (1200, 900)])
def test_captions_stay_inside_the_panel(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 255, dtype=np.uint8)
    fields = ["loss -1.234e-06", "D 1234.", "E -90.0°", "A -359.9°", "FoV 120.0°", "a field that is far too long " * 9]
    sheets = panels([Panel(image, "Iteration 100000 of 100000 " * 8, fields), Panel(image, "Target")])
    assert sheets[0].shape == sheets[1].shape
    width = sheets[0].shape[1]
    factor = max(1, 128 // max(shape))
    caption = sheets[0][shape[0] * factor + 1 :]
    assert len(caption) > 60
    ink = _is_ink(caption)
    assert ink.any(axis=1).sum() > 30
    assert not ink[:, :4].any()
    assert not ink[:, -4:].any()
    assert not ink[-4:].any()
    assert width >= 224
    # Nothing is written twice over: at least four lines of fields below the title, each with its own rows.
    rows = ink.any(axis=1).astype(int)
    assert (np.diff(rows) == 1).sum() >= 4


def test_tiny_pictures_are_enlarged_by_a_whole_factor() -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    (sheet,) = panels([Panel(image, "x")])
    factor = 128 // 3
    left = (sheet.shape[1] - 3 * factor) // 2
    shown = sheet[: 2 * factor, left : left + 3 * factor]
    np.testing.assert_array_equal(shown, image.repeat(factor, axis=0).repeat(factor, axis=1))


def test_pictures_of_different_sizes_stand_side_by_side() -> None:
    page = side_by_side(
        [Panel(np.zeros((40, 2000, 3), np.uint8), "wide"), Panel(np.zeros((300, 20, 3), np.uint8), "b")]
    )
    assert page.shape[1] < 2200
    assert (page == 0).all(axis=2).sum() == pytest.approx(1024 * 20 + 300 * 20, rel=0.1)


def test_the_grid_puts_pictures_in_their_rows_and_columns() -> None:
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    images = [np.full((150, 200, 3), color, dtype=np.uint8) for color in colors]
    page = labelled_grid(images, ["row 1", "row 2"], ["left", "right"], "title")
    places = [np.argwhere((page == color).all(axis=2)).mean(axis=0) for color in colors]
    assert places[0][0] == places[1][0] < places[2][0] == places[3][0]
    assert places[0][1] == places[2][1] < places[1][1] == places[3][1]
    assert all((page == color).all(axis=2).sum() == 150 * 200 for color in colors)
    assert (page == INK).all(axis=2).any()


@pytest.mark.parametrize(("size", "expected"), [((480, 640), (384, 512)), ((10, 20), (10, 20)), ((1, 9000), (1, 512))])
def test_shrunk_sizes(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert shrunk_size(*size, 512) == expected


def test_numbers_read_well() -> None:
    assert [number(x) for x in (6.0, -0.42, 1.234e-6, math.nan)] == ["6.000", "-0.4200", "1.234e-06", "nan"]
    assert [angle(x) for x in (45.0, -0.04, 359.96)] == ["45.0°", "0.0°", "360.0°"]


# Animations


def _frames(count: int, height: int, width: int) -> list[np.ndarray]:
    return [np.full((height, width, 3), (20 * i, 100, 250 - 20 * i), dtype=np.uint8) for i in range(count)]


@pytest.mark.parametrize(("height", "width"), [(31, 33), (1, 1), (20, 24)])
def test_gif(tmp_path: Path, height: int, width: int) -> None:
    write_gif(tmp_path / "a.gif", _frames(7, height, width), frame_ms=120, last_ms=900)
    durations = []
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (width, height)
        assert gif.info["loop"] == 0
        for i in range(gif.n_frames):
            gif.seek(i)
            durations.append(gif.info["duration"])
            assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - _frames(7, 1, 1)[i]).max() <= 4
    assert durations == [120] * 6 + [900]


def test_a_small_thing_keeps_its_colour_in_a_gif(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(180, 256, (200, 200, 1), dtype=np.uint8).repeat(3, axis=2)
    frame[90:96, 90:96] = (120, 20, 160)
    write_gif(tmp_path / "a.gif", [frame, frame[::-1]], frame_ms=100)
    with Image.open(tmp_path / "a.gif") as gif:
        shown = np.asarray(gif.convert("RGB"))[90:96, 90:96].reshape(-1, 3).mean(axis=0)
    assert np.abs(shown - (120, 20, 160)).max() < 8


@pytest.mark.parametrize(("height", "width"), [(31, 33), (1, 1), (64, 48)])
def test_mp4(tmp_path: Path, height: int, width: int) -> None:
    path = tmp_path / "a.mp4"
    write_mp4(path, iter(_frames(6, height, width)), frame_ms=200)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    size = width + width % 2, height + height % 2
    assert f"{size[0]}x{size[1]}" in done.stderr.decode()
    assert "5 fps" in done.stderr.decode()
    shown = np.frombuffer(done.stdout, np.uint8).reshape(6, *size[::-1], 3)
    for frame, expected in zip(shown, _frames(6, 1, 1), strict=True):
        assert np.abs(frame.astype(int) - expected).mean() < 12


def test_ffmpegs_complaint_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ffmpeg could not write a\.mp4: .*No such file"):
        write_mp4(tmp_path / "absent" / "a.mp4", _frames(3, 16, 16), frame_ms=100)


# The loss plot


def _red(path: Path) -> int:
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return int((np.abs(pixels - (217, 48, 37)).max(axis=2) < 10).sum())


def test_loss_plots(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    loss = np.geomspace(1.0, 1e-4, 20)[:, None] * np.array([1.0, 2.0])
    write_loss_plot(path, loss, best_start=1, best_iteration=20, title="a_b $c$ [d]")
    assert _red(path) > 100
    for hopeless in (np.full((5, 2), np.nan), np.zeros((0, 1))):
        write_loss_plot(path, hopeless, best_start=0, best_iteration=min(1, len(hopeless)), title="none")
        assert _red(path) == 0
    write_loss_plot(path, np.array([[0.5]]), best_start=0, best_iteration=1, title="one")
    assert _red(path) > 100


# Views


def test_views_in_batches_are_the_views_one_by_one(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    orbit = turntable(Orbit.create(4.0, 20.0, 10.0), 7)
    together = np.stack(list(render_views(renderer, orbit)))
    sizes = []
    original = Renderer.__call__
    monkeypatch.setattr(Renderer, "__call__", lambda self, camera: sizes.append(len(camera)) or original(self, camera))
    monkeypatch.setattr(views, "_BATCH_PIXELS", 3 * 24 * 32 + 5)
    apart = np.stack(list(render_views(renderer, orbit)))
    assert sizes == [3, 3, 1]
    np.testing.assert_array_equal(together, apart)
    assert len(np.unique(together.reshape(7, -1), axis=0)) == 7


def test_large_scenes_are_rendered_in_small_batches(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    original = Renderer.__call__
    monkeypatch.setattr(Renderer, "__call__", lambda self, camera: sizes.append(len(camera)) or original(self, camera))
    monkeypatch.setattr(views, "_BATCH_VERTICES", renderer.mesh.num_vertices - 1)
    list(render_views(renderer, turntable(Orbit.create(4.0, 20.0, 10.0), 3)))
    assert sizes == [1, 1, 1]


def test_a_turntable_goes_once_around() -> None:
    orbit = turntable(Orbit.create(4.0, 20.0, 10.0, up="z"), 4)
    assert orbit.azimuth.tolist() == [10.0, 100.0, 190.0, 280.0]
    assert orbit.elevation.tolist() == [20.0] * 4
    assert orbit.up == "z"


def test_the_view_grid_has_the_highest_views_at_the_top(renderer: Renderer) -> None:
    orbit = Orbit.create(4.0, 20.0, 10.0)
    page = view_grid(renderer, orbit, elevations=(0.0, 60.0), azimuths=(0.0, 90.0, 180.0))
    top = next(render_views(renderer, Orbit.create(4.0, 60.0, 0.0)))
    bottom = next(render_views(renderer, Orbit.create(4.0, 0.0, 0.0)))
    large = [image.repeat(4, axis=0).repeat(4, axis=1) for image in (top, bottom)]
    windows = np.lib.stride_tricks.sliding_window_view(page[::1, : page.shape[1] // 2], large[0].shape)[..., 0, :, :, :]
    rows = [np.argwhere((windows == image).all(axis=(2, 3, 4))) for image in large]
    assert len(rows[0]) == len(rows[1]) == 1
    assert rows[0][0][0] < rows[1][0][0]


def test_colours_are_rounded_and_clamped() -> None:
    assert to_uint8(torch.tensor([-0.5, 0.0, 0.5, 0.999, 1.7])).tolist() == [0, 0, 128, 255, 255]


# Facts


def test_mesh_facts() -> None:
    vertices = torch.tensor([[0.0, 0, 0], [2, 0, 0], [2, 0, 2], [0, 0, 2], [9, 9, 9], [1, 0, 0]])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3], [0, 5, 1], [2, 0, 1]], dtype=torch.int32)
    facts = mesh_facts(Mesh(vertices, faces, torch.full((6, 3), 0.25)))
    assert facts == {
        "vertices": 6,
        "faces": 4,
        "unused_vertices": 1,
        "degenerate_faces": 1,
        "border_edges": 4,
        "non_manifold_edges": 2,
        "area": 6.0,
        "min": [0.0, 0.0, 0.0],
        "max": [2.0, 0.0, 2.0],
        "size": [2.0, 0.0, 2.0],
        "center": [1.0, 0.0, 1.0],
        "radius": pytest.approx(math.sqrt(2)),
        "up": "y",
        "colors": "uniform",
        "mean_color": [0.25, 0.25, 0.25],
    }


def _write_three(folder: Path) -> None:
    with staged_folder(folder) as staging:
        for name in ("a.txt", "b.txt", "z.txt"):
            (staging / name).write_text("new")


def test_an_existing_folder_gets_all_the_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "z.txt").mkdir()
    with pytest.raises(InputError, match=r"z\.txt is a folder there"):
        _write_three(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "z.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_folder_of_a_files_name_is_found_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "loss.png").mkdir()
    with pytest.raises(InputError, match=r"holds a folder named loss\.png"):
        check_writable(tmp_path, ["optimized_params.json", "loss.png"])
