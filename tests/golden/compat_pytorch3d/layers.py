"""Fisheye lenses, what networks on meshes and pictures are made of, and the small functions of every module."""

from __future__ import annotations

import torch
from pytorch3d.ops import (
    GraphConv,
    SubdivideMeshes,
    estimate_pointcloud_local_coord_frames,
    eyes,
    interpolate_face_attributes,
    knn_gather,
    knn_points,
    laplacian,
    mesh_face_areas_normals,
    norm_laplacian,
    vert_align,
    wmean,
)
from pytorch3d.ops.utils import masked_gather
from pytorch3d.renderer import (
    BlendParams,
    FoVPerspectiveCameras,
    MeshRasterizer,
    RasterizationSettings,
    diffuse,
    hard_rgb_blend,
    join_cameras_as_batch,
    phong_shading,
    rasterize_meshes,
    sigmoid_alpha_blend,
    softmax_rgb_blend,
    specular,
)
from pytorch3d.renderer.compositing import alpha_composite, norm_weighted_sum, weighted_sum
from pytorch3d.renderer.fisheyecameras import FishEyeCameras
from pytorch3d.renderer.lighting import PointLights
from pytorch3d.renderer.materials import Materials
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes_python
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.renderer.mesh.shader import SoftDepthShader
from pytorch3d.renderer.mesh.shading import flat_shading, gouraud_shading
from pytorch3d.renderer.utils import ndc_grid_sample, ndc_to_grid_sample_coords
from pytorch3d.structures import Pointclouds, join_pointclouds_as_batch
from pytorch3d.structures.utils import list_to_packed, list_to_padded, packed_to_list, padded_to_list, padded_to_packed
from pytorch3d.transforms import (
    axis_angle_to_quaternion,
    quaternion_raw_multiply,
    so3_exp_map,
    so3_rotation_angle,
    standardize_quaternion,
)
from pytorch3d.transforms.math import acos_linear_extrapolation
from pytorch3d.transforms.so3 import hat, hat_inv
from pytorch3d.utils import ico_sphere, torus

from .scene import SIZE, numbers, scene, view


def fisheye(out: dict[str, torch.Tensor]) -> None:
    """Two lenses with every kind of distortion, there and back."""
    R, T = view()
    points = numbers(12, 3, seed=101) * torch.tensor([2.0, 2.0, 1.0]) + torch.tensor([-1.0, -1.0, 1.5])
    lens = {
        "focal_length": torch.tensor([[2.0], [1.7]]),
        "principal_point": torch.tensor([[0.1, -0.2], [0.3, 0.1]]),
        "radial_params": (numbers(2, 6, seed=102) - 0.5) * 0.02,
        "tangential_params": (numbers(2, 2, seed=103) - 0.5) * 0.02,
        "thin_prism_params": (numbers(2, 4, seed=104) - 0.5) * 0.02,
    }
    for name, switches in {
        "all": {},
        "radial": {"use_tangential": False, "use_thin_prism": False},
        "tangential": {"use_radial": False, "use_thin_prism": False},
        "prism": {"use_radial": False, "use_tangential": False},
        "pinhole": {"use_radial": False, "use_tangential": False, "use_thin_prism": False},
        "world": {"world_coordinates": True},
    }.items():
        one = FishEyeCameras(R=R[:1], T=T[:1], **{part: value[:1] for part, value in lens.items()}, **switches)
        # In the world's coordinates PyTorch3D takes one camera only.
        cameras = one if name == "world" else FishEyeCameras(R=R, T=T, **lens, **switches)
        out[f"fisheye/{name}"] = cameras.transform_points(points)
        if name in ("all", "radial"):
            out[f"fisheye/{name}/back"] = one.unproject_points(one.transform_points(points))
        if name in ("all", "radial", "tangential"):  # PyTorch3D has no gradient of the others
            moved = points.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(cameras.transform_points(moved).square().sum(), moved)
            out[f"gradient/fisheye/{name}"] = gradient


