"""The façade's textures, where parity with the golden file is not enough."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.compat.pytorch3d.ops import interpolate_face_attributes
from tvdrnet_nv.compat.pytorch3d.renderer import TexturesUV, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures import Meshes, join_meshes_as_scene

pytestmark = pytest.mark.usefixtures("seeded")


def test_textures_join_and_extend():
    uv = [TexturesUV([torch.rand(2, 3, 3)], [torch.tensor([[0, 1, 2]])], [torch.rand(3, 2)]) for _ in range(2)]
    joined = uv[0].join_batch([uv[1]])
    assert len(joined) == 2
    scene = joined.join_scene()
    assert scene.maps_padded().shape == (1, 2, 2, 3, 3)
    assert scene.maps_ids_padded().tolist() == [[0, 1]]
    assert torch.allclose(scene.faces_verts_textures_packed(), joined.faces_verts_textures_packed())
    twice = scene.join_batch([scene]).join_scene()
    assert twice.maps_ids_padded().tolist() == [[0, 1, 2, 3]]
    assert len(joined.extend(3)) == 6
    assert torch.equal(joined.extend(3)[3].maps_list()[0], uv[1].maps_list()[0])
    other = TexturesUV([torch.rand(2, 3, 3)], [torch.tensor([[0, 1, 2]])], [torch.rand(3, 2)], align_corners=False)
    with pytest.raises(ValueError, match="align_corners"):
        uv[0].join_batch([other])
    with pytest.raises(ValueError, match="same number of features"):
        TexturesVertex([torch.rand(3, 3)]).join_batch([TexturesVertex([torch.rand(3, 4)])])
    with pytest.raises(ValueError, match="Expected maps"):
        TexturesUV([torch.rand(3, 3)], [torch.tensor([[0, 1, 2]])], [torch.rand(3, 2)])
    mixed = [
        Meshes([torch.rand(3, 3)], [torch.tensor([[0, 1, 2]])], t) for t in (uv[0], TexturesVertex(torch.rand(1, 3, 3)))
    ]
    with pytest.raises(ValueError, match="same type of texture"):
        join_meshes_as_scene(mixed)


def test_face_attributes_are_sums_of_any_barycentrics():
    ids = torch.tensor([[[[0, 1], [1, -1]]]])
    bary = torch.rand(1, 1, 2, 2, 3, dtype=torch.float64).requires_grad_()
    attributes = torch.rand(2, 3, 4, dtype=torch.float64).requires_grad_()
    have = interpolate_face_attributes(ids, bary, attributes)
    want = (attributes[ids.clamp_min(0)] * bary[..., None]).sum(-2) * (ids >= 0)[..., None]
    assert torch.allclose(have, want)
    weights = torch.rand_like(want)
    for a, b in zip(
        torch.autograd.grad((have * weights).sum(), (bary, attributes)),
        torch.autograd.grad((want * weights).sum(), (bary, attributes)),
        strict=True,
    ):
        assert torch.allclose(a, b)
    with pytest.raises(ValueError, match="three vertices"):
        interpolate_face_attributes(ids, bary, attributes[:, :2])
    with pytest.raises(ValueError, match="pix_to_face must have shape"):
        interpolate_face_attributes(ids[0], bary, attributes)
