"""Figures for papers: their size, their samples, their light and their maps."""

from __future__ import annotations

import base64
import io
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.choices import Layer
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views
from tvdrnet_nv.report.figure import FigurePanel, write_figure
from tvdrnet_nv.report.figure_pictures import exposure, figure_light, figure_pictures, over_black, with_light
from tvdrnet_nv.report.pictures import Scale
from tvdrnet_nv.report.supersample import jittered
from tvdrnet_nv.scenes import bumpy_sphere
from tvdrnet_nv.shading import PhongLight

UP = torch.tensor([0.0, 0.0, 1.0])
EYE = Camera.from_look_at((1.0, -4.0, 3.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 50.0).to(torch.float32)


@pytest.fixture(scope="module")
def panel() -> FigurePanel:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (40, 60, 4), dtype=np.uint8)
    image[..., 3] = np.where(np.arange(60) < 30, 255, 0)
    return FigurePanel(image)


def square(color: float) -> Mesh:
    """A level square of 2 × 2, which faces up."""
    corners = torch.tensor([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    return Mesh(corners, torch.tensor([[0, 1, 2], [0, 2, 3]]).int(), torch.full((4, 3), color))


def test_a_png_has_the_pictures_pixels(tmp_path: Path, panel: FigurePanel) -> None:
    write_figure(tmp_path / "a.png", [[panel]])
    image = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert image.shape == (40, 60, 3)
    np.testing.assert_array_equal(image[:, :30], panel.image[:, :30, :3])
    assert (image[:, 30:] == 255).all()
    write_figure(tmp_path / "b.png", [[panel]], ground=None)
    clear = np.asarray(Image.open(tmp_path / "b.png"))
    np.testing.assert_array_equal(clear[..., 3], panel.image[..., 3])
    write_figure(tmp_path / "d.png", [[panel]], ground=(0.0, 0.0, 1.0))
    assert (np.asarray(Image.open(tmp_path / "d.png").convert("RGB"))[:, 30:] == (0, 0, 255)).all()
    # Letters, captions, a scale and a text below take room, and move no picture.
    scale = Scale(np.zeros((4, 3), np.uint8), ["0", "1", "2"])
    rows = [[panel._replace(caption="depth, m", scale=scale), panel]]
    write_figure(tmp_path / "c.png", rows, caption="What it shows. " * 5)
    page = np.asarray(Image.open(tmp_path / "c.png").convert("RGB"))
    assert page.shape[1] == 60 + 24 + 60
    np.testing.assert_array_equal(page[:40, :30], panel.image[:, :30, :3])
    np.testing.assert_array_equal(page[:40, 84:114], panel.image[:, :30, :3])
    assert (page[40:] < 100).sum() > 300


def test_pdf_and_svg_hold_the_pictures_in_their_own_size(tmp_path: Path, panel: FigurePanel) -> None:
    write_figure(tmp_path / "a.svg", [[panel, panel]], caption="a < b & $x_{$")
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert "a &lt; b &amp; $x_{$" in text
    assert ">(b)<" in text
    pictures = [base64.b64decode(found) for found in re.findall(r"base64,\s*([A-Za-z0-9+/=\s]+)\"", text)]
    assert [Image.open(io.BytesIO(found)).size for found in pictures] == [(60, 40), (60, 40)]
    write_figure(tmp_path / "a.pdf", [[panel]], caption="a < b & $x_{$")
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    found = re.search(rb"/Subtype /Image.*?stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    assert found is not None
    assert b"/Width 60" in content
    assert b"/Height 40" in content
    assert zlib.decompress(found[1])


def test_samples_are_those_of_a_finer_picture() -> None:
    mesh = bumpy_sphere(8, 12)
    coarse, fine = (Renderer(mesh, (size, 2 * size), antialias=False) for size in (24, 96))
    several = next(render_views(coarse, EYE, samples=16))
    wanted = next(render_views(fine, EYE)).astype(np.float32).reshape(24, 4, 48, 4, 3).mean((1, 3))
    assert np.abs(several - wanted).max() <= 1
    assert np.abs(next(render_views(coarse, EYE)) - wanted).max() > 30
    with pytest.raises(ValueError, match="a square number, such as 16; got 8"):
        next(jittered(EYE, (24, 48), 8))


@pytest.mark.parametrize(("color", "low", "high"), [(1.0, 240, 254), (0.5, 150, 215)])
def test_a_white_floor_stays_white_and_a_dark_scan_is_lit(color: float, low: int, high: int) -> None:
    renderer = over_black(Renderer(square(color), 48))
    lit = with_light(renderer, figure_light(renderer.mesh, EYE, UP))
    (panel,) = figure_pictures(lit, EYE, (Layer.color,), samples=4, gain=exposure(lit, EYE))
    inside = panel.image[..., :3][panel.image[..., 3] == 255]
    assert low <= inside.min()
    assert inside.max() <= high
    # In TVDRNet's light from above, a white floor is burnt out.
    usual = with_light(renderer, PhongLight(location=(0.0, 0.0, 4.0)))(EYE)
    assert (float(usual.rgb[usual.alpha[..., 0] == 1].min()) > 1.0) == (color == 1.0)
    assert exposure(with_light(renderer, PhongLight(location=(0.0, 0.0, 4.0))), EYE) < 1.0 or color < 1.0


def test_maps_are_of_what_is_seen() -> None:
    renderer = over_black(Renderer(square(0.5), 64, antialias=False))
    depth, normals = figure_pictures(renderer, EYE, (Layer.depth, Layer.normals), samples=4, gain=1.0, name="a view")
    render = renderer(EYE)
    seen = render.face_ids[0] >= 0
    assert depth.caption == "a view, depth, m"
    assert depth.scale is not None
    near, _, far = (float(text) for text in depth.scale.numbers)
    depths = render.depth[0][seen]
    assert near == pytest.approx(float(depths.min()), rel=0.02)
    assert far == pytest.approx(float(depths.max()), rel=0.02)
    # Up in the world, in the camera's frame: half way between up in the picture and toward the camera, or so.
    up = UP @ EYE.R[0] * torch.tensor([-1.0, 1.0, -1.0])
    shown = normals.image[..., :3][normals.image[..., 3] == 255].astype(np.float32) / 255 * 2 - 1
    np.testing.assert_allclose(shown.mean(0), up.numpy(), atol=0.01)
    assert (depth.image[..., 3][~seen.numpy()] < 255).all()
