"""Faces cut off at a view's borders."""

from __future__ import annotations

import torch

from tvdrnet_nv.compat.pytorch3d.renderer.mesh import (
    ClipFrustum,
    ClippedFaces,
    clip_faces,
    convert_clipped_rasterization_to_original_faces,
)

# In front; behind; one corner behind; two corners behind; outside to the right.
FACES = torch.tensor(
    [
        [[0, 0, 1], [1, 0, 1], [0, 1, 1]],
        [[0, 0, -1], [1, 0, -1], [0, 1, -1]],
        [[0, 0, -1], [-1, 0, 1], [1, 0, 1]],
        [[-1, 0, -1], [0, 0, 1], [1, 0, -1]],
        [[2, 0, 1], [3, 0, 1], [2, 1, 1]],
    ],
    dtype=torch.float32,
)
FRUSTUM = ClipFrustum(left=-1, right=1, top=-1, bottom=1, z_clip_value=0.5)


def clip(rows: list[int], sizes: list[int], frustum: ClipFrustum = FRUSTUM) -> ClippedFaces:
    counts = torch.tensor(sizes)
    return clip_faces(FACES[rows], counts.cumsum(0) - counts, counts, frustum)


def test_what_is_inside_stays_as_it_is():
    found = clip([0, 0], [1, 1])
    assert torch.equal(found.face_verts, FACES[[0, 0]])
    assert found.faces_clipped_to_unclipped_idx is found.barycentric_conversion is None
    pix, bary = torch.zeros(1, 2, 2, 1, dtype=torch.int64), torch.rand(1, 2, 2, 1, 3)
    same = convert_clipped_rasterization_to_original_faces(pix, bary, found)
    assert same[0] is pix
    assert same[1] is bary


def test_what_is_outside_is_left_out():
    found = clip([1, 0, 4], [1, 2])
    assert found.faces_clipped_to_unclipped_idx.tolist() == [1]
    assert found.num_faces_per_mesh.tolist() == [0, 1]
    assert found.mesh_to_face_first_idx.tolist() == [0, 0]
    assert found.clipped_faces_neighbor_idx is None
    kept = clip([1, 0, 4], [1, 2], ClipFrustum(left=-1, right=1, cull=False))
    assert len(kept.face_verts) == 3


def test_parts_know_their_faces_and_their_corners_there():
    found = clip([2, 3, 0, 1, 2], [4, 1])
    assert found.faces_clipped_to_unclipped_idx.tolist() == [0, 0, 1, 2, 4, 4]
    assert found.num_faces_per_mesh.tolist() == [4, 2]
    assert found.clipped_faces_neighbor_idx.tolist() == [1, 0, -1, -1, 5, 4]
    assert found.faces_clipped_to_conversion_idx.tolist() == [1, 3, 0, -1, 2, 4]
    assert bool((found.face_verts[..., 2] >= 0.5).all())
    for row, (face, conversion) in enumerate(
        zip(found.faces_clipped_to_unclipped_idx.tolist(), found.faces_clipped_to_conversion_idx.tolist(), strict=True)
    ):
        whole = FACES[[2, 3, 0, 1, 2][face]]
        matrix = torch.eye(3) if conversion < 0 else found.barycentric_conversion[conversion]
        assert torch.allclose(matrix.T @ whole, found.face_verts[row], atol=1e-6)


def test_fragments_of_parts_are_fragments_of_faces():
    found = clip([2, 0], [2])
    pix = torch.tensor([0, 1, 2, -1]).reshape(1, 2, 2, 1)
    bary = torch.tensor([[0.2, 0.3, 0.5]] * 3 + [[-1.0, -1, -1]]).reshape(1, 2, 2, 1, 3)
    whole, there = convert_clipped_rasterization_to_original_faces(pix, bary, found)
    assert whole.flatten().tolist() == [0, 0, 1, -1]
    places = torch.einsum("pc,pcd->pd", bary.reshape(4, 3)[:3], found.face_verts[[0, 1, 2]])
    same = torch.einsum("pc,pcd->pd", there.reshape(4, 3)[:3], FACES[[2, 2, 0]])
    assert torch.allclose(places, same, atol=1e-6)
    assert there[0, 1, 1, 0].tolist() == [-1, -1, -1]


def test_with_perspective_what_is_behind_the_camera_may_be_seen():
    frustum = ClipFrustum(left=-1, right=1, perspective_correct=True, z_clip_value=0.5)
    through = torch.tensor([[[5.0, 0, -1], [4, 0, 1], [4, 1, 1]]])
    one = torch.tensor([1])
    assert len(clip_faces(through, one - 1, one, frustum).face_verts) == 2
    in_front = through.clone()
    in_front[..., 2] = 1
    assert len(clip_faces(in_front, one - 1, one, frustum).face_verts) == 0
