"""The façade's PLY and OBJ files."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.compat.pytorch3d.scenes import sphere
from tvdrnet_nv.compat.pytorch3d.io import IO, load_obj, load_objs_as_meshes, load_ply, save_obj, save_ply
from tvdrnet_nv.compat.pytorch3d.io.pluggable_formats import MeshFormatInterpreter, endswith
from tvdrnet_nv.compat.pytorch3d.renderer import (
    TexturesAtlas,
    TexturesUV,
    TexturesVertex,
)
from tvdrnet_nv.compat.pytorch3d.structures import Meshes, Pointclouds
from tvdrnet_nv.errors import InputError

OBJ = """# a square
mtllib m.mtl
v 0 0 0
v 1 0 0 0.5 0.5 0.5
v 1 1 0
v 0 1 0
vt 0 0
vt 1 0
vt 1 1
vn 0 0 1
usemtl plain
f 1 2 3
usemtl painted
f 1/1/1 2/2/1 3/3/1 4/1/1
f -4//1 -3//1 -1//1
f 1/1 2/2 4/3
"""
MTL = "newmtl painted\nKa 0.1 0.2 0.3\nKd 1 0.5 0.25\nNs 10\nmap_Kd a picture.png\nnewmtl plain\nKd 0 1 0\n"


@pytest.fixture
def obj(tmp_path: Path) -> Path:
    (tmp_path / "x.obj").write_text(OBJ)
    (tmp_path / "m.mtl").write_text(MTL)
    Image.new("RGB", (4, 2), (255, 128, 0)).save(tmp_path / "a picture.png")
    return tmp_path / "x.obj"


def test_obj_keeps_vertices_indices_materials_and_pictures(obj):
    verts, faces, more = load_obj(obj)
    assert verts.dtype == torch.float32
    assert verts.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert faces.verts_idx.tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3], [0, 1, 3], [0, 1, 3]]
    assert faces.textures_idx.tolist() == [[-1, -1, -1], [0, 1, 2], [0, 2, 0], [-1, -1, -1], [0, 1, 2]]
    assert faces.normals_idx.tolist() == [[-1] * 3, [0] * 3, [0] * 3, [0] * 3, [-1] * 3]
    assert faces.materials_idx.tolist() == [0, 1, 1, 1, 1]
    assert all(t.dtype == torch.int64 for t in faces)
    assert more.normals.tolist() == [[0, 0, 1]]  # type: ignore[union-attr]
    assert more.verts_uvs.tolist() == [[0, 0], [1, 0], [1, 1]]  # type: ignore[union-attr]
    assert more.material_colors is not None
    assert list(more.material_colors) == ["plain", "painted"]
    assert more.material_colors["painted"]["shininess"].tolist() == [10]
    assert more.texture_images is not None
    assert more.texture_images["painted"].shape == (2, 4, 3)
    assert more.texture_images["painted"][0, 0].tolist() == pytest.approx([1, 128 / 255, 0])


@pytest.mark.filterwarnings("ignore:No mtl file provided")
def test_obj_without_more(tmp_path):
    (tmp_path / "y.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    for source in (tmp_path / "y.obj", io.StringIO((tmp_path / "y.obj").read_text())):
        _, faces, more = load_obj(source)
        assert faces.materials_idx.tolist() == [-1]
        assert more == (None,) * 5
    assert load_objs_as_meshes([tmp_path / "y.obj"]).textures is None


def test_objs_as_a_batch_with_pictures(obj):
    one = load_objs_as_meshes([obj])
    assert isinstance(one.textures, TexturesUV)
    two = load_objs_as_meshes([str(obj), obj])
    assert len(two) == 2
    assert two.textures.maps_padded().shape == (2, 2, 4, 3)
    assert load_objs_as_meshes([obj], load_textures=False).textures is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("v 0 0\n", "does not have 3 values"),
        ("f 1/1/1/1 2 3\n", "1/1/1/1': Face vertices can only have 3 properties"),
        ("v 0 0\n", "line 1"),
        ("v 0 0 x\n", "line 1"),
        ("v 0 0 0\nf 1 1\n", "line 2"),
        ("v 0 0 0\nf 1 1 0\n", "line 2"),
        ("v 0 0 0\nf 1 1 -2\n", "line 2"),
        ("v 0 0 0\nf 1 1 /2\n", "line 2"),
    ],
)
def test_broken_objs_are_one_clear_line(text, says, tmp_path):
    (tmp_path / "broken.obj").write_text(text)
    with pytest.raises(InputError) as raised:
        load_obj(tmp_path / "broken.obj")
    assert str(raised.value).startswith(f"{tmp_path}/broken.obj: ")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_files_are_named(obj, tmp_path):
    for kind in ("obj", "ply", "off", "glb"):
        path = tmp_path / f"nowhere.{kind}"
        with pytest.raises(InputError, match=rf"nowhere\.{kind}: no such file; check the path$") as raised:
            IO().load_mesh(path)
        assert isinstance(raised.value, FileNotFoundError)
        with pytest.raises(FileNotFoundError, match=r"nowhere/.*: cannot be written .*; check that its folder exists$"):
            IO().save_mesh(sphere(0), tmp_path / "nowhere" / f"x.{kind}")
    (tmp_path / "other.ply").write_text("v 0 0 0\n")
    with pytest.raises(InputError, match=r"other\.ply: Invalid file header\."):
        load_ply(tmp_path / "other.ply")
    (tmp_path / "a picture.png").unlink()
    with pytest.warns(UserWarning, match=r"Texture file does not exist: .*a picture\.png"):
        assert load_obj(obj)[2].texture_images is None
    (tmp_path / "m.mtl").unlink()
    with pytest.warns(UserWarning, match=r"Mtl file does not exist: .*m\.mtl"):
        assert load_obj(obj)[2].material_colors is None


def test_the_only_material_of_a_file_is_used_without_being_named(obj):
    obj.write_text(re.sub("usemtl.*\n", "", OBJ))
    with pytest.raises(InputError, match="Multiple materials"):
        load_obj(obj)
    (obj.parent / "m.mtl").write_text(MTL.partition("newmtl plain")[0])
    assert isinstance(load_objs_as_meshes([obj]).textures, TexturesUV)
    assert load_obj(obj)[1].materials_idx.tolist() == [0] * 5


def test_an_atlas_of_an_objs_pictures(obj):
    _, faces, more = load_obj(obj, create_texture_atlas=True, texture_atlas_size=3)
    atlas = more.texture_atlas
    assert atlas is not None
    assert atlas.shape == (5, 3, 3, 3)
    plain, painted = (faces.materials_idx == i for i in (0, 1))
    assert torch.equal(atlas[plain], torch.tensor([0.0, 1.0, 0.0]).expand(1, 3, 3, 3))
    assert torch.allclose(atlas[painted], torch.tensor([1.0, 128 / 255, 0.0]).expand(4, 3, 3, 3))
    with pytest.raises(ValueError, match="texture_wrap must be 'repeat', 'clamp' or None; got 'mirror'"):
        load_obj(obj, create_texture_atlas=True, texture_wrap="mirror")
    assert isinstance(load_objs_as_meshes([obj], create_texture_atlas=True).textures, TexturesAtlas)


def test_where_one_coordinate_is_outside_all_are_repeated(obj):
    """Those of other materials as well, as in PyTorch3D: 1 becomes 0."""
    rows = np.arange(8, dtype=np.uint8).reshape(2, 4) * 30
    Image.fromarray(rows).save(obj.parent / "a picture.png")
    obj.write_text(
        OBJ.replace("vt 1 1", "vt 1 1\nvt 2 0").replace(
            "f 1/1 2/2 4/3", "usemtl plain\nf 1/4 2/4 4/4\nusemtl painted\nf 1/2 2/2 4/2"
        )
    )
    with pytest.warns(UserWarning, match="outside the range"):
        atlas = load_obj(obj, create_texture_atlas=True, texture_atlas_size=1)[2].texture_atlas
    assert atlas is not None
    assert torch.allclose(atlas[-1], torch.tensor(120 / 255))


def test_a_ply_face_of_two_corners_is_refused(tmp_path):
    save_ply(tmp_path / "x.ply", torch.rand(3, 3), torch.tensor([[0, 1, 2]]), ascii=True)
    text = (tmp_path / "x.ply").read_text()
    (tmp_path / "x.ply").write_text(text.replace("3 0 1 2", "2 0 1"))
    with pytest.raises(InputError, match=r"x\.ply: Faces must have at least 3 vertices\. Face 0"):
        load_ply(tmp_path / "x.ply")


def test_clouds_of_points_go_through_io(tmp_path):
    cloud = Pointclouds([torch.rand(5, 3)], normals=[torch.rand(5, 3)], features=[torch.rand(5, 3)])
    for binary in (True, False):
        IO().save_pointcloud(cloud, tmp_path / "cloud.ply", binary=binary)
        again = IO().load_pointcloud(tmp_path / "cloud.ply")
        for name in ("points", "normals", "features"):
            assert torch.equal(getattr(again, f"{name}_packed")(), getattr(cloud, f"{name}_packed")())
    verts, faces = load_ply(tmp_path / "cloud.ply")
    assert torch.equal(verts, cloud.points_packed())
    assert faces.shape == (0, 3)
    with pytest.raises(InputError, match=r"No point cloud interpreter found to read .*cloud\.xyz"):
        IO().load_pointcloud(tmp_path / "cloud.xyz")


def test_programs_add_formats(tmp_path):
    class Triangle(MeshFormatInterpreter):
        def read(self, path, include_textures, device, path_manager=None, **kwargs):
            return sphere(0) if endswith(path, (".tri",)) else None

        def save(self, data, path, path_manager=None, binary=None, **kwargs):
            return endswith(path, (".tri",))

    files = IO()
    files.register_meshes_format(Triangle())
    assert len(files.load_mesh(tmp_path / "x.TRI").faces_packed()) == 20
    files.save_mesh(sphere(0), tmp_path / "x.tri")
    files.save_mesh(sphere(0), tmp_path / "x.ply")
    assert len(files.load_mesh(tmp_path / "x.ply").faces_packed()) == 20


def test_obj_is_written_and_read_again(tmp_path):
    verts, faces = sphere(1).get_mesh_verts_faces(0)
    uvs = torch.rand(7, 2)
    faces_uvs = torch.randint(7, faces.shape)
    picture = torch.from_numpy(np.arange(24).reshape(2, 4, 3) / 255).float()
    save_obj(tmp_path / "out.obj", verts, faces, verts_uvs=uvs, faces_uvs=faces_uvs, texture_map=picture)
    again, again_faces, more = load_obj(tmp_path / "out.obj")
    assert torch.equal(again, verts)
    assert torch.equal(again_faces.verts_idx, faces)
    assert torch.equal(again_faces.textures_idx, faces_uvs)
    assert torch.equal(more.verts_uvs, uvs)  # type: ignore[arg-type]
    assert torch.allclose(more.texture_images["mesh"], picture)  # type: ignore[index]
    save_obj(tmp_path / "cut.obj", verts, faces, verts_uvs=uvs, faces_uvs=faces_uvs, texture_map=picture + 0.9 / 255)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "cut.png")), (picture * 255).round().byte().numpy())
    save_obj(tmp_path / "normals.obj", verts, faces, 3, normals=verts, faces_normals_idx=faces)
    with pytest.warns(UserWarning, match="No mtl file provided"):
        _, again_faces, more = load_obj(tmp_path / "normals.obj")
    assert torch.equal(again_faces.normals_idx, faces)
    assert torch.allclose(more.normals, verts, atol=6e-4)  # type: ignore[arg-type]


@pytest.mark.parametrize("ascii", [True, False])
def test_ply_is_written_and_read_again(ascii, tmp_path):
    verts, faces = sphere(1).get_mesh_verts_faces(0)
    path = tmp_path / "out.ply"
    save_ply(path, verts, faces, verts_normals=verts, ascii=ascii)
    for source in (path, str(path), io.BytesIO(path.read_bytes())):
        again, again_faces = load_ply(source)
        assert torch.equal(again, verts)
        assert torch.equal(again_faces, faces)
        assert again_faces.dtype == torch.int64
    renamed = path.rename(tmp_path / "out.other")
    assert torch.equal(load_ply(renamed)[0], verts)
    path = renamed
    stream = io.BytesIO()
    save_ply(stream, verts, faces, verts_normals=verts, ascii=ascii)
    assert stream.getvalue() == path.read_bytes()


def test_meshes_go_through_io(tmp_path):
    mesh = sphere(1)
    IO().save_mesh(mesh, tmp_path / "colored.ply")
    again = IO().load_mesh(tmp_path / "colored.ply")
    assert torch.equal(again.verts_packed(), mesh.verts_packed())
    colors = mesh.textures.verts_features_packed()
    assert torch.equal(again.textures.verts_features_packed(), colors)
    assert not again.has_verts_normals()
    IO().save_mesh(mesh, tmp_path / "bytes.ply", colors_as_uint8=True)
    again = IO().load_mesh(tmp_path / "bytes.ply")
    assert (again.textures.verts_features_packed() - colors).abs().max() <= 0.5 / 255 + 1e-6
    given = Meshes(mesh.verts_list(), mesh.faces_list(), verts_normals=[torch.rand(len(colors), 3)])
    IO().save_mesh(given, tmp_path / "normals.ply")
    assert torch.equal(IO().load_mesh(tmp_path / "normals.ply").verts_normals_packed(), given.verts_normals_packed())
    assert IO().load_mesh(tmp_path / "colored.ply", include_textures=False).textures is None
    IO().save_mesh(mesh, tmp_path / "plain.ply", binary=False, include_textures=False)
    assert IO().load_mesh(str(tmp_path / "plain.ply")).textures is None
    textured = Meshes(
        mesh.verts_list(),
        mesh.faces_list(),
        TexturesUV([torch.zeros(2, 2, 3)], mesh.faces_list(), [torch.rand(len(mesh.verts_packed()), 2)]),
    )
    IO().save_mesh(textured, tmp_path / "textured.obj")
    again = IO().load_mesh(tmp_path / "textured.obj")
    assert isinstance(again.textures, TexturesUV)
    assert torch.equal(again.faces_packed(), mesh.faces_packed())


def test_what_cannot_be_written_is_said(tmp_path):
    mesh = sphere(0)
    with pytest.raises(InputError, match=r"No mesh interpreter found to write to .*out\.stl; name it \.ply"):
        IO().save_mesh(mesh, tmp_path / "out.stl")
    with pytest.raises(InputError, match=r"No mesh interpreter found to read .*in\.xyz; convert it"):
        IO().load_mesh(tmp_path / "in.xyz")
    with pytest.raises(InputError, match="one mesh, but there are 2"):
        IO().save_mesh(mesh.extend(2), tmp_path / "out.ply")
    verts, faces = mesh.get_mesh_verts_faces(0)
    for save in (save_ply, save_obj):
        with pytest.raises(InputError, match=r"nowhere.*cannot be written"):
            save(tmp_path / "nowhere" / f"out.{save.__name__[-3:]}", verts, faces)
    with pytest.raises(ValueError, match="must both be None or neither"):
        save_obj(tmp_path / "out.obj", verts, faces, normals=verts)
    with pytest.raises(ValueError, match="'normals' should either be empty or of shape"):
        save_obj(tmp_path / "out.obj", verts, faces, normals=verts[:, :2], faces_normals_idx=faces)
    with pytest.raises(ValueError, match="'verts' should be of shape"):
        save_ply(tmp_path / "out.ply", verts[:, :2])
    assert isinstance(mesh.textures, TexturesVertex)
