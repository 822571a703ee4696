"""Meshes as GLB: our own reader gives them back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh, Textures
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import sphere, textured_box
from tvdrnet_nv.shading import UNLIT
from tvdrnet_nv.starts import scene_orbit
from tvdrnet_nv.viewer.glb import mesh_glb


def read_back(mesh: Mesh, path: Path, *, unlit: bool = False) -> Mesh:
    path.write_bytes(mesh_glb(mesh, unlit=unlit))
    return load_mesh(path)


def test_vertex_colours_come_back(tmp_path: Path) -> None:
    mesh = sphere(4)
    mesh = replace(mesh, colors=torch.rand(mesh.vertices.shape, generator=torch.Generator().manual_seed(0)))
    back = read_back(mesh, tmp_path / "sphere.glb")
    np.testing.assert_array_equal(back.vertices, mesh.vertices)
    np.testing.assert_array_equal(back.faces, mesh.faces)
    np.testing.assert_allclose(back.colors, mesh.colors, atol=2e-3)
    assert back.notes == ()


def test_pictures_come_back_on_their_faces(tmp_path: Path) -> None:
    box = textured_box(4)
    image = torch.zeros(16, 16, 3)
    image[:8, :, 0] = image[8:, :, 1] = image[:, 8:, 2] = 1.0
    uv = box.vertices[:, :2].contiguous() * 0.4 + 0.5
    of_face = torch.zeros(box.num_faces, dtype=torch.int32)
    of_face[::3] = -1
    mesh = replace(box, textures=Textures(uv, (image,), of_face))
    back = read_back(mesh, tmp_path / "box.glb", unlit=True)
    assert back.textures is not None
    assert back.num_faces == mesh.num_faces
    orbit = scene_orbit(mesh)
    with torch.no_grad():
        ours, theirs = (Renderer(one, 64, light=UNLIT)(orbit.camera()).rgb for one in (mesh, back))
    assert float((ours - theirs).abs().mean()) < 0.02  # JPEG
    assert float(ours.std()) > 0.1


def test_a_scene_without_light_says_so() -> None:
    for unlit in (False, True):
        data = mesh_glb(textured_box(2), unlit=unlit)
        assert int.from_bytes(data[8:12], "little") == len(data)
        tree = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
        assert ("KHR_materials_unlit" in tree.get("extensionsUsed", [])) is unlit
        assert all(material["doubleSided"] for material in tree["materials"])
