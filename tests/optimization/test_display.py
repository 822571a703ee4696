"""Results and sets of views in notebooks, in terminals and in files."""

from __future__ import annotations

import copy
import io
import json
import pickle
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tvdrnet_nv import FocusOn, InputError, MatchImage, Renderer, Result, choose_views, optimize, scene_orbit
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.io import load_camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization import Progress
from tvdrnet_nv.scenes import bumpy_sphere


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(bumpy_sphere(8, 12), (20, 24))


@pytest.fixture(scope="module")
def result(renderer: Renderer) -> Result:
    start = scene_orbit(renderer.mesh)
    target = renderer(start.replace(azimuth=start.azimuth + 5).camera()).rgb.detach()[0]
    return optimize(renderer, start, MatchImage(target), iterations=6)


def test_a_result_in_words_and_in_html(result: Result) -> None:
    line = repr(result)
    assert line.startswith(f"Result({result.status}, quality ")
    assert f"{result.iterations} iterations by lm" in line
    assert "azimuth" in line
    assert len(line) < 400
    html = result._repr_html_()
    assert html.count("<img") == html.count("<svg") == 1
    assert result.reason in html
    content = result._repr_png_()
    assert content is not None
    assert Image.open(io.BytesIO(content)).size == (24, 20)


def test_copies_leave_the_scene_and_are_shown_without_pictures(result: Result) -> None:
    for other in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert other.renderer is None
        assert repr(other) == repr(result)
        assert "<img" not in other._repr_html_()
        assert other._repr_png_() is None
    assert result.renderer is not None


def test_views_in_words_and_in_html(renderer: Renderer) -> None:
    focus = FocusOn(renderer.mesh, torch.ones(renderer.mesh.num_vertices), size=32)
    views = choose_views(renderer, focus, scene_orbit(renderer.mesh), 2, iterations=1)
    assert repr(views).startswith("ViewSet(2 views, together ")
    assert views._repr_html_().count("view ") >= 2
    content = views._repr_png_()
    assert content is not None
    assert Image.open(io.BytesIO(content)).size == (2 * 24 + 4, 20)
    assert pickle.loads(pickle.dumps(views))._repr_png_() is None


def test_a_result_is_saved_and_read_again(result: Result, tmp_path: Path) -> None:
    files = result.save(tmp_path / "out")
    assert [file.name for file in files] == ["result.json", "history.npz", "loss.svg", "view.png"]
    saved = load_camera(files[0])
    assert saved.resolution == (20, 24)
    torch.testing.assert_close(saved.viewpoint.to(torch.float32).camera().R, result.best.camera().R)
    facts = json.loads(files[0].read_text("utf-8"))
    assert facts["loss"] == pytest.approx(result.loss)
    assert facts["status"] == str(result.status)
    assert facts["initial"]["azimuth"] == result.initial.azimuth.item()
    with np.load(files[1]) as history:
        np.testing.assert_array_equal(history["loss"], result.history.loss)
        np.testing.assert_array_equal(history["azimuth"], result.history.array("azimuth"))
    with Image.open(files[3]) as view:
        assert view.size == (24, 20)
    assert len(pickle.loads(pickle.dumps(result)).save(tmp_path / "other")) == 3


def test_a_camera_far_from_the_origin_is_saved_in_the_files_coordinates(tmp_path: Path) -> None:
    sphere = bumpy_sphere(8, 12)
    mesh = Mesh(sphere.vertices, sphere.faces, sphere.colors, origin=(4e5, 5e6, 0.0))
    renderer = Renderer(mesh, 16)
    camera = scene_orbit(mesh).camera()
    result = optimize(renderer, camera, MatchImage(renderer(camera).rgb[0]), iterations=2)
    facts = json.loads(result.save(tmp_path)[0].read_text("utf-8"))
    position = Camera.from_dict(facts["camera"]).position[0]
    wanted = result.best.position[0].double() + torch.tensor([4e5, 5e6, 0.0], dtype=torch.float64)
    torch.testing.assert_close(position.double(), wanted, rtol=0, atol=0.5)
    saved = load_camera(tmp_path / "result.json").viewpoint.camera()
    torch.testing.assert_close(saved.position[0], wanted, rtol=0, atol=1e-5)


def test_a_bar_is_shown_and_changes_nothing(
    renderer: Renderer, result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    start = scene_orbit(renderer.mesh)
    target = renderer(start.replace(azimuth=start.azimuth + 5).camera()).rgb.detach()[0]
    seen: list[int] = []

    def stop(step: Progress) -> bool:
        seen.append(step.iteration)
        return step.iteration == 3

    again = optimize(renderer, start, MatchImage(target), iterations=6, progress=True)
    assert torch.equal(again.best.azimuth, result.best.azimuth)
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{again.iterations}/{again.iterations}" in said.err
    assert "best" in said.err
    assert optimize(renderer, start, MatchImage(target), callback=stop, progress=True).iterations == 3
    assert seen == [1, 2, 3]


def test_in_a_notebook_the_bar_is_an_element(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []
    handle = types.SimpleNamespace(update=shown.append)
    shell = types.SimpleNamespace(kernel=object())
    display = types.ModuleType("IPython.display")
    display.HTML = str  # type: ignore[attr-defined]
    display.display = lambda html, display_id: shown.append(html) or handle  # type: ignore[attr-defined]
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    start = scene_orbit(renderer.mesh)
    target = renderer(start.replace(azimuth=start.azimuth + 5).camera()).rgb.detach()[0]
    result = optimize(renderer, start, MatchImage(target), iterations=3, method="adam", progress=True)
    assert 'max="3"' in shown[0]
    assert shown[-1].startswith(f'<progress value="{result.iterations}"')
    assert capsys.readouterr().err == ""


def test_a_terminal_without_rich_says_what_to_type(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    start = scene_orbit(renderer.mesh)
    with pytest.raises(InputError, match=r"progress=True needs rich; type: pip install 'tvdrnet_nv\[cli\]'"):
        optimize(renderer, start, MatchImage(renderer(start.camera()).rgb[0]), progress=True)