def layers(out: dict[str, torch.Tensor]) -> None:
    """Graphs, features of pictures at vertices, areas, and finer meshes, with gradients."""
    mesh, verts, _ = scene(requires_grad=True)
    flat, edges = mesh.verts_packed(), mesh.edges_packed()
    for directed in (False, True):
        layer = GraphConv(3, 4, directed=directed)
        with torch.no_grad():
            for k, part in enumerate((layer.w0.weight, layer.w0.bias, layer.w1.weight, layer.w1.bias)):
                part.copy_(numbers(*part.shape, seed=110 + k) - 0.5)
        found = layer(flat, edges)
        out[f"layer/graph_{directed}"] = found
        (gradient,) = torch.autograd.grad(found.square().sum(), verts[0], retain_graph=True)
        out[f"gradient/graph_{directed}/verts"] = gradient
    maps = [numbers(2, 3, 9, 7, seed=114), numbers(2, 2, 4, 4, seed=115)]
    out["layer/align"] = vert_align(maps[0], mesh)
    out["layer/align_packed"] = found = vert_align(maps, mesh, return_packed=True, align_corners=False)
    (out["gradient/align/verts"],) = torch.autograd.grad(found.square().sum(), verts[0], retain_graph=True)
    places = numbers(2, 6, 3, seed=116) * 3 - 1.5
    for padding in ("border", "reflection"):
        out[f"layer/align_{padding}"] = vert_align(maps[0], places, interp_mode="nearest", padding_mode=padding)
    out["layer/areas"], out["layer/normals"] = areas, normals = mesh_face_areas_normals(flat, mesh.faces_packed())
    (out["gradient/areas/verts"],) = torch.autograd.grad(areas.square().sum(), verts[0], retain_graph=True)
    turned = (normals * numbers(*normals.shape, seed=117)).sum()
    (gradient,) = torch.autograd.grad(turned, verts[0], retain_graph=True)
    out["gradient/normals/verts"] = gradient[:, :2]  # PyTorch3D's third column is not the derivative
    finer, features = SubdivideMeshes()(scene()[0], flat.detach())
    out["layer/finer/verts"], out["layer/finer/faces"] = finer.verts_packed(), finer.faces_packed()
    out["layer/finer/features"] = features
    out["layer/laplacian"] = laplacian(flat, edges).to_dense()
    out["layer/norm_laplacian"] = norm_laplacian(flat, edges).to_dense()
    image, grid = numbers(2, 3, 6, 10, seed=118), numbers(2, 5, 2, seed=119) * 2.6 - 1.3
    out["layer/ndc_coords"] = ndc_to_grid_sample_coords(grid, (6, 10))
    for corners in (False, True):
        out[f"layer/ndc_sample_{corners}"] = ndc_grid_sample(image, grid, align_corners=corners)
    out["layer/ndc_sample_wide"] = ndc_grid_sample(image.mT, grid[:, None], padding_mode="border")


def _fragments() -> tuple[Fragments, torch.Tensor]:
    mesh, verts, _ = scene(requires_grad=True)
    R, T = view()
    ndc = MeshRasterizer(FoVPerspectiveCameras(R=R, T=T)).transform(mesh)
    found = rasterize_meshes(ndc, (8, 10), 4e-3, 5, perspective_correct=True, clip_barycentric_coords=True)
    return Fragments(**dict(zip(("pix_to_face", "zbuf", "bary_coords", "dists"), found, strict=True))), verts[0]


def blends(out: dict[str, torch.Tensor]) -> None:
    """What becomes of fragments: blended, shaded, composed; and fragments by the plain rasterizer."""
    fragments, verts = _fragments()
    colors = numbers(2, 8, 10, 5, 3, seed=120).requires_grad_()
    blend = BlendParams(sigma=2e-3, gamma=2e-2, background_color=(0.3, 0.2, 0.1))
    weights = numbers(2, 8, 10, 4, seed=121)
    for name, image in {
        "hard": hard_rgb_blend(colors, fragments, blend),
        "sigmoid": sigmoid_alpha_blend(colors, fragments, blend),
        "softmax": softmax_rgb_blend(colors, fragments, blend, znear=0.5, zfar=20.0),
    }.items():
        out[f"blend/{name}"] = image.detach()
        (gradient,) = torch.autograd.grad((image * weights).sum(), colors, retain_graph=True)
        out[f"gradient/blend_{name}/colors"] = gradient
        if name == "sigmoid":
            (gradient,) = torch.autograd.grad((image * weights).sum(), verts, retain_graph=True)
            out[f"gradient/blend_{name}/verts"] = gradient
    mesh = scene()[0]
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    out["blend/depth"] = SoftDepthShader(cameras=camera, blend_params=blend)(fragments, mesh, zfar=30.0).detach()
    settings = RasterizationSettings(image_size=SIZE)
    nearest = MeshRasterizer(camera, settings)(mesh)
    texels = mesh.sample_textures(nearest)
    shown = {"lights": PointLights(location=((1.0, 2.0, 3.0),)), "cameras": camera, "materials": Materials(shininess=9)}
    for name, shading in {"phong": phong_shading, "flat": flat_shading}.items():
        out[f"blend/{name}"] = shading(mesh, nearest, texels=texels, **shown)
    out["blend/gouraud"] = gouraud_shading(mesh, nearest, **shown)
    attributes = numbers(len(mesh.faces_packed()), 3, 2, seed=122)
    out["blend/attributes"] = interpolate_face_attributes(nearest.pix_to_face, nearest.bary_coords, attributes)
    ndc = MeshRasterizer(camera).transform(mesh)
    for name, correct in {"plain": True, "plain_linear": False}.items():
        plain = rasterize_meshes_python(ndc, (8, 10), 4e-3, 3, correct)
        for part, value in zip(("ids", "zbuf", "bary", "dists"), plain, strict=True):
            out[f"blurred/{name}/{part}"] = value
    ids = torch.tensor([[[[0, 3], [2, -1]], [[1, 0], [-1, -1]], [[4, 2], [3, 3]]]])
    alphas, features = numbers(1, 3, 2, 2, seed=123), numbers(4, 5, seed=124)
    for compose in (alpha_composite, norm_weighted_sum, weighted_sum):
        out[f"blend/{compose.__name__}"] = compose(ids, alphas, features)


