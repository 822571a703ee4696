"""Cameras, meshes, transforms."""

from __future__ import annotations

import torch
from pytorch3d.renderer import (
    FoVPerspectiveCameras,
    PerspectiveCameras,
    camera_position_from_spherical_angles,
    look_at_rotation,
    look_at_view_transform,
)
from pytorch3d.renderer.cameras import get_ndc_to_screen_transform, get_screen_to_ndc_transform
from pytorch3d.structures import Meshes, join_meshes_as_batch, join_meshes_as_scene
from pytorch3d.transforms import (
    Rotate,
    RotateAxisAngle,
    Scale,
    Transform3d,
    Translate,
    axis_angle_to_matrix,
    euler_angles_to_matrix,
    matrix_to_axis_angle,
    matrix_to_euler_angles,
    matrix_to_quaternion,
    matrix_to_rotation_6d,
    quaternion_apply,
    quaternion_invert,
    quaternion_multiply,
    quaternion_to_axis_angle,
    quaternion_to_matrix,
    rotation_6d_to_matrix,
    so3_exp_map,
    so3_log_map,
    so3_relative_angle,
)

from .scene import SIZE, all_cameras, numbers, scene


def cameras(out: dict[str, torch.Tensor]) -> None:
    """Transforms of every class."""
    points = numbers(2, 5, 3, seed=9) - 0.5
    R, T = look_at_view_transform(4.0, 10.0, 20.0)
    for name, (camera, size) in all_cameras().items():
        key = f"camera/{name}"
        out[f"{key}/view"] = camera.get_world_to_view_transform().get_matrix()
        out[f"{key}/projection"] = camera.get_projection_transform().get_matrix()
        out[f"{key}/full"] = camera.get_full_projection_transform().get_matrix()
        out[f"{key}/to_ndc"] = camera.get_ndc_camera_transform().get_matrix().expand(2, 4, 4)
        out[f"{key}/points"] = moved = camera.transform_points(points)
        out[f"{key}/points_of_one"] = camera.transform_points(points[0])
        out[f"{key}/ndc"] = camera.transform_points_ndc(points)
        out[f"{key}/screen"] = camera.transform_points_screen(points, **size)
        out[f"{key}/unflipped"] = camera.transform_points_screen(points, with_xyflip=False, **size)
        out[f"{key}/ndc_to_screen"] = get_ndc_to_screen_transform(
            camera, with_xyflip=True, image_size=(SIZE,)
        ).get_matrix()
        out[f"{key}/screen_to_ndc"] = get_screen_to_ndc_transform(camera, image_size=(SIZE,)).get_matrix()
        out[f"{key}/center"] = camera.get_camera_center()
        depth = camera.get_world_to_view_transform().transform_points(points)[..., 2:]
        xy_depth = torch.cat([moved[..., :2], depth], -1)
        for world in (True, False):
            out[f"{key}/unprojected_{world}"] = camera.unproject_points(xy_depth, world_coordinates=world)
        near = camera.get_znear()
        out[f"{key}/facts"] = torch.tensor(
            [float(camera.is_perspective()), float(camera.in_ndc()), len(camera), -1.0 if near is None else near[0]]
        )
        one = camera[1]
        out[f"{key}/one"] = one.transform_points(points[1])
        out[f"{key}/eps"] = camera.clone().transform_points(points * 0, eps=10.0)
        moved_there = camera.clone()
        out[f"{key}/given"] = moved_there.transform_points(points, R=R, T=T)
        out[f"{key}/kept"] = moved_there.get_camera_center()
    for i, focal in enumerate((2.0, (2.0, 3.0), ((2.0, 3.0),), torch.tensor([[2.0], [3.0]]))):
        out[f"camera/lens/{i}"] = PerspectiveCameras(focal_length=focal).focal_length
    ndc = FoVPerspectiveCameras()
    out["camera/default/scaled"] = ndc.unproject_points(points[0] + 0.5, scaled_depth_input=True)
    out["camera/default/override"] = ndc.transform_points(points[0] + 2.0, fov=30.0, znear=0.1)
    pixels = all_cameras()["pixels"][0]
    out["camera/pixels/from_ndc"] = pixels.unproject_points(points + 0.6, from_ndc=True)


def looking(out: dict[str, torch.Tensor]) -> None:
    """Where cameras stand."""
    angles = torch.tensor([10.0, -40.0, 100.0])
    eye = numbers(3, 3, seed=12) * 4 + 1
    out["look/one"] = torch.cat([x.flatten() for x in look_at_view_transform(2.5, 30.0, 45.0)])
    for name, given in {
        "batch": {"dist": torch.tensor([2.0, 3.0, 4.0]), "elev": angles, "azim": 2 * angles},
        "mixed": {"dist": 2.0, "elev": angles, "azim": -20.0, "at": ((0.1, 0.2, 0.3),)},
        "radians": {"dist": 2.0, "elev": angles / 60, "azim": angles / 60, "degrees": False},
        "up": {"dist": 3.0, "elev": angles / 2, "azim": angles, "up": ((0.1, 0.2, 1.0),)},
        "eye": {"eye": eye, "at": eye / 3 - 1},
        "eye_tuple": {"eye": ((3.0, 2.0, 1.0),), "up": ((0, 0, 1),)},
    }.items():
        R, T = look_at_view_transform(**given)
        out[f"look/{name}/R"], out[f"look/{name}/T"] = R, T
    for elevation in (90.0, -90.0):
        out[f"look/pole_{elevation}"] = look_at_view_transform(2.0, elevation, torch.tensor([0.0, 45.0, 200.0]))[0]
    out["look/rotation"] = look_at_rotation(eye, at=((0.5, 0.4, 0.3),), up=((1, 1, 0),))
    out["look/position"] = camera_position_from_spherical_angles(2.0, angles, angles)
    out["look/position_radians"] = camera_position_from_spherical_angles(angles, 0.3, 0.2, degrees=False)


