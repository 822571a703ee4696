"""Blurred faces and what soft shaders make of them; atlases; more of cameras and motions."""

from __future__ import annotations

import torch
from pytorch3d.ops import corresponding_cameras_alignment
from pytorch3d.renderer import (
    BlendParams,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    MeshRasterizer,
    OpenGLOrthographicCameras,
    OpenGLPerspectiveCameras,
    SfMOrthographicCameras,
    SfMPerspectiveCameras,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    TexturesAtlas,
    TexturesUV,
    look_at_view_transform,
    rasterize_meshes,
    rotate_on_spot,
)
from pytorch3d.renderer.camera_utils import camera_to_eye_at_up
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.renderer.mesh.shader import HardDepthShader
from pytorch3d.structures import Meshes
from pytorch3d.transforms import (
    Transform3d,
    axis_angle_to_matrix,
    matrix_to_quaternion,
    se3_exp_map,
    se3_log_map,
)
from pytorch3d.transforms.so3 import hat
from pytorch3d.utils import cameras_from_opencv_projection, opencv_from_cameras_projection

from .scene import SIZE, numbers, scene, view

BLUR = 4e-3
SMALL = (12, 15)


def blurred(out: dict[str, torch.Tensor]) -> None:
    """`rasterize_meshes` with every setting, and the soft shaders on it."""
    mesh, verts, _ = scene(requires_grad=True)
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    ndc = MeshRasterizer(camera).transform(mesh)
    soft = {"image_size": SMALL, "blur_radius": BLUR, "faces_per_pixel": 6}
    correct = {"perspective_correct": True, "clip_barycentric_coords": True}
    ortho = MeshRasterizer(FoVOrthographicCameras(R=R, T=T)).transform(mesh)
    kept = None
    for name, (meshes, settings) in {
        "soft": (ndc, {**soft, **correct}),
        "unclipped": (ndc, {**soft, "perspective_correct": True}),
        "linear": (ndc, {**soft, "clip_barycentric_coords": True}),
        "culled": (ndc, {**soft, **correct, "cull_backfaces": True}),
        "cut": (ndc, {**soft, **correct, "z_clip_value": 2.6, "faces_per_pixel": 1}),
        "ortho": (ortho, {**soft, "clip_barycentric_coords": True}),
        "sharp": (ndc, {"image_size": SMALL, "faces_per_pixel": 3}),
        "sharp_correct": (ndc, {"image_size": 16, "perspective_correct": True}),
        "sharp_ortho": (ortho, {"image_size": SMALL[::-1], "cull_backfaces": True, "faces_per_pixel": 2}),
    }.items():
        found = rasterize_meshes(meshes, **settings)
        kept = found if kept is None else kept
        for part, value in zip(("ids", "zbuf", "bary", "dists"), found, strict=True):
            out[f"blurred/{name}/{part}"] = value
    assert kept is not None
    fragments = Fragments(pix_to_face=kept[0], zbuf=kept[1], bary_coords=kept[2], dists=kept[3])
    blend = BlendParams(sigma=2e-3, gamma=1e-2, background_color=(0.1, 0.2, 0.3))
    weights = numbers(2, *SMALL, 4, seed=91)
    for name, shader in {
        "phong": SoftPhongShader(cameras=camera, blend_params=blend),
        "gouraud": SoftGouraudShader(cameras=camera, blend_params=blend),
        "silhouette": SoftSilhouetteShader(blend_params=blend),
        "hard_depth": HardDepthShader(cameras=camera, blend_params=blend),
    }.items():
        image = shader(fragments, mesh, zfar=50.0)
        out[f"soft/{name}"] = image
        if name == "silhouette":  # PyTorch3D's gradients of clipped barycentrics are not those of its images
            (gradient,) = torch.autograd.grad((image * weights).mean(), verts[:1], retain_graph=True)
            out[f"gradient/soft_{name}/verts"] = gradient
    out["soft/phong_far"] = SoftPhongShader(cameras=camera, blend_params=blend)(fragments, mesh, zfar=6.0)


