"""The façade's OFF files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere
from tvdrnet_nv.compat.pytorch3d.io import IO
from tvdrnet_nv.compat.pytorch3d.renderer import TexturesAtlas, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures import Meshes
from tvdrnet_nv.errors import InputError

CORNERS = "0 0 0\n1 0 0\n1 1 0\n0 1 0\n"


def load(text: str, folder: Path) -> Meshes:
    path = folder / "x.off"
    path.write_text(text)
    return IO().load_mesh(path)


@pytest.mark.parametrize("kind", ["none", "vertices", "faces", "white"])
def test_what_is_written_comes_back(kind, tmp_path):
    verts, faces = sphere(1).get_mesh_verts_faces(0)
    white = torch.ones(len(faces), 1, 1, 3)
    textures = {
        "none": None,
        "vertices": TexturesVertex([torch.rand(len(verts), 3)]),
        "faces": TexturesAtlas([torch.rand(len(faces), 1, 1, 3)]),
        "white": TexturesAtlas([white]),
    }[kind]
    IO().save_mesh(Meshes([verts], [faces], textures), tmp_path / "x.off")
    back = IO().load_mesh(tmp_path / "x.off")
    assert torch.equal(back.verts_packed(), verts)
    assert torch.equal(back.faces_packed(), faces)
    if textures is None:
        assert back.textures is None
        return
    name = "verts_features_packed" if kind == "vertices" else "atlas_packed"
    assert torch.allclose(getattr(back.textures, name)(), getattr(textures, name)(), atol=1e-8)
    assert IO().load_mesh(tmp_path / "x.off", include_textures=False).textures is None
    IO().save_mesh(Meshes([verts], [faces], textures), tmp_path / "x.off", include_textures=False)
    assert IO().load_mesh(tmp_path / "x.off").textures is None


def test_polygons_are_fans_and_whole_colours_are_of_255(tmp_path):
    quads = load(f"OFF # four\n4 2 0\n{CORNERS}4 0 1 2 3 255 0 51\n\n4 3 2 1 0 0 255 0 # green\n", tmp_path)
    assert quads.faces_packed().tolist() == [[0, 1, 2], [3, 2, 1], [0, 2, 3], [3, 1, 0]]
    colors = quads.textures.atlas_packed()[:, 0, 0]
    assert torch.allclose(colors, torch.tensor([[1, 0, 0.2], [0, 1, 0]] * 2))
    lumpy = load(f"OFF4 2 0\n{CORNERS}4 0 1 2 3 1.0 0 0.5\n3 3 2 1 0 1 0\n", tmp_path)
    assert lumpy.faces_packed().tolist() == [[0, 1, 2], [0, 2, 3], [3, 2, 1]]
    assert lumpy.textures.atlas_packed()[:, 0, 0].tolist() == [[1, 0, 0.5], [1, 0, 0.5], [0, 1, 0]]
    points = "0 0 0 1 2 3 4\n" * 3
    with pytest.warns(UserWarning, match="Faces colors ignored because vertex colors provided too"):
        both = load(f"3 1 0\n{points}3 0 1 2 1 1 1\n", tmp_path)
    assert torch.allclose(both.textures.verts_features_packed()[0] * 255, torch.tensor([1.0, 2, 3, 4]))
    other = load("COFF\n3 1 0\n0 0 0 1 0 0 1\n1 0 0 1 0 0 1\n0 1 0 1 0 0 1\n3 0 1 2\n", tmp_path)
    assert other.textures.verts_features_packed()[0].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Invalid counts line"),
        ("OFF\n4\n", "Invalid counts line: '4'"),
        (f"4 2 0\n{CORNERS}3 0 1 2\n", "Not enough face data."),
        ("4 0 0\n0 0 0\n", "Not enough vertex data."),
        (f"4 1 0\n{CORNERS}3 0 1 2\n3 0 1 3\n", "Extra data at end of file: '3 0 1 3'"),
        (f"4 1 0\n{CORNERS}2 0 1\n", "Faces must have at least 3 vertices. Face 0"),
        (f"4 1 0\n{CORNERS}4 0 1 2\n", "A line of face data did not have the specified length."),
        (f"5 1 0\n{CORNERS}3 0 1 2\n", "Wrong number of columns at line 5"),
        ("3 1 0\n0 0 0 1\n1 0 0 1\n0 1 0 1\n3 0 1 2\n", "Bad vertex data."),
        (f"4 1 0\n{CORNERS}3 0 1 2 1\n", "Unexpected number of colors."),
        (f"4 2 0\n{CORNERS}3 0 1 2\n3 0 1 2 1 1 1\n", "Number of colors differs between faces."),
        (f"4 1 0\n{CORNERS}3 0 1 x\n", "could not convert string to float: b'x'"),
        (f"4 1 0\n{CORNERS}3 0 1 0.5\n", "no whole number"),
    ],
)
def test_broken_files_are_one_clear_line(text, says, tmp_path):
    with pytest.raises(InputError) as raised:
        load(text, tmp_path)
    assert str(raised.value).startswith(f"{tmp_path}/x.off: {says}") or says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_off_has_not_is_said(tmp_path):
    with pytest.raises(InputError, match="single mesh; there are 2"):
        IO().save_mesh(sphere(0).extend(2), tmp_path / "x.off")
    with pytest.raises(InputError, match=r"nowhere.*cannot be written"):
        IO().save_mesh(sphere(0), tmp_path / "nowhere" / "x.off")
    with pytest.warns(UserWarning, match="Faces have invalid indices"):
        load(f"4 1 0\n{CORNERS}3 0 1 9\n", tmp_path)


def test_an_off_file_keeps_its_coordinates(tmp_path):
    (tmp_path / "far.off").write_text("OFF\n3 1 0\n4096 0 0\n4097 0 0\n4096 1 0\n3 0 1 2\n")
    mesh = IO().load_mesh(tmp_path / "far.off")
    assert mesh.verts_packed().tolist() == [[4096, 0, 0], [4097, 0, 0], [4096, 1, 0]]
