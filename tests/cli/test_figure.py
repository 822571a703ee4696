"""`tvdr-nv render --figure`, `--samples` and `--dollhouse`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import FAST, pixels
from tvdrnet_nv.cli import run


def test_a_figure_has_1024_pixels_and_is_all_that_is_written(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", str(box), "--figure", "figures/box.png", "--samples", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == ["figures/box.png"]
    assert [path.name for path in here.iterdir()] == ["figures"]
    image = pixels(here / "figures" / "box.png")
    assert image.shape[:2] == (1024, 1024)
    assert (image[0, 0, :3] == 255).all()


def test_a_figure_of_several_cameras_and_layers(box: Path, here: Path) -> None:
    options = ["--focus", "everything", "--views", "2", "--out", "views", "--quiet"]
    assert run(["optimize", str(box), *FAST, *options]) == 0
    command = ["render", "--camera", "views", "--figure", "a.png", "--image-size", "40", "--samples", "4", "--quiet"]
    assert run([*command, "--layers", "color,depth,normals", "--background", "transparent", "--caption", "Two."]) == 0
    image = Image.open(here / "a.png")
    assert image.mode == "RGBA"
    assert image.width == 40 + 24 + 40
    assert image.height > 3 * 40
    assert np.asarray(image)[0, 0, 3] == 0
    for name in ("a.pdf", "a.svg"):
        assert run([*command[:4], name, *command[5:]]) == 0
        assert (here / name).stat().st_size > 1000


def test_samples_smooth_edges_and_a_dollhouse_lets_one_in(room: Path, here: Path) -> None:
    command = ["render", str(room), "--image-size", "48", "--elevation", "10", "--quiet", "--out"]
    assert run([*command, "a"]) == run([*command, "b", "--samples", "16"]) == run([*command, "c", "--dollhouse"]) == 0
    plain, smooth, opened = (pixels(here / name / "single_view.png") for name in "abc")
    assert 0 < np.abs(plain.astype(int) - smooth).mean() < 10
    # The near walls are gone: more colours are seen, and more of the ground.
    assert np.abs(plain.astype(int) - opened).mean() > 5
    assert run([*command, "d", "--dollhouse", "--mode", "turntable", "--num-views", "3", "--format", "png"]) == 0
    np.testing.assert_array_equal(pixels(here / "d" / "turntable_000.png"), opened)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--figure", "a.jpg"], "--figure a.jpg: wanted a name that ends in .pdf, .svg, .png"),
        (["--figure", "a.pdf", "--out", "b"], "--figure and --out exclude each other"),
        (["--figure", "a.pdf", "--mode", "grid"], "--figure and --mode grid exclude each other"),
        (["--figure", "a.pdf", "--layers", "color,warmth"], "--layers warmth: choose from color, depth, normals"),
        (["--figure", "a.pdf", "--layers", "depth,depth"], "--layers depth,depth: wanted each of color, depth"),
        (["--layers", "depth"], "--layers: of a figure; name its file with --figure"),
        (["--samples", "8"], "--samples 8: wanted a square from 1 to 256"),
        (["--dollhouse", "--mode", "grid"], "--dollhouse: works with one camera at a time"),
        (["--figure", "taken.png"], "--figure taken.png: is a folder; name a file"),
    ],
)
def test_what_makes_no_figure_is_refused(
    arguments: list[str], says: str, box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "taken.png").mkdir()
    assert run(["render", str(box), *arguments]) == 2
    assert says in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["taken.png"]
