"""OBJ files: what is read of them and of their materials, and every way in which they can be broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.io.examples import TRIANGLES, VERTICES
from tests.test_textures import QUADRANTS
from tvdrnet_nv import Orbit, PhongLight, Renderer
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io._build import UNCOLORED
from tvdrnet_nv.mesh import Mesh

POINTS = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0.5\n"
UVS = "vt 0.1 0.1\nvt 0.9 0.1\nvt 0.9 0.9\nvt 0.1 0.9\n"
FACES = "f 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
BLUE, YELLOW, GREEN, RED = [0, 0, 1.0], [1.0, 1, 0], [0, 1.0, 0], [1.0, 0, 0]


def read(folder: Path, text: str | bytes, mtl: str | bytes | None = None, name: str = "a.obj") -> Mesh:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if mtl is not None:
        (folder / "m.mtl").write_bytes(mtl.encode() if isinstance(mtl, str) else mtl)
    return load_mesh(path)


def area(mesh: Mesh) -> float:
    a, b, c = mesh.vertices[mesh.faces.long()].double().unbind(1)
    return float(torch.linalg.cross(b - a, c - a).norm(dim=1).sum() / 2)


@pytest.mark.parametrize(
    "faces",
    [
        "f 1 2 3\nf 1 3 4",
        "f\t1\t2\t3 \nf  1 3\t4\t",
        "  f 1 2 3\n\tf 1 3 4",
        "f 1 2 3 # the first\nf 1 3 4# the second",
        "f 1//1 2//1 3//1\nf 1/1 3/1 4/1",
        "f -4 -3 -2\nf -4 -2 -1",
        "f 1 2 \\\n3\nf 1 3 4\\\n",
        "f 1 2 3\r\nf 1 3 4\r",
        "o a room\ng walls\ns off\nf 1 2 3\n\n#\nf +1 3 4",
        "f 1 2 3 4",
    ],
)
def test_faces_as_programs_write_them(tmp_path: Path, faces: str) -> None:
    mesh = read(tmp_path, POINTS + UVS + faces, name="a.OBJ")
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES))
    assert mesh.faces.tolist() == TRIANGLES
    assert mesh.file_vertices is None
    assert mesh.notes == ("Its texture coordinates are not used: no material has a picture.",)


def test_relative_indices_between_vertices(tmp_path: Path) -> None:
    triangle = "v {0} 0 0\nvt 0 0\nv {0} 1 0\nvt 1 0\nv {0} 0 1\nvt 0 1\nf -3/-3 -2/-2 -1/-1\n"
    mesh = read(tmp_path, "".join(triangle.format(i) for i in range(5)))
    assert mesh.faces.tolist() == [[3 * i, 3 * i + 1, 3 * i + 2] for i in range(5)]
    assert area(mesh) == 2.5


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(tmp_path: Path, codec: str) -> None:
    mesh = read(tmp_path, (POINTS + FACES).encode(codec))
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES))


def test_old_windows_numbers_that_no_face_needs(tmp_path: Path) -> None:
    text = POINTS + "v -1.#IND00 0 nan(ind)\nvn 1.#QNAN0 x 0\nv 0 0 0 junk\nf 1 2 3\nf 1 3 4\n"
    mesh = read(tmp_path, text)
    assert mesh.num_vertices == 6
    assert mesh.faces.tolist() == TRIANGLES


def test_a_concave_face(tmp_path: Path) -> None:
    corners = [(0, 0), (4, 0), (4, 3), (3, 3), (3, 1), (1, 1), (1, 3), (0, 3)]
    text = "".join(f"v {x} {y} 0\n" for x, y in corners) + "f 1 2 3 4 5 6 7 8\n"
    assert area(read(tmp_path, text)) == pytest.approx(8)


@pytest.mark.parametrize("scale", [1, 255, 65535])
def test_vertex_colours(tmp_path: Path, scale: int) -> None:
    colors = np.array([[1, 0, 0], [0, 0.5, 0], [0, 0, 0.25], [0.04, 0.08, 1]])
    lines = [f"v {x} {y} {z} {r} {g} {b}\n" for (x, y, z), (r, g, b) in zip(VERTICES, colors * scale, strict=True)]
    mesh = read(tmp_path, "".join(lines) + "v 0 0 1\n" + FACES.replace("/", "//") + "f 1 2 5\n")
    torch.testing.assert_close(mesh.colors, torch.from_numpy(np.r_[colors, [[UNCOLORED] * 3]]).float())
    assert "vertices without a finite colour, which are grey: 1" in mesh.notes


def test_colours_a_hair_above_their_range_are_still_in_it(tmp_path: Path) -> None:
    mesh = read(tmp_path, "v 0 0 0 1.02 0.5 0.5\nv 1 0 0 1 1 1\nv 0 1 0 0 0 0\nf 1 2 3\n")
    torch.testing.assert_close(mesh.colors[0], torch.tensor([1, 0.5, 0.5]))
    mesh = read(tmp_path, "v 0 0 0 300 51 0\nv 1 0 0 255 255 255\nv 0 1 0 0 0 0\nf 1 2 3\n")
    torch.testing.assert_close(mesh.colors[0], torch.tensor([1, 0.2, 0]))


def cube() -> str:
    corners = [(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)]
    sides = [(1, 2, 4, 3), (5, 6, 8, 7), (1, 2, 6, 5), (3, 4, 8, 7), (1, 3, 7, 5), (2, 4, 8, 6)]
    text = "mtllib m.mtl\nusemtl m\n" + "".join("v {} {} {}\n".format(*corner) for corner in corners)
    text += "v 9 9 9\n" + "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
    return text + "".join("f " + " ".join(f"{v}/{i}" for i, v in enumerate(side, 1)) + "\n" for side in sides)


def test_seams_split_vertices_and_say_of_which(tmp_path: Path) -> None:
    Image.fromarray(QUADRANTS).save(tmp_path / "q.png")
    mesh = read(tmp_path, cube(), "newmtl m\nmap_Kd q.png\n")
    assert mesh.file_vertices is not None
    assert mesh.file_vertices[:9].tolist() == list(range(9))  # the unused one, too
    assert len(mesh.file_vertices) == mesh.num_vertices > 9
    torch.testing.assert_close(mesh.vertices, mesh.vertices[mesh.file_vertices])
    assert mesh.textures is not None
    uv = mesh.textures.uv[mesh.faces.long()].reshape(6, 6, 2)
    assert torch.equal(uv, torch.tensor([[0, 0], [1, 0], [1, 1], [0, 0], [1, 1], [0, 1]]).float().expand(6, 6, 2))
    # A split vertex is one vertex of the surface.
    assert torch.equal(mesh.vertex_normals, mesh.vertex_normals[mesh.file_vertices])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("map_Kd q.png", "q.png"),
        ("\tmap_kd   q.png  # the picture", "q.png"),
        ("map_Kd a picture 2.png", "a picture 2.png"),
        ("map_Kd -s 1 1 1 -o 0 0 0 -bm 0.5 -clamp off -blendu on q.png", "q.png"),
        ("map_Kd tex\\q.png", "tex/q.png"),
        ("map_Kd TEX/Q.PNG", "tex/q.png"),
        ("map_Kd C:\\Users\\me\\q.png", "q.png"),
        ("map_Kd été.png", "été.png"),
    ],
)
def test_pictures_are_found(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / "tex").mkdir()
    Image.fromarray(QUADRANTS).save(tmp_path / name)
    for mtl in (f"newmtl m\n{line}\n".encode(), f"newmtl m\r\n{line}\r\n".encode("latin-1")):
        mesh = read(tmp_path, "mtllib m.mtl\n" + POINTS + UVS + "usemtl m\n" + FACES, mtl)
        assert mesh.notes == ()
        assert mesh.textures is not None
        torch.testing.assert_close(mesh.colors, torch.tensor([BLUE, YELLOW, GREEN, RED]))


def test_scale_offset_and_clamp_of_a_map(tmp_path: Path) -> None:
    Image.fromarray(QUADRANTS).save(tmp_path / "q.png")
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + UVS + FACES
    mesh = read(tmp_path, text, "newmtl m\nmap_Kd -s 0.5 1 -o 0.5 0 -mm 0 2 q.png\n")
    torch.testing.assert_close(mesh.colors, torch.tensor([YELLOW, YELLOW, GREEN, GREEN]))
    assert mesh.notes == ("Its option -mm of map_Kd is not followed.",)
    mesh = read(tmp_path, text, "newmtl m\nmap_Kd -o 1 0 -clamp on q.png\n")
    torch.testing.assert_close(mesh.colors, torch.tensor([YELLOW, YELLOW, GREEN, GREEN]))
    assert read(tmp_path, text, "newmtl m\nmap_Kd -o 1 0 q.png\n").colors[0].tolist() == BLUE


def test_several_material_files(tmp_path: Path) -> None:
    for name, color in (("one.mtl", "1 0 0"), ("my second.mtl", "0 1 0"), ("three.mtl", "0 0 1")):
        (tmp_path / name).write_text(f"newmtl {name[0]}\nKd {color}\n")
    text = "mtllib one.mtl three.mtl\nmtllib my second.mtl\n" + POINTS
    mesh = read(tmp_path, text + "usemtl o\nf 1 2 3\nusemtl m\nf 1 3 4\nusemtl t\nf 1 2 4\nf 3 2 4\n")
    shown = mesh.colors[mesh.faces.long()]
    for face, color in enumerate((RED, GREEN, BLUE, BLUE)):  # no vertex mixes two materials
        assert shown[face].tolist() == [color] * 3
    assert mesh.num_vertices == 4 + 6


def test_lines_that_are_not_read_are_noted(tmp_path: Path) -> None:
    more = "vn 0 0 1\ncall other.obj\nbevel on\ncall third.obj\n\x1b[2J 1\n"
    assert read(tmp_path, POINTS + FACES + more).notes == (
        "Its normals are not used: they are computed from the faces.",
        r"Its lines that are not read: call (2), bevel (1), '\x1b[2J' (1).",
    )
    curves = "vp 0 0\ncstype bezier\ndeg 3\ncurv 0 1 1 2\nparm u 0 1\nend\n"
    assert read(tmp_path, POINTS + FACES + curves).notes == (
        "Its free-form curves and surfaces are not shown; export them as polygons.",
    )


@pytest.mark.parametrize("face", ["f 2 2 2 2", "f 1 2", "f 1 1 2 2"])
def test_faces_without_three_corners_are_no_point_cloud(tmp_path: Path, face: str) -> None:
    with pytest.raises(InputError, match=r"a\.obj: no face has three different corners \(of 6\)"):
        read(tmp_path, POINTS + f"{face}\n" * 6)


def test_the_only_material_needs_no_usemtl(tmp_path: Path) -> None:
    mesh = read(tmp_path, "mtllib m.mtl\n" + POINTS + FACES, "newmtl any\nKd 0.2 0.4 0.8\n")
    torch.testing.assert_close(mesh.colors, torch.tensor([0.2, 0.4, 0.8]).expand(4, 3))
    assert read(tmp_path, POINTS + FACES).colors.unique(dim=0).shape[0] == 1


def test_notes_of_what_is_not_shown(tmp_path: Path) -> None:
    text = "mtllib m.mtl\nmtllib gone.mtl\n" + POINTS + UVS + "usemtl m\n" + FACES + "l 1 2 3\np 1\nf 1 2\nf 2 3 4\n"
    mesh = read(tmp_path, text, "newmtl m\nKd 1 0 0\nd 0.5\nmap_Kd gone.png\nmap_Bump b.png\n")
    assert mesh.notes == (
        "Not shown: 1 line, 1 point, 1 face of fewer than three corners.",
        "Its material file gone.mtl was not found beside the file.",
        "Its picture gone.png was not found beside the file.",
        "Its material m is transparent, and drawn opaque.",
        "Its materials' map_bump is not shown.",
    )
    assert mesh.colors[0].tolist() == RED
    (tmp_path / "gone.png").write_text("no picture")
    assert any("gone.png cannot be read" in note for note in load_mesh(tmp_path / "a.obj").notes)
    Image.fromarray(QUADRANTS).save(tmp_path / "gone.png")
    notes = load_mesh(tmp_path / "a.obj").notes
    assert "Faces without texture coordinates, of materials with a picture, which show the colour: 1." in notes


def test_every_side_shows_the_whole_picture(tmp_path: Path) -> None:
    Image.fromarray(QUADRANTS).save(tmp_path / "q.png")
    mesh = read(tmp_path, cube(), "newmtl m\nmap_Kd q.png\n")
    camera = Orbit.create(2.0, 0.0, 0.0, at=(0.5, 0.5, 1.0)).camera()
    rgb = Renderer(mesh, 64, light=PhongLight(ambient=1.0, diffuse=0.0, specular=0.0))(camera).rgb[0]
    for row, column, color in ((25, 25, RED), (25, 39, GREEN), (39, 25, BLUE), (39, 39, YELLOW)):
        torch.testing.assert_close(rgb[row, column], torch.tensor(color), atol=0.02, rtol=0)


BROKEN = {
    "garbage": ("no obj at all", "no vertices"),
    "cloud": (POINTS, r"holds no triangles\. Is it an empty scene or a point cloud\? Export it as a mesh"),
    "lines": (POINTS + "l 1 2\nl 2 3\n", r"holds no triangles\. Not shown: 2 lines\. Export"),
    "curves": (
        POINTS + "cstype bspline\ncurv 0 1 1 2\nend\n",
        r"holds no triangles\. Its free-form curves and surfaces",
    ),
    "index": (POINTS + "f 1 2 3\nf 1 3 9\n", r"face 1 refers to vertices 1 3 9, but the file has vertices 1\.\.4"),
    "zero": (POINTS + "f 0 1 2\n", r"line 5 cannot be read \('0' is no corner"),
    "before": (POINTS + "f 1 2 3\nf 1 2 -5\n", "line 6 cannot be read .the index -5 reaches before"),
    "word": (POINTS + "f 1 2 3\nf 1 x 3\n", r"line 6 cannot be read \('x' is no corner"),
    "fraction": (POINTS + "f 1 2 3.5\n", r"'3\.5' is no corner"),
    "slashes": (POINTS + "f 1/1/1/1 2 3\n", "is no corner"),
    "nan": (POINTS.replace("v 1 1 0", "v nan 1 0") + FACES, "1 of 4 vertices are NaN"),
    "number": (POINTS.replace("v 1 1 0", "v one 1 0") + FACES, r"line 3 cannot be read \('one' is no number"),
    "comma": ("v 0,5 1,0 2,0\n" + FACES, r"line 1 cannot be read \('0,5' is no number"),
    "short": (POINTS + "v 1 2\n" + FACES, "line 5 cannot be read .'v' has 2 numbers and needs 3"),
    "flat": ("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "no face has an area"),
    "huge": (POINTS + "f 1 2 99999999999999999999999\n", "refers to vertices"),
    "far": ("v 0 0 0\nv 1e30 0 0\nv 0 1 0\nf 1 2 3\n", "a vertex coordinate is"),
    "bytes": (bytes(range(256)) * 4, "no vertices"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_one_clear_line(tmp_path: Path, kind: str) -> None:
    text, message = BROKEN[kind]
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path}/a.obj: ")
    assert "\n" not in str(caught.value)


def test_a_texture_coordinate_that_is_not_there(tmp_path: Path) -> None:
    Image.fromarray(QUADRANTS).save(tmp_path / "q.png")
    text = "mtllib m.mtl\nusemtl m\n" + POINTS + "vt 0 0\nvt 1 0\nf 1/1 2/2 3/3\n"
    with pytest.raises(InputError, match="texture coordinate 3, but the file has 2"):
        read(tmp_path, text, "newmtl m\nmap_Kd q.png\n")
    assert read(tmp_path, text, "newmtl m\nKd 1 0 0\n").colors[0].tolist() == RED  # nobody needs it


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    g = np.random.default_rng(0)
    Image.fromarray(QUADRANTS).save(tmp_path / "q.png")
    (tmp_path / "m.mtl").write_text("newmtl m\nmap_Kd -s 2 2 2 q.png\n")
    whole, mtl = np.frombuffer(cube().encode(), dtype=np.uint8), (tmp_path / "m.mtl").read_bytes()
    refused = 0
    for _ in range(300):
        data = whole.copy()
        data[g.integers(0, len(data), g.integers(1, 8))] = g.choice(list(b"0123456789 -/#\\\n\t.vfn\xff"))
        (tmp_path / "b.obj").write_bytes(data.tobytes())
        bent = bytearray(mtl)
        bent[g.integers(0, len(bent))] = g.integers(0, 256)
        (tmp_path / "m.mtl").write_bytes(bent)
        try:
            load_mesh(tmp_path / "b.obj")
        except InputError:
            refused += 1
    assert 0 < refused < 300


@pytest.mark.parametrize(("more", "said"), [("2", "a weight, is not used"), ("1 0 0 0.5", "fourth to sixth are taken")])
def test_numbers_behind_a_position(tmp_path: Path, more: str, said: str) -> None:
    text = POINTS.replace("\n", f" {more}\n") + FACES
    assert any(said in note for note in read(tmp_path, text).notes)
    assert not read(tmp_path, POINTS.replace("\n", " 1\n") + "f 1 2 3 4\n").notes


def test_five_numbers_of_a_vertex_are_noted(tmp_path: Path) -> None:
    mesh = read(tmp_path, "v 0 0 0 1 0\nv 1 0 0 1 0\nv 0 1 0 1 0\nf 1 2 3\n")
    assert mesh.notes == ("The fourth and fifth number of its vertices are not used: a colour has three.",)
