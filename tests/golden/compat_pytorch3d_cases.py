"""What PyTorch3D's public interface answers, as arrays by name: run under PyTorch3D to make the golden file, and under
our façade to compare. Only `pytorch3d`, torch, numpy and the standard library.

A name's first part says what it is; the tests hold each to its own tolerance.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import torch
from pytorch3d.renderer import (
    AmbientLights,
    BlendParams,
    DirectionalLights,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    Materials,
    MeshRasterizer,
    MeshRenderer,
    MeshRendererWithFragments,
    OrthographicCameras,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    TexturesUV,
    TexturesVertex,
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

SIZE = (16, 20)  # height and width of the images


def numbers(*shape: int, seed: int) -> torch.Tensor:
    """Uniform in [0, 1), the same for every version of torch."""
    return torch.from_numpy(np.random.RandomState(seed).rand(*shape).astype(np.float32))


def bumpy(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A closed surface about the origin, anticlockwise from outside, of radius 0.7 to 1.3."""
    radius = 0.7 + 0.6 * numbers(rows + 1, columns, seed=seed)
    latitude = torch.linspace(-1.5, 1.5, rows + 1)[:, None].expand(-1, columns)
    longitude = (torch.arange(columns) * (2 * math.pi / columns))[None].expand(rows + 1, -1)
    flat = latitude.cos() * radius
    verts = torch.stack([flat * longitude.sin(), latitude.sin() * radius, flat * longitude.cos()], -1).reshape(-1, 3)
    faces = []
    for i in range(rows):
        for j in range(columns):
            a, b = i * columns + j, i * columns + (j + 1) % columns
            faces += [[a, b, b + columns], [a, b + columns, a + columns]]
    return verts, torch.tensor(faces)


def scene(requires_grad: bool = False) -> tuple[Meshes, list[torch.Tensor], list[torch.Tensor]]:
    """Two meshes of different sizes with vertex colours."""
    first, second = bumpy(5, 8, seed=1), bumpy(3, 5, seed=2)
    verts = [v.clone().requires_grad_(requires_grad) for v in (first[0], second[0])]
    colors = [numbers(len(v), 3, seed=3 + i).requires_grad_(requires_grad) for i, v in enumerate(verts)]
    return Meshes(verts, [first[1], second[1]], TexturesVertex(colors)), verts, colors


def view() -> tuple[torch.Tensor, torch.Tensor]:
    """Two cameras."""
    return look_at_view_transform(torch.tensor([2.9, 3.3]), torch.tensor([20.0, -35.0]), torch.tensor([25.0, 160.0]))


def all_cameras() -> dict[str, tuple[object, dict[str, object]]]:
    """Cameras by name, and what they need for the screen."""
    R, T = view()
    K = torch.tensor([[[1.7, 0, 0.1, 0], [0, 1.5, -0.2, 0], [0, 0, 1.01, -0.5], [0, 0, 1, 0]]])
    pixels = {"in_ndc": False, "image_size": (SIZE,), "R": R, "T": T}
    centre = ((12.0, 9.0), (14.5, 10.5))
    size = {"image_size": (SIZE,)}
    return {
        "fov": (FoVPerspectiveCameras(R=R, T=T), size),
        "fov_batch": (FoVPerspectiveCameras(R=R, T=T, fov=(40.0, 75.0), znear=0.5, zfar=(20.0, 30.0)), size),
        "fov_aspect": (FoVPerspectiveCameras(R=R, T=T, fov=1.2, degrees=False, aspect_ratio=1.4), size),
        "fov_K": (FoVPerspectiveCameras(R=R, T=T, K=K.expand(2, -1, -1)), size),
        "focal": (PerspectiveCameras(R=R, T=T, focal_length=1.8, principal_point=((0.1, -0.2),)), size),
        "focal_xy": (PerspectiveCameras(R=R, T=T, focal_length=((1.8, 1.5), (2.0, 2.2))), size),
        "pixels": (PerspectiveCameras(focal_length=24.0, principal_point=centre, **pixels), {}),
        "pixels_xy": (PerspectiveCameras(focal_length=((24.0, 20.0),), principal_point=centre, **pixels), {}),
        "fov_ortho": (FoVOrthographicCameras(R=R, T=T, max_x=1.5, min_x=-1.2, max_y=1.4, min_y=-1.6, zfar=9.0), size),
        "fov_ortho_scale": (FoVOrthographicCameras(R=R, T=T, scale_xyz=((0.6, 0.7, 0.8),)), size),
        "ortho": (OrthographicCameras(R=R, T=T, focal_length=0.6, principal_point=((0.1, 0.05),)), size),
        "ortho_pixels": (OrthographicCameras(focal_length=7.0, principal_point=centre, **pixels), {}),
    }


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


