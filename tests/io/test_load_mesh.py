"""`load_mesh`: what it says of names that it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh


@pytest.mark.parametrize("name", ["scene.3mf", "scene", "scene.ply.gz"])
def test_unknown_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("solid")
    with pytest.raises(InputError, match=r"not supported.*\.ply, \.obj, \.glb, \.gltf"):
        load_mesh(tmp_path / name)
