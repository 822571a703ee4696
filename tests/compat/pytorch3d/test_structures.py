"""The façade's meshes, where parity with the golden file is not enough."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere, square
from tvdrnet_nv.compat.pytorch3d.renderer import (
    FoVPerspectiveCameras,
    MeshRasterizer,
    RasterizationSettings,
    TexturesVertex,
)
from tvdrnet_nv.compat.pytorch3d.structures import (
    Meshes,
    join_meshes_as_batch,
    list_to_packed,
    list_to_padded,
    packed_to_list,
    padded_to_list,
)
from tvdrnet_nv.compat.pytorch3d.utils import ico_sphere

pytestmark = pytest.mark.usefixtures("seeded")


def test_gradients_flow_from_every_form_to_the_vertices():
    verts = [square().verts_packed().requires_grad_(), sphere(0).verts_packed().requires_grad_()]
    mesh = Meshes(verts, [square().faces_packed(), sphere(0).faces_packed()])
    for form in (mesh.verts_packed, mesh.verts_padded, mesh.verts_normals_packed, mesh.faces_areas_packed):
        for derived in (form(), getattr(mesh.clone(), form.__name__)(), getattr(mesh.extend(2), form.__name__)()):
            gradients = torch.autograd.grad((derived * derived).sum() + derived.sum(), verts, retain_graph=True)
            assert all(bool((g != 0).any()) for g in gradients)
    assert not mesh.detach().verts_packed().requires_grad


def test_a_clone_shares_no_memory():
    mesh = sphere(0)
    other = mesh.clone()
    other.verts_list()[0].zero_()
    other.textures.verts_features_list()[0].zero_()
    assert bool(mesh.verts_packed().any())
    assert bool(mesh.textures.verts_features_packed().any())


def test_what_was_computed_without_gradients_is_computed_again_with_them():
    verts = sphere(0).verts_packed().requires_grad_()
    mesh = Meshes([verts], sphere(0).faces_list())
    with torch.no_grad():
        assert not mesh.verts_normals_packed().requires_grad
    assert mesh.verts_normals_packed().requires_grad
    assert mesh.verts_packed().requires_grad


def test_empty_meshes_are_meshes_too():
    verts, faces = square().get_mesh_verts_faces(0)
    mesh = Meshes([verts, verts[:0], verts], [faces, faces[:0], faces[:0]], TexturesVertex([verts, verts[:0], verts]))
    assert mesh.valid.tolist() == [True, False, False]
    assert not mesh.isempty()
    rasterizer = MeshRasterizer(
        FoVPerspectiveCameras(T=torch.tensor([[0.0, 0, 3]])), RasterizationSettings(image_size=8)
    )
    seen = (rasterizer(mesh).pix_to_face >= 0).sum((1, 2, 3))
    assert seen[0] > 0
    assert seen[1:].tolist() == [0, 0]
    none = Meshes([], [])
    assert len(none) == 0
    assert none.isempty()
    assert none.verts_padded().shape == (0, 0, 3)
    assert none.faces_packed().shape == (0, 3)


def test_in_place_changes_are_seen_everywhere():
    mesh = sphere(1)
    before = mesh.faces_areas_packed().clone()
    assert mesh.scale_verts_(2.0) is mesh
    assert torch.allclose(mesh.faces_areas_packed(), 4 * before)
    mesh.offset_verts_(torch.tensor([1.0, 0.0, 0.0]))
    assert torch.allclose(mesh.verts_padded()[0].mean(0), torch.tensor([1.0, 0.0, 0.0]), atol=1e-6)
    assert torch.allclose(mesh.get_bounding_boxes()[0, 0], torch.tensor([-1.0, 3.0]), atol=0.1)


def test_padding_is_not_a_face():
    faces = torch.tensor([[[0, 1, 2], [0, 2, 3]], [[0, 1, 2], [-1, -1, -1]]])
    mesh = Meshes(torch.rand(2, 4, 3), faces)
    assert mesh.num_faces_per_mesh().tolist() == [2, 1]
    assert mesh.faces_packed().tolist() == [[0, 1, 2], [0, 2, 3], [4, 5, 6]]
    assert torch.equal(mesh.faces_padded(), faces)


def test_to_and_indexing():
    mesh = join_meshes_as_batch([square(), sphere(0), sphere(1)])
    assert mesh.to("cpu") is mesh
    assert mesh.to("cpu", copy=True) is not mesh
    assert mesh.cpu() is mesh
    assert [len(m.verts_packed()) for m in mesh] == [4, 12, 42]
    assert mesh[-1].num_verts_per_mesh().tolist() == [42]
    assert mesh[torch.tensor([2, 0])].num_verts_per_mesh().tolist() == [42, 4]
    assert mesh[1].textures.verts_features_packed().shape == (12, 3)
    assert [len(m) for m in mesh.split([1, 2])] == [1, 2]
    with pytest.raises(IndexError):
        mesh[3]
    with pytest.raises(IndexError, match="chosen by integers"):
        mesh["a"]  # type: ignore[index]
    with pytest.raises(IndexError, match="tensor index"):
        mesh[torch.tensor([0.5])]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Meshes([torch.zeros(3, 2)], [torch.zeros(1, 3)]), r"verts must be tensors \[n, 3\]"),
        (lambda: Meshes("verts", []), "verts must be a list"),  # type: ignore[arg-type]
        (lambda: Meshes([torch.zeros(3, 3)], []), "as many meshes; got 1 and 0"),
        (lambda: Meshes([torch.zeros(3, 3)], [torch.zeros(1, 3)], TexturesVertex([torch.zeros(2, 3)])), "textures"),
        (lambda: sphere(0).extend(0), "N must be > 0"),
        (lambda: sphere(0).update_padded(torch.zeros(1, 3, 3)), r"new_verts_padded must have shape \[1, 12, 3\]"),
        (lambda: sphere(0).offset_verts(torch.zeros(5, 3)), r"offsets must be \[12, 3\] or \[3\]"),
        (lambda: sphere(0).scale_verts(torch.ones(2)), "one for each of 1 meshes"),
        (lambda: sphere(0).get_mesh_verts_faces(4), r"range \[0, 1\)"),
        (lambda: Meshes([torch.zeros(3, 3)], [torch.zeros(1, 3)]).sample_textures(None), "does not have textures"),
        (lambda: join_meshes_as_batch(sphere(0)), "list of Meshes"),  # type: ignore[arg-type]
        (lambda: join_meshes_as_batch([sphere(0), ico_sphere(0)]), "some meshes have none"),
        (lambda: ico_sphere(-1), "level must be >= 0"),
    ],
)
def test_what_is_wrong_with_meshes_is_said(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_ico_sphere_is_a_closed_sphere_seen_from_outside():
    for level in range(4):
        mesh = ico_sphere(level)
        verts, faces = mesh.get_mesh_verts_faces(0)
        assert (len(verts), len(faces)) == (10 * 4**level + 2, 20 * 4**level)
        assert torch.allclose(verts.norm(dim=1), torch.ones(len(verts)))
        assert len(mesh.edges_packed()) == 30 * 4**level
        centres = verts[faces].mean(1)
        assert bool(((mesh.faces_normals_packed() * centres).sum(1) > 0).all())
        assert torch.allclose(mesh.verts_normals_packed(), verts, atol=0.03)


def test_lists_padded_and_packed_are_each_other():
    parts = [torch.rand(2, 3), torch.rand(4, 3), torch.rand(1, 3)]
    padded = list_to_padded(parts, pad_value=-1)
    assert padded.shape == (3, 4, 3)
    assert padded[0, 2:].eq(-1).all()
    for part, again in zip(parts, padded_to_list(padded, [2, 4, 1]), strict=True):
        assert torch.equal(part, again)
    packed, counts, first, index = list_to_packed(parts)
    assert (counts.tolist(), first.tolist(), index.tolist()) == ([2, 4, 1], [0, 2, 6], [0, 0, 1, 1, 1, 1, 2])
    for part, again in zip(parts, packed_to_list(packed, [2, 4, 1]), strict=True):
        assert torch.equal(part, again)
    with pytest.raises(ValueError, match="pad_size"):
        list_to_padded(parts, (3, 3))