def atlases(out: dict[str, torch.Tensor]) -> None:
    """Small pictures for faces, and texels' centres."""
    mesh, verts, _ = scene()
    R, T = view()
    found = MeshRasterizer(FoVPerspectiveCameras(R=R, T=T))(mesh)
    faces = mesh.faces_list()
    textured = Meshes(verts, faces, TexturesAtlas([numbers(len(f), 3, 3, 3, seed=95 + i) for i, f in enumerate(faces)]))
    out["texture/atlas/sampled"] = textured.sample_textures(found)[:, ::16, ::16]
    out["texture/atlas/corners"] = textured.textures.faces_verts_textures_packed()
    uv = TexturesUV(numbers(1, 3, 4, 3, seed=97), mesh.faces_padded()[:1], numbers(1, 50, 2, seed=98))
    out["texture/centers"] = uv.centers_for_image(0)
    parts = mesh.submeshes([[torch.tensor([0, 3, 5]), torch.tensor([1])], [torch.tensor([2, 4])]])
    out["mesh/parts/verts"], out["mesh/parts/faces"] = parts.verts_packed(), parts.faces_packed()
    out["mesh/parts/colors"] = parts.textures.verts_features_packed()


def motions(out: dict[str, torch.Tensor]) -> None:
    """Logarithms of motions, and cameras that are converted, turned and aligned."""
    logs = numbers(4, 6, seed=100) * 2 - 1
    out["rotation/hat"] = hat(logs[:, :3])
    out["rotation/se3"] = motion = se3_exp_map(logs)
    out["rotation/se3_log"] = se3_log_map(motion)
    out["rotation/transform_log"] = Transform3d(matrix=motion).get_se3_log()
    out["rotation/quaternion_of_no_rotation"] = matrix_to_quaternion(numbers(5, 3, 3, seed=101))
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    for name, value in zip(("eye", "at", "up"), camera_to_eye_at_up(camera.get_world_to_view_transform()), strict=True):
        out[f"camera/{name}"] = value
    turn = axis_angle_to_matrix(torch.tensor([0.1, 0.2, 0.3]))
    out["camera/turned/R"], out["camera/turned/T"] = rotate_on_spot(R, T, turn)
    out["camera/turned_one/R"], out["camera/turned_one/T"] = rotate_on_spot(R[0], T[0], turn)
    K = torch.tensor([[[30.0, 0, 9], [0, 28, 7], [0, 0, 1]]]).repeat(2, 1, 1)
    size = torch.tensor([SIZE, SIZE])
    converted = cameras_from_opencv_projection(R, T, K, size)
    out["camera/opencv/full"] = converted.get_full_projection_transform().get_matrix()
    back = opencv_from_cameras_projection(converted, size)
    for name, value in zip(("R", "tvec", "K"), back, strict=True):
        out[f"camera/opencv/{name}"] = value
    for name, old in {
        "gl": OpenGLPerspectiveCameras(fov=50.0, R=R, T=T),
        "gl_ortho": OpenGLOrthographicCameras(top=1.5, left=-1.2, R=R, T=T),
        "sfm": SfMPerspectiveCameras(focal_length=1.4, R=R, T=T),
        "sfm_ortho": SfMOrthographicCameras(focal_length=1.4, R=R, T=T),
    }.items():
        out[f"camera/{name}/full"] = old.get_full_projection_transform().get_matrix()
    angles = torch.tensor([10.0, 50.0, 120.0, 250.0])
    first = SfMPerspectiveCameras(
        **dict(zip("RT", look_at_view_transform(3.0, torch.tensor([5.0, 25.0, -15.0, 40.0]), angles), strict=True))
    )
    second = first.clone()
    second.R = turn[None] @ first.R
    second.T = 1.7 * (first.T + torch.tensor([0.1, 0.0, 0.2])) + 0.05 * numbers(4, 3, seed=102)
    for mode in ("centers", "extrinsics"):
        for scaled in (False, True):
            aligned = corresponding_cameras_alignment(first, second, estimate_scale=scaled, mode=mode)
            out[f"camera/aligned/{mode}_{scaled}/R"] = aligned.R
            out[f"camera/aligned/{mode}_{scaled}/T"] = aligned.T
