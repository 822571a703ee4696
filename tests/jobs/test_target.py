"""Target pictures: what kinds are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import Optimized, OptimizeJob
from tvdrnet_nv.jobs.events import Reporter
from tvdrnet_nv.jobs.prepare import prepare
from tvdrnet_nv.jobs.target import read_mask, read_target, with_background_of_target, with_lens_of_target


def save(path: Path, array: np.ndarray, mode: str | None = None) -> Path:
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(path)
    return path


def test_targets_of_any_kind_become_rgb(tmp_path: Path) -> None:
    rgba = np.array([[[255, 0, 0, 255], [0, 0, 255, 0], [0, 255, 0, 51]]], dtype=np.uint8)
    expected = np.array([[[1.0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0.2]]])
    np.testing.assert_allclose(read_target(save(tmp_path / "rgba.png", rgba)), expected, atol=1e-6)
    grey = np.array([[0, 51, 255]], dtype=np.uint8)
    levels = np.repeat(np.array([[[0.0], [0.2], [1.0]]]), 3, axis=2)
    np.testing.assert_allclose(read_target(save(tmp_path / "grey.png", grey)), levels, atol=1e-6)
    np.testing.assert_allclose(read_target(save(tmp_path / "palette.png", grey, "P")), levels, atol=1e-6)
    np.testing.assert_allclose(read_target(save(tmp_path / "cmyk.jpg", grey, "CMYK")), levels, atol=0.02)
    deep = np.array([[0, 13107, 65535]], dtype=np.uint16)
    image = read_target(save(tmp_path / "deep.png", deep))
    np.testing.assert_allclose(image, levels, atol=1e-6)
    assert image.dtype == np.float32
    assert image.shape == (1, 3, 3)


def test_masks_that_leave_nothing_are_refused(tmp_path: Path) -> None:
    rgba = np.full((2, 3, 4), 255, np.uint8)
    rgba[0, :, 3] = 0
    target = read_target(save(tmp_path / "target.png", rgba))
    white = save(tmp_path / "white.png", rgba)
    assert read_mask(white, target).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert read_mask(white, target[..., :3]).tolist() == [[0, 0, 0], [1, 1, 1]]
    other = save(tmp_path / "other.png", rgba[::-1])
    with pytest.raises(InputError, match=r"`mask` .*other\.png: is black wherever the target is not transparent"):
        read_mask(other, target)
    rgba[..., 3] = 0
    nothing = save(tmp_path / "nothing.png", rgba)
    with pytest.raises(InputError, match=r"`target` .*nothing\.png: is transparent everywhere"):
        read_target(nothing)
    with pytest.raises(InputError, match=r"`mask` .*nothing\.png: is all black or transparent"):
        read_mask(nothing, target)


def with_lens(path: Path, millimetres: int) -> Path:
    """A picture of 3:2 whose EXIF data has a 35 mm equivalent focal length."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = millimetres
    Image.new("RGB", (36, 24)).save(path, exif=exif)
    return path


def test_the_lens_of_exif_data_is_a_start(tmp_path: Path, room: Path) -> None:
    """It is not known as one that the job names."""
    photograph = with_lens(tmp_path / "a.jpg", 28)
    for job, known, near in (
        (OptimizeJob(scene=room, target=photograph), False, True),
        (OptimizeJob(scene=room, target=photograph, fov=50.0), True, False),
        (OptimizeJob(scene=room, target=save(tmp_path / "b.png", np.zeros((24, 36, 3), np.uint8))), False, False),
    ):
        prepared = prepare(job, Reporter(None))
        assert (prepared.lens_known, prepared.lens_near) == (known, near)


def test_a_picture_that_is_too_small_is_refused(tmp_path: Path, room: Path) -> None:
    tiny = save(tmp_path / "tiny.png", np.random.default_rng(0).integers(0, 255, (9, 40, 3), np.uint8))
    with pytest.raises(InputError, match=r"`target` .*tiny\.png: compared at 40×9 pixels, too few to find its camera"):
        OptimizeJob(scene=room, target=tiny, out=tmp_path / "out").run()
    assert not (tmp_path / "out").exists()


