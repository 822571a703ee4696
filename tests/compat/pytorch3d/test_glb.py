"""The façade's GLB files: what is written comes back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.compat.pytorch3d.scenes import from_z, renderer, sphere
from tests.test_textures import write_glb
from tvdrnet_nv.compat.pytorch3d.io import IO
from tvdrnet_nv.compat.pytorch3d.io.experimental_gltf_io import MeshGlbFormat, _read_header
from tvdrnet_nv.compat.pytorch3d.renderer import (
    AmbientLights,
    HardPhongShader,
    TexturesAtlas,
    TexturesUV,
    TexturesVertex,
)
from tvdrnet_nv.compat.pytorch3d.structures import Meshes
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.gltf.write import EncodedPicture, GlbWriter


def there_and_back(mesh: Meshes, path: Path, **kwargs: object) -> Meshes:
    files = IO()
    files.register_meshes_format(MeshGlbFormat())
    files.save_mesh(mesh, path, **kwargs)  # type: ignore[arg-type]
    with path.open("rb") as file:
        assert _read_header(file) == (2, path.stat().st_size)
    return files.load_mesh(path)


@pytest.mark.parametrize("width", [3, 4])
def test_vertex_colours_are_not_converted(width, tmp_path):
    plain = sphere(1)
    colors = torch.rand(len(plain.verts_packed()), width) * 1.5
    mesh = Meshes(plain.verts_list(), plain.faces_list(), TexturesVertex([colors]))
    back = there_and_back(mesh, tmp_path / "x.glb")
    assert torch.equal(back.verts_packed(), mesh.verts_packed())
    assert torch.equal(back.faces_packed(), mesh.faces_packed())
    assert torch.equal(back.textures.verts_features_packed(), colors)
    assert there_and_back(mesh, tmp_path / "x.glb", include_textures=False).textures is None
    assert IO().load_mesh(tmp_path / "x.glb").textures is None


def test_a_picture_of_any_size_and_its_coordinates_come_back(tmp_path):
    verts, faces = sphere(1).get_mesh_verts_faces(0)
    verts = torch.cat([verts + 1e5, torch.zeros(1, 3)])  # far away, and one that no face has
    picture = torch.randint(256, (5, 7, 3)) / 255
    uv = torch.rand(len(verts), 2) * 1.5
    back = there_and_back(Meshes([verts], [faces], TexturesUV([picture], [faces], [uv])), tmp_path / "x.glb")
    assert torch.equal(back.verts_packed(), verts)
    assert torch.equal(back.faces_packed(), faces)
    assert torch.equal(back.textures.maps_padded()[0], picture)
    assert torch.equal(back.textures.faces_uvs_padded()[0], faces)
    assert torch.allclose(back.textures.verts_uvs_padded()[0, :-1], uv[:-1], atol=1e-6)


def test_at_a_seam_a_vertex_is_there_for_each_of_its_coordinates(tmp_path):
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3], [0, 2, 3]])
    of_uv = torch.tensor([[0, 1, 2], [3, 4, 5], [3, 4, 5]])
    uv = torch.rand(6, 2)
    mesh = Meshes([verts], [faces], TexturesUV([torch.rand(4, 4, 3)], [of_uv], [uv]))
    back = there_and_back(mesh, tmp_path / "x.glb")
    assert torch.equal(back.verts_packed(), verts[[0, 1, 2, 3, 0, 2]])
    assert torch.equal(back.verts_packed()[back.faces_packed()], verts[faces])
    corners = back.textures.verts_uvs_padded()[0][back.textures.faces_uvs_padded()[0]]
    assert torch.allclose(corners, uv[of_uv], atol=1e-6)


def test_what_glb_has_not_is_said(tmp_path):
    mesh = sphere(0)
    verts, faces = mesh.get_mesh_verts_faces(0)
    path = tmp_path / "x.glb"
    for textures, says in (
        (TexturesAtlas([torch.ones(len(faces), 1, 1, 3)]), "x.glb: TexturesAtlas cannot be written"),
        (TexturesVertex([torch.ones(len(verts), 2)]), "3 or 4 channels, not 2"),
        (TexturesUV([torch.ones(2, 2, 4)], [faces], [verts[:, :2]]), "its picture has 4 channels"),
    ):
        with pytest.raises(InputError, match=says):
            IO().save_mesh(Meshes([verts], [faces], textures), path)
    with pytest.raises(InputError, match="single mesh; there are 2"):
        IO().save_mesh(mesh.extend(2), path)
    with pytest.raises(InputError, match="faces name vertices from 0 to 11, of 5"):
        IO().save_mesh(Meshes([verts[:5]], [faces]), path)
    with pytest.raises(InputError, match="vertices that are not finite: 12"):
        IO().save_mesh(Meshes([verts / 0], [faces]), path)
    with pytest.raises(InputError, match="no faces"):
        IO().save_mesh(Meshes([verts], [faces[:0]]), path)
    with pytest.raises(InputError, match=r"nowhere.*cannot be written"):
        IO().save_mesh(mesh, tmp_path / "nowhere" / "x.glb")
    assert not path.exists()


def test_parts_are_one_mesh_each_with_its_picture_or_colours(tmp_path):
    """Small pictures grow to the largest; beside colours a picture is what its vertices see."""
    verts, faces = np.eye(3), np.array([[0, 1, 2]])
    red, blue = (np.full((h, 4, 3), c, dtype=np.uint8) for h, c in ((2, (255, 0, 0)), (6, (0, 0, 255))))
    pictures = []
    for picture in (red, blue):
        png = io.BytesIO()
        Image.fromarray(picture).save(png, "PNG")
        pictures.append(EncodedPicture(png.getvalue(), "image/png"))
    uv = np.full((3, 2), 0.5)

    def load(*parts: tuple[Any, ...]) -> Meshes:
        writer = GlbWriter()
        for part in parts:
            writer.add(*part)
        (tmp_path / "x.glb").write_bytes(writer.to_bytes())
        return IO().load_mesh(tmp_path / "x.glb")

    both = load((verts, faces, None, uv, pictures[0]), (verts + 1, faces, None, uv, pictures[1]), (verts, faces))
    assert both.faces_packed().tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert both.textures.maps_padded().shape == (1, 3, 6, 4, 3)
    assert torch.equal(
        both.textures.faces_verts_textures_packed()[:, 0].round(), torch.tensor([[1.0, 0, 0], [0, 0, 1], [1, 1, 1]])
    )
    mixed = load((verts, faces, None, uv, pictures[0]), (verts, faces, verts * 2), (verts, faces))
    colors = mixed.textures.verts_features_packed()
    assert torch.equal(colors[:3], torch.eye(3)[[0, 0, 0]])
    assert torch.equal(colors[3:], torch.cat([torch.eye(3) * 2, torch.ones(3, 3)]))


def test_a_glb_keeps_its_picture(tmp_path):
    """Seen from +z, its corners are in the corners."""
    mesh = IO().load_mesh(write_glb(tmp_path))
    assert isinstance(mesh.textures, TexturesUV)
    cameras = from_z(2.0)
    shader = HardPhongShader(cameras=cameras, lights=AmbientLights())
    rgb = renderer(cameras, shader, 64)(mesh)[0, ..., :3]
    for row, column, color in ((20, 20, (1, 0, 0)), (20, 44, (0, 1, 0)), (44, 20, (0, 0, 1)), (44, 44, (1, 1, 0))):
        assert torch.allclose(rgb[row, column], torch.tensor(color, dtype=torch.float32), atol=0.01)
    files = IO()
    files.register_meshes_format(MeshGlbFormat())
    assert torch.equal(files.load_mesh(tmp_path / "q.glb").verts_packed(), mesh.verts_packed())
