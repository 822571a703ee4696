"""What PyTorch3D's own tests showed to be different here, in cases of our own."""

from __future__ import annotations

import io
import math

import pytest
import torch

from tests.compat.pytorch3d.scenes import square
from tvdrnet_nv.compat.pytorch3d.io import IO, load_obj, load_ply, save_obj, save_ply
from tvdrnet_nv.compat.pytorch3d.loss import chamfer_distance
from tvdrnet_nv.compat.pytorch3d.ops import (
    GraphConv,
    interpolate_face_attributes,
    masked_gather,
    mesh_face_areas_normals,
    vert_align,
    wmean,
)
from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import interpolate_face_attributes_python
from tvdrnet_nv.compat.pytorch3d.renderer import DirectionalLights, look_at_view_transform, rasterize_meshes
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes_python
from tvdrnet_nv.compat.pytorch3d.renderer.utils import ndc_grid_sample
from tvdrnet_nv.compat.pytorch3d.structures import Meshes, Pointclouds, list_to_padded
from tvdrnet_nv.compat.pytorch3d.structures.utils import padded_to_packed
from tvdrnet_nv.compat.pytorch3d.transforms import (
    RotateAxisAngle,
    Scale,
    Transform3d,
    acos_linear_extrapolation,
    matrix_to_euler_angles,
    so3_log_map,
)
from tvdrnet_nv.compat.pytorch3d.utils import ico_sphere

pytestmark = pytest.mark.usefixtures("seeded")


def test_transforms_keep_their_parts():
    chain = Scale(2.0).compose(Transform3d()).clone()
    assert len(chain._transforms) == 1
    chain._matrix = 3 * torch.eye(4)[None]
    assert torch.equal(chain.get_matrix(), 3 * torch.eye(4)[None])
    with pytest.raises(ValueError, match="angle must be"):
        RotateAxisAngle(torch.zeros(2, 3))


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")
def test_conversions_are_scripted():
    turn = RotateAxisAngle(30.0, "Y").get_matrix()[:, :3, :3]
    assert torch.allclose(torch.jit.script(so3_log_map)(turn), so3_log_map(turn))
    assert torch.allclose(torch.jit.script(matrix_to_euler_angles)(turn, "XYZ"), matrix_to_euler_angles(turn, "XYZ"))


def test_an_eye_that_misses_the_pole_by_a_rounding_error_is_upright():
    R, T = look_at_view_transform(eye=((-1e-7, 2.0, 0.0),))
    assert torch.allclose(R[0], torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]]), atol=1e-6)
    assert torch.allclose(T, torch.tensor([[0.0, 0.0, 2.0]]), atol=1e-6)


def test_arccosine_goes_on_along_its_tangent():
    x = torch.tensor([-2.0, 0.0, 2.0], requires_grad=True)
    y = acos_linear_extrapolation(x, (-0.6, 0.6))
    y.sum().backward()
    assert torch.allclose(y, torch.tensor([math.acos(-0.6) + 1.4 / 0.8, math.pi / 2, math.acos(0.6) - 1.4 / 0.8]))
    assert torch.allclose(x.grad, torch.tensor([-1.25, -1.0, -1.25]))  # type: ignore[arg-type]


def test_pixels_on_a_border_show_what_is_behind():
    verts = torch.tensor([[-1.0, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1], [-4, -4, 2], [4, -4, 2], [0, 4, 2]])
    meshes = Meshes([verts], [torch.tensor([[0, 1, 2], [0, 2, 3], [4, 5, 6]])])
    ours, plain = rasterize_meshes(meshes, 4, 0.0, 2), rasterize_meshes_python(meshes, 4, 0.0, 2)
    assert torch.equal(ours[0], plain[0])
    assert sorted(ours[0][0, range(4), range(4), 0].tolist()) == [2] * 4
    for a, b in zip(ours[1:], plain[1:], strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_vertices_at_depth_zero_give_no_nan():
    verts = ico_sphere(1).verts_packed().requires_grad_()
    found = rasterize_meshes(Meshes([verts], [ico_sphere(1).faces_packed()]), 16, perspective_correct=True)
    sum(part.sum() for part in found[1:]).backward()  # type: ignore[union-attr]
    assert torch.isfinite(verts.grad).all()  # type: ignore[arg-type]


def test_barycentrics_of_any_sum_keep_their_digits():
    pix, attributes = torch.randint(3, (1, 4, 4, 2)), torch.rand(3, 3, 2)
    bary = torch.randn(1, 4, 4, 2, 3)
    bary[..., 2] = 1e-6 - bary[..., 0] - bary[..., 1]
    wanted = interpolate_face_attributes_python(pix, bary, attributes)
    assert torch.allclose(interpolate_face_attributes(pix, bary, attributes), wanted, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 2, 3), (0, 4), (2.5, 4.0)])
def test_image_sizes_are_checked(size):
    with pytest.raises(ValueError, match="Image size"):
        rasterize_meshes(square(), size)


def test_clouds_take_what_is_empty():
    clouds = Pointclouds([torch.rand(3, 3), torch.zeros(0, 3)], features=[torch.rand(3, 2), None])  # type: ignore[list-item]
    assert clouds.features_padded().shape == (2, 3, 2)  # type: ignore[union-attr]
    assert Pointclouds([], [], []).normals_list() is None
    assert clouds.subsample(3) is clouds
    assert clouds.subsample(torch.tensor([2, 2])).num_points_per_cloud().tolist() == [2, 0]
    with pytest.raises(ValueError, match="Input box dimension"):
        clouds.inside_box(torch.zeros(3, 2, 3))
    many = Pointclouds([torch.rand(8, 3), torch.rand(6, 3)])
    normals = many.estimate_normals(4, assign_to_self=True)
    assert normals.shape == (2, 8, 3)
    assert torch.equal(many.normals_padded(), normals)  # type: ignore[arg-type]


