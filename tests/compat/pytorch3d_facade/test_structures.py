"""The façade's meshes, textures, cameras, lights and transforms, where parity with the golden file is not enough."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d_facade.scenes import sphere, square
from tvdrnet_nv.compat.pytorch3d.ops import interpolate_face_attributes
from tvdrnet_nv.compat.pytorch3d.renderer import (
    DirectionalLights,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    Materials,
    MeshRasterizer,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    TexturesUV,
    TexturesVertex,
    join_cameras_as_batch,
)
from tvdrnet_nv.compat.pytorch3d.structures import (
    Meshes,
    join_meshes_as_batch,
    join_meshes_as_scene,
    list_to_packed,
    list_to_padded,
    packed_to_list,
    padded_to_list,
)
from tvdrnet_nv.compat.pytorch3d.transforms import (
    Rotate,
    RotateAxisAngle,
    Scale,
    Transform3d,
    Translate,
    axis_angle_to_matrix,
    euler_angles_to_matrix,
    matrix_to_axis_angle,
    matrix_to_quaternion,
    quaternion_to_matrix,
    random_rotations,
    so3_log_map,
    so3_rotation_angle,
)
from tvdrnet_nv.compat.pytorch3d.utils import ico_sphere


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


# --- meshes ----------------------------------------------------------------------------------------------------------


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


# --- textures --------------------------------------------------------------------------------------------------------


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


# --- cameras and lights ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FoVPerspectiveCameras, FoVOrthographicCameras])
def test_parameters_are_optimised_through_cameras(kind):
    R = random_rotations(2).requires_grad_()
    T = torch.tensor([[0.0, 0, 3], [0, 0, 4]]).requires_grad_()
    lens = torch.tensor([50.0, 60.0] if kind is FoVPerspectiveCameras else [1.0, 2.0]).requires_grad_()
    cameras = kind(R=R, T=T, **{"fov" if kind is FoVPerspectiveCameras else "max_x": lens})
    points = torch.rand(2, 5, 3)
    for out in (cameras.transform_points(points), cameras[1].transform_points(points[1])):
        gradients = torch.autograd.grad(out[..., 0].sum(), (R, T, lens))
        assert all(bool(g[1].abs().sum() > 0) for g in gradients)
    centre = cameras.get_camera_center()
    assert torch.allclose(centre, -(R @ T[..., None])[..., 0], atol=1e-5)


def test_cameras_are_chosen_cloned_and_joined():
    cameras = PerspectiveCameras(focal_length=torch.tensor([1.0, 2.0, 3.0]), T=torch.rand(3, 3))
    assert len(cameras) == 3
    assert cameras[[2, 0]].focal_length.tolist() == [[3.0, 3.0], [1.0, 1.0]]
    assert cameras[torch.tensor([False, True, False])].focal_length.tolist() == [[2.0, 2.0]]
    assert cameras[-1].T.tolist() == cameras.T[2:].tolist()
    joined = join_cameras_as_batch([cameras[0], cameras[1:]])
    assert torch.equal(joined.focal_length, cameras.focal_length)
    clone = cameras.clone()
    clone.T = clone.T + 1
    assert not torch.equal(clone.T, cameras.T)
    assert cameras.to("cpu") is cameras
    with pytest.raises(IndexError, match="3 cameras"):
        cameras[3]
    with pytest.raises(ValueError, match="same type"):
        join_cameras_as_batch([cameras, FoVPerspectiveCameras()])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: FoVPerspectiveCameras(R=torch.eye(3)[None].expand(2, 3, 3), T=torch.zeros(3, 3)), "broadcastable"),
        (lambda: FoVPerspectiveCameras(R=torch.eye(3)).get_world_to_view_transform(), r"R to have shape \(N, 3, 3\)"),
        (lambda: FoVPerspectiveCameras().get_camera_center(T=torch.zeros(3)), r"T to have shape \(N, 3\)"),
        (lambda: FoVPerspectiveCameras(K=torch.eye(3)[None]), "K to have shape"),
        (lambda: FoVPerspectiveCameras().transform_points_screen(torch.rand(2, 3)), "image_size"),
        (lambda: PerspectiveCameras(in_ndc=False), "Image size should be set"),
        (lambda: PerspectiveCameras(image_size=((0, 5),)), "invalid values"),
        (lambda: PointLights(location=((1, 2),)), "location to have shape"),
        (lambda: DirectionalLights(direction=((1, 2),)), "direction to have shape"),
        (lambda: Materials(ambient_color=((1, 2),)), "ambient_color to have shape"),
        (lambda: Materials(shininess=((1, 2),)), "shininess should have shape"),
    ],
)
def test_what_is_wrong_with_cameras_and_lights_is_said(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_a_lights_elements_are_read_and_written():
    lights = PointLights(location=((0.0, 1.0, 2.0), (3.0, 4.0, 5.0)))
    assert len(lights) == 2
    assert lights[1].location.tolist() == [3, 4, 5]
    lights[0].location = torch.tensor([9.0, 9.0, 9.0])
    assert lights.location.tolist() == [[9, 9, 9], [3, 4, 5]]
    again = lights.clone().gather_props(torch.tensor([1, 1, 0]))
    assert again.location[:, 0].tolist() == [3, 3, 9]
    assert lights.location.shape == (2, 3)


# --- transforms ------------------------------------------------------------------------------------------------------


def test_transforms_invert_and_stack():
    chain = Translate(torch.rand(2, 3)).compose(Scale(2.0), Rotate(random_rotations(2))).rotate_axis_angle(20.0, "z")
    points = torch.rand(2, 4, 3)
    assert torch.allclose(chain.inverse().transform_points(chain.transform_points(points)), points, atol=1e-5)
    assert len(chain) == 2
    assert len(chain.stack(Transform3d())) == 3
    assert torch.allclose(chain[1].get_matrix()[0], chain.get_matrix()[1])
    assert chain.clone().to("cpu", dtype=torch.float64).dtype == torch.float64
    assert chain.cpu() is chain


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Transform3d(matrix=torch.eye(3)), "matrix must have shape"),
        (lambda: Rotate(torch.eye(4)), "R must have shape"),
        (lambda: RotateAxisAngle(1.0, "W"), "axis"),
        (lambda: Translate(1.0), "x, y and z are needed"),
        (lambda: Translate(torch.rand(2, 3), 1.0), "y and z to be None"),
        (lambda: Transform3d().transform_points(torch.rand(2, 2)), r"\[P, 3\]"),
        (lambda: Transform3d().compose(torch.eye(4)), "Only possible to compose"),  # type: ignore[arg-type]
        (lambda: Translate(torch.rand(2, 3)).compose(Translate(torch.rand(3, 3))).get_matrix(), "equal or 1"),
        (lambda: euler_angles_to_matrix(torch.rand(3), "XXY"), "Invalid convention"),
        (lambda: euler_angles_to_matrix(torch.rand(2), "XYZ"), "last dimension"),
        (lambda: so3_rotation_angle(3 * torch.eye(3)[None]), "trace"),
    ],
)
def test_what_is_wrong_with_transforms_is_said(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_conversions_are_smooth_at_the_identity_and_right_near_half_turns():
    zero = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(axis_angle_to_matrix, zero)
    axes = torch.nn.functional.normalize(torch.randn(50, 3, dtype=torch.float64), dim=1)
    for angle in (1e-9, 1e-4, 1.0, 3.14, torch.pi - 1e-9):
        vectors = axes * angle
        assert torch.allclose(matrix_to_axis_angle(axis_angle_to_matrix(vectors)), vectors, atol=1e-7)
        assert torch.allclose(so3_log_map(axis_angle_to_matrix(vectors)), vectors, atol=1e-7)
    R = random_rotations(50, dtype=torch.float64)
    assert torch.allclose(quaternion_to_matrix(matrix_to_quaternion(R)), R, atol=1e-12)
