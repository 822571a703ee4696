"""What comparing with PyTorch3D, call by call, showed to be different here."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere
from tvdrnet_nv.compat.pytorch3d.ops import SubdivideMeshes, sample_farthest_points
from tvdrnet_nv.compat.pytorch3d.renderer import (
    FoVPerspectiveCameras,
    TexturesAtlas,
    look_at_view_transform,
    ndc_to_grid_sample_coords,
    rotate_on_spot,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh import SoftPhongShader, TexturedSoftPhongShader
from tvdrnet_nv.compat.pytorch3d.structures import Meshes
from tvdrnet_nv.compat.pytorch3d.utils import checkerboard, ico_sphere, torus


def test_bad_arguments_are_value_errors():
    mesh = sphere(0)
    verts, faces = mesh.get_mesh_verts_faces(0)
    not_textures: Any = "red"
    not_index: Any = "a"
    with pytest.raises(ValueError, match="Expected textures to be an instance of type TexturesBase"):
        Meshes([verts], [faces], not_textures)
    with pytest.raises(ValueError, match=r"split_sizes must be integers, at most 1 together; got \[1, 1\]"):
        mesh.split([1, 1])
    with pytest.raises(ValueError, match=r"atlas must be tensors \[F, R, R, C\]"):
        TexturesAtlas([torch.rand(20, 2, 3, 3)])
    with pytest.raises(ValueError, match="Invalid index type"):
        FoVPerspectiveCameras()[not_index]
    with pytest.raises(ValueError, match="Invalid rotation"):
        rotate_on_spot(*look_at_view_transform(2, 3, 4), torch.eye(4))
    with pytest.raises(ValueError, match="A value in lengths was too large"):
        sample_farthest_points(torch.rand(2, 5, 3), torch.tensor([9, 5]), K=2)


def test_features_of_meshes_with_the_same_faces_stay_in_a_batch():
    mesh = sphere(0)
    feats = torch.rand(2, 12, 2)
    new, batch = SubdivideMeshes(mesh)(mesh.extend(2), feats=feats)
    assert batch.shape == (2, 42, 2)
    for given in (feats, feats.reshape(24, 2)):
        assert torch.equal(SubdivideMeshes().subdivide_homogeneous(mesh.extend(2), given)[1], batch)
    other, packed = SubdivideMeshes()(mesh.extend(2), feats=feats.reshape(24, 2))
    assert torch.equal(packed.reshape(2, 42, 2), batch)
    assert torch.equal(new.verts_padded(), other.verts_padded())


def test_old_and_small_names():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert isinstance(TexturedSoftPhongShader(), SoftPhongShader)
    assert [w.category for w in caught] == [PendingDeprecationWarning]
    assert ndc_to_grid_sample_coords(torch.tensor([1.0, 1.0]), (4, 8)).tolist() == [-0.5, -1.0]


def test_shapes_are_float32_whatever_the_default():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        found = [shape.verts_packed().dtype for shape in (ico_sphere(1), torus(0.1, 1, 3, 4), checkerboard(1))]
    finally:
        torch.set_default_dtype(before)
    assert found == [torch.float32] * 3