def test_the_start_has_the_lens_of_the_targets_exif_data(tmp_path: Path) -> None:
    target = with_lens(tmp_path / "t.jpg", 28)
    reporter = Reporter(None)
    assert with_lens_of_target(OptimizeJob(scene="a.ply", target=target), reporter).fov == pytest.approx(
        46.397, abs=1e-3
    )
    note = "the target's EXIF data says a focal length of 28 mm (35 mm equivalent), so `fov` starts at 46.4°"
    assert reporter.notes == [note]
    silent = Reporter(None)
    given = OptimizeJob(scene="a.ply", target=target, fov=50)
    assert with_lens_of_target(given, silent) is given
    assert with_lens_of_target(OptimizeJob(scene="a.ply", target=target, camera="c.json"), silent).fov is None
    assert with_lens_of_target(OptimizeJob(scene="a.ply"), silent).fov is None
    assert silent.notes == []


@pytest.mark.parametrize("millimetres", [1, 5000])
def test_a_lens_that_no_camera_has_is_ignored_aloud(tmp_path: Path, millimetres: int) -> None:
    reporter = Reporter(None)
    job = OptimizeJob(scene="a.ply", target=with_lens(tmp_path / "t.jpg", millimetres))
    assert with_lens_of_target(job, reporter) is job
    (note,) = reporter.notes
    assert "this is ignored, as it is not within 5° to 150°" in note


def test_a_run_starts_with_the_targets_lens(room: Path, tmp_path: Path) -> None:
    options = {"scene": room, "iterations": 1, "image_size": "36x24", "search": False}
    target = with_lens(tmp_path / "t.jpg", 28)
    outcome = OptimizeJob(**options, target=target, out=tmp_path / "out").run()
    assert isinstance(outcome, Optimized)
    assert float(outcome.result.best.fov) == pytest.approx(46.397, abs=1e-3)
    assert any("EXIF" in note for note in outcome.notes)


GREY = np.full((20, 30, 3), 128, np.uint8)


def noted(tmp_path: Path, picture: np.ndarray, **fields: object) -> tuple[OptimizeJob, list[str]]:
    """The job with the picture's background, and the notes."""
    job, reporter = OptimizeJob(scene="scene.ply", target="target.png", **fields), Reporter(None)
    target = read_target(save(tmp_path / "target.png", picture))
    return with_background_of_target(job, target, None, reporter), reporter.notes


def test_the_background_is_that_along_the_border_of_the_target(tmp_path: Path) -> None:
    scene = GREY.copy()
    scene[4:, 6:24] = np.random.default_rng(0).integers(0, 256, (16, 18, 3))
    job, notes = noted(tmp_path, scene)
    assert job.background == pytest.approx((128 / 255,) * 3)
    assert notes == ["the target has 0.502,0.502,0.502 behind its scene, so `background` is that"]


@pytest.mark.parametrize("kind", ["said", "white", "transparent", "photograph"])
def test_a_background_that_the_target_does_not_show_stays(kind: str, tmp_path: Path) -> None:
    picture, fields = GREY, {}
    if kind == "said":
        fields = {"background": "black"}
    elif kind == "white":
        picture = np.full_like(GREY, 255)
    elif kind == "transparent":
        picture = np.dstack([GREY, GREY[..., 0]])
    else:
        picture = np.random.default_rng(0).integers(100, 110, GREY.shape).astype(np.uint8)
    job, notes = noted(tmp_path, picture, **fields)
    assert job.background == fields.get("background")
    assert notes == []


def test_too_few_pixels_to_find_a_camera_by_are_refused(room: Path, target: Path, tmp_path: Path) -> None:
    picture = np.asarray(Image.open(target).convert("RGBA")).copy()
    picture[..., 3] = 0
    picture[8:22, 8:22, 3] = 255
    few, small = save(tmp_path / "few.png", picture), save(tmp_path / "small.png", picture[..., 3])
    with pytest.raises(
        InputError, match=r"`target` .*few\.png: its transparency leaves 196 pixels that count, too few"
    ):
        OptimizeJob(scene=room, target=few, out=tmp_path / "a").run()
    with pytest.raises(InputError, match=r"`mask` .*small\.png: leaves 196 pixels that count, .* at least 256 are"):
        OptimizeJob(scene=room, target=target, mask=small, out=tmp_path / "a").run()
    assert not (tmp_path / "a").exists()
    # Where one optimisation is asked for, from a start that is known, it is made.
    OptimizeJob(scene=room, target=few, compare="colors", iterations=1, out=tmp_path / "a").run()
