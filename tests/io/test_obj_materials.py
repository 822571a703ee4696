"""OBJ files whose materials and pictures are hard to find, and colours in unusual forms."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.io.test_obj import FACES, GREEN, POINTS, RED, UVS, read
from tests.test_textures import QUADRANTS
from tvdrnet_nv.io import load_mesh

QUAD = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


@pytest.mark.parametrize(
    "name",
    [
        "C:\\Users\\me\\scan\\tex\\a b.png",
        "/home/me/tex/a b.png",
        "tex/a%20b.png",
        '"tex/a b.png"',
        "../x/TEX\\A B.png",
    ],
)
def test_paths_of_other_machines(tmp_path: Path, name: str) -> None:
    (tmp_path / "tex").mkdir()
    Image.fromarray(QUADRANTS).save(tmp_path / "tex" / "a b.png")
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + UVS + FACES
    mesh = read(tmp_path, text, f"newmtl m\nmap_Kd {name}\n")
    assert mesh.textures is not None
    assert mesh.notes == ()


def test_the_last_picture_of_a_material_is_shown_and_the_first_named(tmp_path: Path) -> None:
    for name, color in (("a", (0, 255, 0)), ("b", (255, 0, 0))):
        Image.new("RGB", (4, 4), color).save(tmp_path / f"{name}.png")
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + UVS + FACES
    mesh = read(tmp_path, text, "newmtl m\nmap_Kd a.png\nmap_Kd b.png\n")
    assert mesh.colors[0].tolist() == RED
    assert mesh.notes == ("Its materials' map_Kd a.png is not shown.",)


def test_a_face_whose_texture_coordinates_are_not_finite_shows_its_colour(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "a.png")
    text = "mtllib m.mtl\nusemtl m\n" + QUAD + "vt 0 0\nvt 1 0\nvt 1 1\nvt nan 1\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
    mesh = read(tmp_path, text, "newmtl m\nKd 0 1 0\nmap_Kd a.png\n")
    assert mesh.colors[mesh.faces.long()].tolist() == [[RED] * 3, [GREEN] * 3]
    assert mesh.notes[-1] == "Faces whose texture coordinates are NaN or infinite, which show the colour: 1."


def test_pictures_and_materials_of_other_folders_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "scans" / "room").mkdir(parents=True)
    Image.fromarray(QUADRANTS).save(tmp_path / "mine.png")
    (tmp_path / "mine.mtl").write_text("newmtl m\nKd 1 0 0\n")
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + UVS + FACES
    for name in (str(tmp_path / "mine.png"), "../../mine.png"):
        mesh = read(tmp_path / "scans" / "room", text, f"newmtl m\nmap_Kd {name}\n")
        assert (mesh.textures, mesh.notes) == (None, (f"Its picture {name} was not found beside the file.",))
    for name in (str(tmp_path / "mine.mtl"), "../../mine.mtl"):
        mesh = read(tmp_path / "scans" / "room", text.replace("m.mtl", name))
        assert mesh.notes[0] == f"Its material file {name} was not found beside the file."
        assert mesh.colors.unique().tolist() == [0.5]
    (tmp_path / "scans" / "tex").mkdir()
    (tmp_path / "mine.png").rename(tmp_path / "scans" / "tex" / "a.png")
    assert read(tmp_path / "scans" / "room", text, "newmtl m\nmap_Kd ../tex/a.png\n").textures is not None


def test_a_material_file_of_the_objs_name(tmp_path: Path) -> None:
    (tmp_path / "a.mtl").write_text("newmtl wall\nKd 1 0 0\n")
    mesh = read(tmp_path, POINTS + "usemtl wall\n" + FACES)
    assert mesh.colors[0].tolist() == RED
    assert mesh.notes == ("It names no material file; a.mtl is read.",)
    mesh = read(tmp_path, "mtllib gone.mtl\n" + POINTS + "usemtl wall\n" + FACES)
    assert mesh.colors[0].tolist() == RED
    assert mesh.notes == ("Its material file gone.mtl was not found beside the file; a.mtl is read.",)
    mesh = read(tmp_path, POINTS + "usemtl other\n" + FACES)
    assert mesh.notes == ("Its material other is not known: the file names no material file.",)


def test_names_of_materials_in_other_letters(tmp_path: Path) -> None:
    text = "mtllib m.mtl\n" + POINTS + "usemtl WALL\nf 1 2 3\nusemtl wall\nf 1 3 4\nusemtl gone\nf 2 3 4\n"
    mesh = read(tmp_path, text, "newmtl Wall\nKd 1 0 0\nnewmtl wall\nKd 0 1 0\n")
    shown = mesh.colors[mesh.faces.long()][:, 0]
    assert shown[1].tolist() == GREEN
    assert mesh.notes == ("Its material gone is in no material file.",)


def test_colours_of_materials_in_other_forms(tmp_path: Path) -> None:
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + FACES
    assert read(tmp_path, text, "newmtl m\nKd 255 51 0\n").colors[0].tolist() == pytest.approx([1, 0.2, 0])
    mesh = read(tmp_path, text, "newmtl m\nKd spectral a.rfl 1\n")
    assert mesh.colors.unique().tolist() == [0.5]
    assert mesh.notes == ("Its materials' Kd spectral a.rfl 1 is not shown.",)
    for line, said in (("Kd -1 nan 0.5", "Kd -1 nan 0.5"), ("Kd 1 0.5", "Kd 1 0.5"), ("Ke 0 1 0", "Ke")):
        mesh = read(tmp_path, text, f"newmtl m\n{line}\n")
        assert (mesh.colors.unique().tolist(), mesh.notes) == ([0.5], (f"Its materials' {said} is not shown.",))
    mesh = read(tmp_path, text, "newmtl m\nKd 1.5 0.5 0.5\nKe 0 0 0\n")
    assert mesh.colors[0].tolist() == [1.0, 0.5, 0.5]
    assert mesh.notes == ("Its materials' Kd above 1 is not shown.",)


def test_a_missing_picture_leaves_a_colour_and_no_white(tmp_path: Path) -> None:
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + UVS + FACES
    assert read(tmp_path, text, "newmtl m\nKd 0.8 0.8 0.8\nmap_Kd gone.png\n").colors.unique().tolist() == [0.5]
    assert read(tmp_path, text, "newmtl m\nKd 1 0 0\nmap_Kd gone.png\n").colors[0].tolist() == RED


def test_faces_and_colours_of_old_and_special_programs(tmp_path: Path) -> None:
    painted = "#MRGB ff0000ffff00ff00\n#MRGB ffff0000ff000000\n"
    mesh = read(tmp_path, QUAD + painted + " fo 1 2 3\nfo\t1 3 4\n")
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    torch.testing.assert_close(mesh.colors, torch.tensor([[0, 0, 1.0], GREEN, RED, [0, 0, 0]]))
    (tmp_path / "a.obj").write_text(QUAD + "#MRGB ff0000ff\nf 1 2 3\n")  # of one vertex only
    assert load_mesh(tmp_path / "a.obj").colors.unique().tolist() == [0.5]


@pytest.mark.parametrize("name", ["w\u00e4nd.png".encode(), "wa\u0308nd.png".encode(), b"w\xe4nd.png", b"W\xc4ND.PNG"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_with_accents(tmp_path: Path, name: bytes, encoding: str) -> None:
    Image.new("RGB", (2, 2), (255, 0, 0)).save(tmp_path / "t.png")
    (tmp_path / "t.png").rename(tmp_path / os.fsdecode(name))
    material = "newmtl a\nmap_Kd w\u00e4nd.png\n".encode(encoding)
    mesh = read(tmp_path, f"mtllib m.mtl\nusemtl a\n{POINTS}{UVS}{FACES}", material)
    assert mesh.textures is not None
    assert mesh.notes == ()