def small(out: dict[str, torch.Tensor]) -> None:
    """Single functions."""
    a, b = numbers(2, 9, 3, seed=130) - 0.5, numbers(2, 7, 3, seed=131) - 0.5
    found = knn_points(a, b, K=3)
    out["small/knn_gather"] = knn_gather(b, found.idx)
    out["small/masked_gather"] = masked_gather(b, torch.tensor([[0, 2, -1], [-1, 6, 5]]))
    weights = numbers(2, 9, seed=132)
    for keepdim in (True, False):
        out[f"small/wmean_{keepdim}"] = wmean(a, weights, keepdim=keepdim)
    out["small/eyes"] = eyes(3, 2)
    curvature, frames = estimate_pointcloud_local_coord_frames(numbers(1, 30, 3, seed=133), neighborhood_size=8)
    out["small/curvature"], out["small/frames"] = curvature, frames
    x = torch.tensor([-1.3, -1.0, -0.99995, -0.5, 0.0, 0.7, 0.99995, 1.0, 1.2], requires_grad=True)
    for name, bounds in {"usual": {}, "wide": {"bounds": (-0.6, 0.6)}}.items():
        found = acos_linear_extrapolation(x, **bounds)
        out[f"small/acos_{name}"] = found
        (out[f"gradient/acos_{name}"],) = torch.autograd.grad(found.sum(), x)
    angles = numbers(5, 3, seed=134) * 4 - 2
    q = axis_angle_to_quaternion(angles)
    out["small/quaternion"], out["small/product"] = q, quaternion_raw_multiply(q, q.flip(0))
    out["small/standard"] = standardize_quaternion(-q)
    R = so3_exp_map(angles)
    out["small/angle"], out["small/cosine"] = so3_rotation_angle(R), so3_rotation_angle(R, cos_angle=True)
    out["small/hat_inv"] = hat_inv(hat(angles))
    for name, mesh in {"sphere": ico_sphere(1), "torus": torus(0.5, 1.5, 6, 8)}.items():
        out[f"small/{name}/verts"], out[f"small/{name}/faces"] = mesh.verts_packed(), mesh.faces_packed()
    views, positions = view(), numbers(1, 4, 3, seed=135)
    joined = join_cameras_as_batch([FoVPerspectiveCameras(R=views[0], T=views[1]), FoVPerspectiveCameras(fov=30.0)])
    out["small/joined"] = joined.get_full_projection_transform().get_matrix()
    normals, color = numbers(1, 4, 3, seed=136) - 0.5, torch.tensor([[0.9, 0.5, 0.2]])
    to = torch.tensor([[0.3, 0.4, 0.5]])
    out["small/diffuse"] = diffuse(normals, color, to)
    shine = {"camera_position": torch.tensor([[0.0, 1.0, 3.0]]), "shininess": torch.tensor([7.0])}
    out["small/specular"] = specular(positions, normals, to, color, **shine)
    parts = [numbers(n, 3, seed=137) for n in (4, 2)]
    clouds = [Pointclouds([part]) for part in parts]
    out["small/clouds"] = join_pointclouds_as_batch(clouds).points_padded()
    out["small/padded"] = padded = list_to_padded(parts, pad_value=-1.0)
    out["small/unpadded"] = torch.cat(padded_to_list(padded, [4, 2]))
    packed, counts, starts, owners = list_to_packed(parts)
    out["small/packed"], out["small/owners"] = packed, torch.cat([counts, starts, owners])
    out["small/split"] = packed_to_list(packed, [4, 2])[1]
    out["small/repacked"] = padded_to_packed(padded, pad_value=-1.0)