def fragments(out: dict[str, torch.Tensor]) -> None:
    """Every setting that changes what is seen, and every camera."""
    mesh, _, _ = scene()
    R, T = view()
    close_R, close_T = look_at_view_transform(0.9, 15.0, 30.0)
    inside = FoVPerspectiveCameras(R=close_R, T=close_T, fov=90.0, znear=0.4)
    settings = {
        "one": ({}, FoVPerspectiveCameras(R=R, T=T)),
        "portrait": ({"image_size": SIZE[::-1]}, FoVPerspectiveCameras(R=R, T=T)),
        "square": ({"image_size": 16}, FoVPerspectiveCameras(R=R, T=T)),
        "layers": ({"faces_per_pixel": 5}, FoVPerspectiveCameras(R=R, T=T)),
        "culled": ({"cull_backfaces": True, "faces_per_pixel": 2}, FoVPerspectiveCameras(R=R, T=T)),
        "linear": ({"perspective_correct": False}, FoVPerspectiveCameras(R=R, T=T)),
        "inside": ({}, inside),
        "clipped": ({"z_clip_value": 2.6}, FoVPerspectiveCameras(R=R, T=T)),
    }
    for name, (camera, _) in all_cameras().items():
        settings[name] = ({}, camera)
    for name, (given, camera) in settings.items():
        size = given.get("image_size", SIZE)
        rasterizer = MeshRasterizer(camera, RasterizationSettings(**{"image_size": size, **given}))
        found = rasterizer(mesh)
        key = f"fragments/{name}"
        out[f"{key}/ids"] = found.pix_to_face
        out[f"{key}/zbuf"] = found.zbuf
        if name in ("one", "portrait", "layers", "culled", "linear", "clipped", "inside", "fov_ortho", "pixels"):
            out[f"{key}/bary"] = found.bary_coords
        if name in ("one", "portrait", "layers", "fov_ortho"):
            out[f"{key}/dists"] = found.dists
        if name in ("one", "pixels"):
            out[f"{key}/transformed"] = rasterizer.transform(mesh).verts_packed()


def shaders(out: dict[str, torch.Tensor]) -> None:
    """Every hard shader with every light."""
    mesh, _, _ = scene()
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    point = PointLights(location=((2.0, 2.0, -3.0), (-1.0, 2.0, 3.0)), specular_color=((0.3, 0.4, 0.5),))
    materials = Materials(diffuse_color=((0.7, 0.8, 0.9),), specular_color=((0.5, 1.0, 0.2),), shininess=8.0)
    directional = DirectionalLights(direction=((0.3, 0.5, 0.8),), ambient_color=((0.2, 0.1, 0.3),))
    for name, shader, given in (
        ("phong", HardPhongShader, {"lights": point}),
        ("phong_default", HardPhongShader, {}),
        ("phong_materials", HardPhongShader, {"lights": point, "materials": materials}),
        ("phong_directional", HardPhongShader, {"lights": directional}),
        ("phong_ambient", HardPhongShader, {"lights": AmbientLights()}),
        ("phong_background", HardPhongShader, {"blend_params": BlendParams(background_color=(0.1, 0.2, 0.3))}),
        ("gouraud", HardGouraudShader, {"lights": point, "materials": materials}),
        ("gouraud_default", HardGouraudShader, {}),
        ("flat", HardFlatShader, {"lights": point, "materials": materials}),
    ):
        rasterizer = MeshRasterizer(camera, RasterizationSettings(image_size=SIZE))
        image, found = MeshRendererWithFragments(rasterizer, shader(cameras=camera, **given))(mesh)
        out[f"color/{name}"] = image
        out["shaders/ids"] = found.pix_to_face[..., 0]
    # The same, with everything given at the call.
    renderer = MeshRenderer(
        MeshRasterizer(raster_settings=RasterizationSettings(image_size=16, faces_per_pixel=3)), HardPhongShader()
    )
    out["color/at_the_call"] = renderer(
        mesh, cameras=FoVPerspectiveCameras(), R=R, T=T, lights=point, materials=materials, fov=50.0
    )


def gradients(out: dict[str, torch.Tensor]) -> None:
    """Of losses on what is rendered, for all that is optimised."""
    mesh, verts, colors = scene(requires_grad=True)
    R, T = (t.requires_grad_() for t in view())
    light = torch.tensor([[2.0, 2.0, -3.0]], requires_grad=True)
    fov = torch.tensor([55.0], requires_grad=True)
    camera = FoVPerspectiveCameras(fov=fov)
    renderer = MeshRendererWithFragments(
        MeshRasterizer(camera, RasterizationSettings(image_size=SIZE, faces_per_pixel=2)),
        HardPhongShader(cameras=camera, lights=PointLights(location=light)),
    )
    image, found = renderer(mesh, R=R, T=T)
    weights = numbers(*image.shape, seed=40)
    losses = {
        "phong": (image * weights)[..., :3].mean(),
        "zbuf": (found.zbuf * weights[..., :2]).mean(),
        "bary": (found.bary_coords * numbers(*found.bary_coords.shape, seed=41)).mean(),
        "dists": (found.dists * weights[..., :2]).mean(),
    }
    wanted = {"R": R, "T": T, "fov": fov, "light": light, "colors": colors[0], "verts": verts[0], "verts_1": verts[1]}
    for name, loss in losses.items():
        found_gradients = torch.autograd.grad(loss, list(wanted.values()), retain_graph=True, allow_unused=True)
        out[f"loss/{name}"] = loss.detach()
        for of, gradient in zip(wanted, found_gradients, strict=True):
            if gradient is not None and bool((gradient != 0).any()):
                out[f"gradient/{name}/{of}"] = gradient