def meshes(out: dict[str, torch.Tensor]) -> None:
    """Every accessor, of a list and of padded tensors."""
    mesh, verts, _ = scene()
    one = Meshes(verts[0][None], mesh.faces_list()[0][None])
    padded = Meshes(mesh.verts_padded(), mesh.faces_padded())
    many = {
        "list": mesh,
        "padded": padded,
        "extended": mesh.extend(2),
        "chosen": mesh[1],
        "chosen_list": mesh[[1, 0, 1]],
        "chosen_bool": mesh[torch.tensor([False, True])],
        "sliced": mesh.extend(2)[1:3],
        "updated": mesh.update_padded(mesh.verts_padded() * 2),
        "offset": mesh.offset_verts(torch.tensor([0.1, 0.2, 0.3])),
        "offset_each": mesh.offset_verts(numbers(len(mesh.verts_packed()), 3, seed=20)),
        "scaled": mesh.scale_verts(2.0),
        "scaled_each": mesh.scale_verts(torch.tensor([2.0, 3.0])),
        "batch": join_meshes_as_batch([mesh, mesh[0]]),
        "scene": join_meshes_as_scene(mesh),
        "scene_of_list": join_meshes_as_scene([one, mesh[1]], include_textures=False),
        "given_normals": Meshes([verts[1]], [mesh.faces_list()[1]], verts_normals=[numbers(len(verts[1]), 3, seed=21)]),
        "tiny": mesh.scale_verts(1e-4),
    }
    accessors = [
        "verts_packed",
        "faces_packed",
        "verts_padded",
        "faces_padded",
        "num_verts_per_mesh",
        "num_faces_per_mesh",
        "mesh_to_verts_packed_first_idx",
        "mesh_to_faces_packed_first_idx",
        "verts_packed_to_mesh_idx",
        "faces_packed_to_mesh_idx",
        "verts_padded_to_packed_idx",
        "get_bounding_boxes",
        "faces_areas_packed",
        "faces_normals_packed",
        "verts_normals_packed",
        "verts_normals_padded",
        "faces_normals_padded",
        "edges_packed",
        "num_edges_per_mesh",
        "edges_packed_to_mesh_idx",
        "mesh_to_edges_packed_first_idx",
        "faces_packed_to_edges_packed",
    ]
    for name, m in many.items():
        short = name in ("list", "padded", "extended", "tiny")
        for accessor in accessors if short else accessors[:3] + accessors[14:15]:
            out[f"mesh/{name}/{accessor}"] = getattr(m, accessor)()
        out[f"mesh/{name}/facts"] = torch.tensor([float(len(m)), float(m.isempty()), float(m.equisized), *m.valid])
        if m.textures is not None:
            out[f"mesh/{name}/colors"] = m.textures.verts_features_packed()


def transforms(out: dict[str, torch.Tensor]) -> None:
    """Matrices, and conversions of rotations."""
    points, vectors = numbers(4, 3, seed=30) - 0.5, numbers(6, 3, seed=31) * 4 - 2
    R = axis_angle_to_matrix(vectors)
    chain = Translate(1.0, 2.0, 3.0).scale(2.0, 1.0, 0.5).rotate(R[0]).rotate_axis_angle(30.0, "Y")
    for name, t in {
        "chain": chain,
        "inverse": chain.inverse(),
        "inverse_composed": chain.inverse(invert_composed=True),
        "translate": Translate(points),
        "scale": Scale(torch.tensor([1.0, 2.0])),
        "scale_xyz": Scale(points + 1),
        "rotate": Rotate(R[:3]),
        "axis_angle": RotateAxisAngle(torch.tensor([10.0, 20.0]), "Z"),
        "axis_angle_radians": RotateAxisAngle(0.5, "x", degrees=False),
        "stacked": Transform3d().stack(Translate(1, 2, 3), chain),
        "chosen": Rotate(R)[[1, 3]],
    }.items():
        out[f"transform/{name}/matrix"] = t.get_matrix()
        out[f"transform/{name}/points"] = t.transform_points(points)
        out[f"transform/{name}/normals"] = t.transform_normals(points)
    q = matrix_to_quaternion(R)
    out["rotation/matrix"], out["rotation/quaternion"] = R, q
    out["rotation/back"] = quaternion_to_matrix(q)
    out["rotation/axis_angle"] = matrix_to_axis_angle(R)
    out["rotation/axis_angle_of_q"] = quaternion_to_axis_angle(q)
    out["rotation/product"] = quaternion_multiply(q, q.flip(0))
    out["rotation/inverse"] = quaternion_invert(q)
    out["rotation/applied"] = quaternion_apply(q, vectors)
    out["rotation/6d"] = matrix_to_rotation_6d(R)
    out["rotation/from_6d"] = rotation_6d_to_matrix(numbers(5, 6, seed=32))
    for convention in ("XYZ", "ZYX", "YXZ", "ZXZ", "YXY"):
        out[f"rotation/{convention}"] = euler_angles_to_matrix(vectors, convention)
        out[f"rotation/of_{convention}"] = matrix_to_euler_angles(R, convention)
    out["rotation/exp"] = so3_exp_map(vectors)
    out["rotation/log"] = so3_log_map(so3_exp_map(vectors))
    out["rotation/relative"] = so3_relative_angle(R, R.flip(0).contiguous())