def test_padding_of_faces_is_at_the_end():
    faces = torch.tensor([[[-1, -1, -1], [0, 1, 2]]])
    with pytest.raises(ValueError, match="Padding of faces"):
        Meshes(torch.rand(1, 3, 3), faces)
    assert Meshes(torch.rand(1, 3, 3), faces.flip(1))._F == 1


def test_padded_and_packed():
    assert list_to_padded([torch.ones(2, 3), torch.ones(0, 5)]).shape == (2, 2, 5)
    padded = torch.tensor([[[1, -1], [-1, -1]], [[2, 2], [3, 3]]])
    assert padded_to_packed(padded, pad_value=-1).tolist() == [[1, -1], [2, 2], [3, 3]]
    assert padded_to_packed(padded, [1, 1]).tolist() == [[1, -1], [2, 2]]
    for wrong in ({"split_size": [1]}, {"split_size": [1, 1], "pad_value": 0}):
        with pytest.raises(ValueError, match="split_size"):
            padded_to_packed(padded, **wrong)  # type: ignore[arg-type]


def test_small_ops_by_hand():
    areas, normals = mesh_face_areas_normals(
        torch.tensor([[0.0, 0, 0], [2, 0, 0], [0, 3, 0]]), torch.tensor([[0, 1, 2]])
    )
    assert (areas.tolist(), normals.tolist()) == ([3.0], [[0.0, 0.0, 1.0]])
    image = torch.arange(4.0).reshape(1, 1, 2, 2)
    assert vert_align(image, torch.tensor([[[1.0, -1.0, 9.0]]])).tolist() == [[[1.0]]]
    assert ndc_grid_sample(image, torch.tensor([[[0.5, 0.5]]])).tolist() == [[[0.0]]]
    layer = GraphConv(1, 1, init="zero")
    torch.nn.init.ones_(layer.w1.weight)
    torch.nn.init.zeros_(layer.w0.bias)
    torch.nn.init.zeros_(layer.w1.bias)
    assert layer(torch.tensor([[1.0], [2], [4]]), torch.tensor([[0, 1], [1, 2]])).flatten().tolist() == [2, 5, 2]
    assert wmean(torch.rand(4, 5, 3), torch.ones(5)).shape == (4, 1, 3)
    with pytest.raises(ValueError, match="not supported"):
        masked_gather(torch.rand(1, 2, 3), torch.zeros(1, 1, 1, 1, dtype=torch.int64))
    loss, _ = chamfer_distance(torch.rand(2, 3, 3), torch.rand(2, 3, 3), weights=torch.zeros(2), batch_reduction=None)
    assert loss.shape == (2, 2)


def test_one_direction_lights_all():
    light = DirectionalLights(diffuse_color=((1.0, 1.0, 1.0),))
    light.direction = torch.tensor([0.0, 0.0, 2.0])
    assert light.diffuse(torch.tensor([[[0.0, 0.0, 1.0]]])).flatten().tolist()[:3] == [1.0, 1.0, 1.0]


def test_the_icosphere_begins_as_theirs():
    mesh = ico_sphere(0)
    assert torch.allclose(
        mesh.verts_packed()[[0, 4]], torch.tensor([[-0.5257, 0.8507, 0], [0, -0.5257, 0.8507]]), atol=1e-4
    )
    assert mesh.faces_packed()[0].tolist() == [0, 11, 5]


def test_files_as_theirs(tmp_path):
    axes = "".join(f"property float {axis}\n" for axis in "xyz")
    text = f"ply\nformat ascii 1.0\nelement vertex 8\n{axes}element face 2\n"
    corners = "".join(f"{i} 0 0\n" for i in range(8))
    quads = f"{text}property list uchar int vertex_index\nend_header\n{corners}4 0 1 2 3\n4 4 5 6 7\n"
    assert load_ply(io.StringIO(quads))[1].tolist() == [[0, 1, 2], [4, 5, 6], [0, 2, 3], [4, 6, 7]]
    with pytest.warns(UserWarning, match="invalid indices"):
        save_ply(io.BytesIO(), torch.rand(1, 3), torch.tensor([[0, 1, 2]]))
    with pytest.warns(UserWarning, match="Empty 'verts'"):
        save_ply(io.BytesIO(), torch.zeros(0), torch.zeros(0))
    bright = Pointclouds([torch.rand(4, 3)], features=[torch.full((4, 3), 47.0)])
    IO().save_pointcloud(bright, tmp_path / "c.ply")
    assert b"element face" not in (tmp_path / "c.ply").read_bytes()
    assert torch.equal(IO().load_pointcloud(tmp_path / "c.ply").features_packed(), bright.features_packed())  # type: ignore[arg-type]
    stream = io.StringIO()
    save_obj(stream, torch.ones(3, 3), torch.tensor([[0, 1, 2]]), 1, verts_uvs=torch.rand(3, 2))
    assert stream.getvalue() == "v 1.0 1.0 1.0\n" * 3 + "f 1 2 3"
    with pytest.raises(ValueError, match="faces_uvs"):
        save_obj(stream, torch.ones(3, 3), torch.tensor([[0, 1, 2]]), faces_uvs=torch.zeros(1, 2))
    (tmp_path / "x.obj").write_text("v 0 0 0\nf 1 1 7\n")
    with pytest.warns(UserWarning, match="invalid indices"):
        assert load_obj(tmp_path / "x.obj", load_textures=False)[1].verts_idx.tolist() == [[0, 0, 6]]
