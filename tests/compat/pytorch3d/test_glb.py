"""The façade's GLB files: what is written comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere
from tvdrnet_nv.compat.pytorch3d.io import IO
from tvdrnet_nv.compat.pytorch3d.io.experimental_gltf_io import MeshGlbFormat, _read_header
from tvdrnet_nv.compat.pytorch3d.renderer import TexturesAtlas, TexturesUV, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures import Meshes
from tvdrnet_nv.errors import InputError


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
    ):
        with pytest.raises(InputError, match=says):
            IO().save_mesh(Meshes([verts], [faces], textures), path)
    with pytest.raises(InputError, match="single mesh; there are 2"):
        IO().save_mesh(mesh.extend(2), path)
    with pytest.raises(InputError, match="no faces"):
        IO().save_mesh(Meshes([verts], [faces[:0]]), path)
    with pytest.raises(InputError, match=r"nowhere.*cannot be written"):
        IO().save_mesh(mesh, tmp_path / "nowhere" / "x.glb")
    assert not path.exists()
