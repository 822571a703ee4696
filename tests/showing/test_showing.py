"""Meshes, renders and pictures as notebooks show them."""

from __future__ import annotations

import base64
import io
import re
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from tvdrnet_nv import Mesh, Renderer, scene_orbit
from tvdrnet_nv.scenes import bumpy_sphere, room
from tvdrnet_nv.showing import contact_sheet, facts_table, png


def shown(html: str) -> np.ndarray:
    """The picture in a piece of HTML."""
    found = re.search(r'src="data:image/png;base64,([^"]+)"', html)
    assert found is not None
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))))


def test_a_mesh_in_words_and_as_a_picture() -> None:
    mesh = room(5000)
    assert repr(mesh).startswith(f"Mesh({mesh.num_vertices:,} vertices, {mesh.num_faces:,} triangles, vertex colours, ")
    assert repr(mesh).endswith(" units, cpu)")
    html = mesh._repr_html_()
    assert f"{mesh.num_faces:,} triangles" in html
    image = shown(html)
    assert image.shape == (240, 320, 3)
    covered = (image != 255).any(2)
    assert 0.2 < covered.mean() < 0.9
    # Its colours, and not only one.
    assert image[covered].std(0).min() > 20
    content = mesh._repr_png_()
    assert content is not None
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), image)


def test_a_mesh_without_area_has_a_picture_too() -> None:
    mesh = Mesh(torch.zeros(3, 3), torch.tensor([[0, 1, 2]]).int(), torch.zeros(3, 3))
    assert shown(mesh._repr_html_()).shape == (240, 320, 3)


def test_a_render_is_drawn_when_it_is_looked_at() -> None:
    mesh = bumpy_sphere(8, 12)
    renderer = Renderer(mesh, (20, 30))
    start = scene_orbit(mesh)
    render = renderer(start.camera())
    assert repr(render) == "Render(1 camera, 20×30 pixels, cpu)"
    assert "_drawn" not in vars(render)
    image = shown(render._repr_html_())
    wanted = (255 * render.rgb[0].clamp(0, 1)).round().to(torch.uint8).numpy()
    np.testing.assert_array_equal(image, wanted)
    several = renderer(start.expand(3).replace(azimuth=torch.tensor([0.0, 90.0, 180.0])).camera())
    assert repr(several) == "Render(3 cameras, 20×30 pixels, cpu)"
    content = several._repr_png_()
    assert content is not None
    assert Image.open(io.BytesIO(content)).size == (3 * 30 + 2 * 4, 20)
    assert repr(renderer).startswith("Renderer(20×30 pixels, near 0.0")


def test_without_pillow_there_is_no_picture_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    mesh = bumpy_sphere(8, 12)
    assert png(np.zeros((2, 2, 3), np.uint8)) is None
    assert mesh._repr_png_() is None
    assert "<img" not in mesh._repr_html_()


def test_tables_are_escaped_and_sheets_have_rows() -> None:
    assert "&lt;b&gt;" in facts_table("<b>", {"a": "<b>"})
    images = [np.full((2, 3, 3), k, np.uint8) for k in range(5)]
    sheet = contact_sheet(images, across=2)
    assert sheet.shape == (3 * 2 + 2 * 4, 3 * 2 + 4, 3)
    assert (sheet[6:8, 7:] == 3).all()
    assert (sheet[12:, 7:] == 255).all()
