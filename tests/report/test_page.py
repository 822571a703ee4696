"""The page of a run: it holds all it shows, and reads without a network."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.finding import Attempt
from tvdrnet_nv.objectives import FocusOn, MatchImage
from tvdrnet_nv.optimization import Result, choose_views, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import Record, highlighted, render_views, write_report, write_view_set
from tvdrnet_nv.report import optimization as optimization_module
from tvdrnet_nv.report.page.pictures import data_uri

VOID = {"meta", "img", "input", "br"}


class Page(HTMLParser):
    """The elements of a page, whose tags must be balanced."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = path.read_text("utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.pre: dict[str, str] = {}
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(self.text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "pre":
            name = self._open[-1][1]["id"]
            assert name is not None
            self.pre[name] = self.pre.get(name, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def decoded(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",", 1)[1]))))


@pytest.fixture(scope="module")
def found(renderer: Renderer) -> tuple[Result, np.ndarray]:
    start = Orbit.create(4.0, 30.0, 45.0, at=(0.1, 0.0, -0.1), up="z")
    target = next(render_views(renderer, start.replace(azimuth=start.azimuth + 8))) / np.float32(255)
    return optimize(renderer, start, MatchImage(target), iterations=6), target


def test_the_page_of_a_target_holds_all_it_shows(
    tmp_path: Path, found: tuple[Result, np.ndarray], renderer: Renderer
) -> None:
    result, target = found
    record = Record(Path("a <b>&'s.ply"), 'tvdr-nv optimize "a <b>"')
    files = write_report(
        tmp_path,
        result,
        renderer,
        record,
        target=target,
        warnings=["the camera is <below> the floor"],
        attempts=[Attempt("a & b", 0.5, 1.25)],
    )
    assert files[-1].name == "report.html"
    page, params = Page(files[-1]), json.loads(files[0].read_text("utf-8"))

    # Nothing is fetched, and the browser is told so.
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page.text)
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/)", page.text)
    assert "default-src 'none'" in str(page.all("meta"))
    # A person who does not see it, or has a keyboard only.
    pictures = page.all("img")
    assert len(pictures) == 6 + len(result.candidates)
    assert all(picture["alt"] for picture in pictures)
    (border,) = (element for element in page.all("input") if element["type"] == "range")
    assert border["aria-label"]
    assert all(button["aria-label"] for button in page.all("button"))
    assert page.all("html") == [{"lang": "en"}]
    names = [element["id"] for _, element in page.elements if "id" in element]
    assert len(names) == len(set(names))
    assert {button["data-copy"] for button in page.all("button")} == set(page.pre)
    # The pictures are the run's: found over target, both exact where they are small.
    target_picture, found_picture = (decoded(str(picture["src"])) for picture in pictures[:2])
    np.testing.assert_array_equal(target_picture, (target * 255).round().astype(np.uint8))
    np.testing.assert_array_equal(found_picture, np.asarray(Image.open(tmp_path / "optimized_view.png")))
    # Every text is there, and none of it is markup.
    assert "a &lt;b&gt;&amp;&#x27;s.ply" in page.text
    assert "the camera is &lt;below&gt; the floor" in page.text
    assert "<li>a &amp; b: quality 0.50, 1.2 s</li>" in page.text
    assert page.pre["command"] == record.command
    assert json.loads(page.pre["numbers"]) == params
    opencv = json.loads(page.pre["camera-opencv"])
    assert opencv == {name: params["matrices"]["opencv"][name] for name in ("R", "t", "K")}
    assert {"camera-pytorch3d", "camera-opengl", "camera-camera_to_world"} < set(page.pre)
    assert "PINHOLE 32 24" in page.pre["file-colmap-0"]
    assert '"fl_x"' in page.pre["file-nerfstudio-0"]
    assert page.text.count("<svg") == 1
    assert files[-1].stat().st_size < 400_000


def test_the_page_of_a_view_shows_start_and_end(tmp_path: Path, result: Result, renderer: Renderer) -> None:
    scene = Path("s.ply")
    files = write_report(tmp_path, result, renderer, Record(scene, "x"), target=None)
    page = Page(files[-1])
    initial, best = (next(render_views(renderer, view)) for view in (result.initial, result.best))
    pictures = [decoded(str(picture["src"])) for picture in page.all("img")]
    np.testing.assert_array_equal(pictures[0], best)
    np.testing.assert_array_equal(pictures[1], initial)
    assert "Warnings" not in page.text


def test_the_page_of_several_views_has_each_camera(tmp_path: Path, renderer: Renderer) -> None:
    mesh = renderer.mesh
    weights = mesh.vertices.new_zeros(mesh.num_vertices)
    weights[: mesh.num_vertices // 2] = 1
    views = choose_views(
        renderer, FocusOn(mesh, weights, size=32), Orbit.create(4.0, 30.0, 45.0, up="z"), 2, iterations=1
    )
    count = len(views.orbit)
    files = write_view_set(
        tmp_path,
        views,
        renderer,
        Record(Path("s.ply"), "x"),
        focus="box=0,0,0,1,1,1",
        tinted=highlighted(renderer, weights),
        warnings=[["it is <near>"], *[[]] * (count - 1)],
    )
    page, facts = Page(files[-1]), json.loads(files[0].read_text("utf-8"))
    assert files[-1].name == "report.html"
    assert len(page.all("img")) == 2 * count
    assert "view 1: it is &lt;near&gt;" in page.text
    for k, view in enumerate(facts["views"]):
        assert json.loads(page.pre[f"camera-{k}-opencv"])["t"] == view["matrices"]["opencv"]["t"]


def test_a_page_that_fails_costs_a_note_only(
    tmp_path: Path, result: Result, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_page(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(optimization_module, "write_run_page", no_page)
    said: list[str] = []
    files = write_report(tmp_path, result, renderer, Record(Path("s.ply"), "x"), target=None, warn=said.append)
    assert (tmp_path / "optimized_params.json") in files
    assert not (tmp_path / "report.html").exists()
    assert said == ["the result is saved, but not all pictures: report.html (MemoryError)"]


def test_a_large_picture_is_a_small_file() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (400, 500, 3), dtype=np.uint8)
    assert data_uri(noise).startswith("data:image/jpeg;")
    assert data_uri(noise[:40, :50]).startswith("data:image/png;")