def pictures(out: dict[str, torch.Tensor]) -> None:
    """Textures: how they are sampled, and joined."""
    mesh, verts, _ = scene()
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    found = MeshRasterizer(camera, RasterizationSettings(image_size=SIZE))(mesh)
    faces = mesh.faces_list()
    uvs = [numbers(len(v), 2, seed=50 + i) * 1.4 - 0.2 for i, v in enumerate(verts)]
    same = [numbers(6, 9, 3, seed=52), numbers(6, 9, 3, seed=53)]
    differ = [numbers(6, 9, 3, seed=54), numbers(4, 5, 3, seed=55)]
    ids = [torch.arange(len(f)) % 2 for f in faces]
    stacks = [torch.stack([m, m.flip(0)]) for m in same]
    inner = [uv.clamp(0.02, 0.98) for uv in uvs]
    for name, textures in {
        "default": TexturesUV(same, faces, uvs),
        "padded": TexturesUV(torch.stack(same), mesh.faces_padded(), torch.nn.utils.rnn.pad_sequence(uvs, True)),
        "corners": TexturesUV(same, faces, uvs, align_corners=False),
        "zeros": TexturesUV(same, faces, uvs, padding_mode="zeros"),
        "reflection": TexturesUV(same, faces, uvs, padding_mode="reflection"),
        "nearest": TexturesUV(same, faces, uvs, sampling_mode="nearest"),
        "sizes": TexturesUV(differ, faces, uvs),
        "sizes_corners": TexturesUV(differ, faces, uvs, align_corners=False),
        "ids": TexturesUV(stacks, faces, uvs, maps_ids=ids),
    }.items():
        textured = Meshes(verts, faces, textures)
        covered = (found.pix_to_face >= 0)[..., None]
        out[f"texture/{name}/sampled"] = textured.sample_textures(found) * covered
        out[f"texture/{name}/corners"] = textured.textures.faces_verts_textures_packed()
        if name in ("default", "sizes", "sizes_corners"):
            out[f"texture/{name}/maps"] = textured.textures.maps_padded()
            joined = join_meshes_as_batch([textured, textured[0]])
            out[f"texture/{name}/joined"] = joined.textures.faces_verts_textures_packed()
    one = join_meshes_as_scene(Meshes(verts, faces, TexturesUV(same, faces, inner)))
    seen = MeshRasterizer(camera[0], RasterizationSettings(image_size=SIZE))(one)
    out["texture/scene/sampled"] = one.sample_textures(seen) * (seen.pix_to_face >= 0)[..., None]
    colors = Meshes(verts, faces, TexturesVertex([numbers(len(v), 4, seed=60) for v in verts]))
    out["texture/vertex/sampled"] = colors.sample_textures(found)
    out["texture/vertex/corners"] = colors.textures.faces_verts_textures_packed(colors.faces_packed())


def all_cases() -> dict[str, np.ndarray]:
    """Everything as float32, by name; integers are small enough to be exact."""
    out: dict[str, torch.Tensor] = {}
    for part in (cameras, looking, meshes, transforms, fragments, shaders, gradients, pictures):
        part(out)
    return {name: value.detach().numpy().astype(np.float32) for name, value in out.items()}


def save(path: str | Path, versions: list[str], arrays: dict[str, np.ndarray]) -> None:
    """One file of a few hundred small arrays, without a header for each."""
    index = {name: list(array.shape) for name, array in arrays.items()}
    values = np.concatenate([array.reshape(-1) for array in arrays.values()])
    np.savez_compressed(path, versions=np.array(versions), index=np.array(json.dumps(index)), values=values)


def load(path: str | Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """What `save` wrote: versions, and arrays by name."""
    with np.load(path) as file:
        index, values, versions = json.loads(str(file["index"])), file["values"], file["versions"].tolist()
    ends = np.cumsum([math.prod(shape) for shape in index.values()])[:-1]
    parts = np.split(values, ends)
    return versions, {name: part.reshape(shape) for (name, shape), part in zip(index.items(), parts, strict=True)}
