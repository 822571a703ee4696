"""What GLB files hold comes back as it was written."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.gltf.stored import read_stored
from tvdrnet_nv.io.gltf.write import CLAMP, EncodedPicture, GlbWriter

VERTICES = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [9, 9, 9]], dtype=np.float64)
FACES = np.array([[0, 1, 2], [0, 2, 3]])


def test_colours_and_pictures_are_not_converted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texels = rng.integers(0, 255, (3, 5, 3), dtype=np.uint8)
    png = io.BytesIO()
    Image.fromarray(texels).save(png, "PNG")
    uv = rng.random((5, 2)) * 3 - 1
    bright = rng.random((5, 4)) * 2
    writer = GlbWriter()
    writer.add(VERTICES, FACES, None, uv, EncodedPicture(png.getvalue(), "image/png", CLAMP))
    writer.add(VERTICES + 1, FACES, bright)
    writer.add(VERTICES, FACES, np.full((5, 4), 13107, dtype=np.uint16))
    path = tmp_path / "three.glb"
    path.write_bytes(writer.to_bytes())
    painted, colored, whole = read_stored(path)
    assert painted.picture is not None
    np.testing.assert_array_equal(painted.picture, texels)
    np.testing.assert_array_equal(painted.uv, uv.astype(np.float32))
    assert painted.colors is None
    np.testing.assert_array_equal(colored.vertices, VERTICES + 1)
    np.testing.assert_array_equal(colored.faces, FACES)
    np.testing.assert_array_equal(colored.colors, bright.astype(np.float32))
    assert colored.picture is None
    np.testing.assert_allclose(whole.colors, 0.2)


@pytest.mark.parametrize("content", [b"", b"glTF", b"glTF\2\0\0\0\x0c\0\0\0", b"{}", b'{"asset": {"version": "2.0"}}'])
def test_what_is_no_mesh_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"{path}: ")) as raised:
        read_stored(path)
    assert "\n" not in str(raised.value)
    with pytest.raises(InputError, match=r"nowhere\.glb: cannot be read"):
        read_stored(tmp_path / "nowhere.glb")
