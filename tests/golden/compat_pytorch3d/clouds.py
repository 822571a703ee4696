"""Clouds of points: neighbours, alignment, distances to meshes, images."""

from __future__ import annotations

import torch
from pytorch3d.loss import (
    chamfer_distance,
    mesh_edge_loss,
    mesh_laplacian_smoothing,
    mesh_normal_consistency,
    point_mesh_edge_distance,
    point_mesh_face_distance,
)
from pytorch3d.ops import (
    ball_query,
    corresponding_points_alignment,
    cot_laplacian,
    efficient_pnp,
    estimate_pointcloud_normals,
    iterative_closest_point,
    knn_points,
    norm_laplacian,
    packed_to_padded,
    padded_to_packed,
    sample_farthest_points,
    taubin_smoothing,
)
from pytorch3d.renderer import (
    AlphaCompositor,
    FoVPerspectiveCameras,
    NormWeightedCompositor,
    PointsRasterizationSettings,
    PointsRasterizer,
    PointsRenderer,
    rasterize_points,
)
from pytorch3d.structures import Pointclouds, join_pointclouds_as_scene
from pytorch3d.transforms import axis_angle_to_matrix

from .scene import SIZE, numbers, scene, view


def _clouds(requires_grad: bool = False) -> tuple[Pointclouds, list[torch.Tensor]]:
    points = [(numbers(n, 3, seed=70 + n) * 2 - 1).requires_grad_(requires_grad) for n in (40, 25)]
    normals = [torch.nn.functional.normalize(numbers(len(p), 3, seed=71) - 0.5, dim=1) for p in points]
    return Pointclouds(points, normals, [numbers(len(p), 3, seed=72) for p in points]), points


def losses(out: dict[str, torch.Tensor]) -> None:
    """Every loss, and its gradient with respect to vertices or points."""
    mesh, verts, _ = scene(requires_grad=True)
    clouds, points = _clouds(requires_grad=True)
    other = numbers(2, 30, 3, seed=73)
    lengths = torch.tensor([30, 12])
    normals = torch.nn.functional.normalize(numbers(2, 30, 3, seed=74) - 0.5, dim=2)
    padded, counts = clouds.points_padded(), clouds.num_points_per_cloud()
    given = {"x_lengths": counts, "y_lengths": lengths}
    with_normals = chamfer_distance(padded, other, x_normals=clouds.normals_padded(), y_normals=normals, **given)
    for name, loss in {
        "edges": mesh_edge_loss(mesh, target_length=0.3),
        "uniform": mesh_laplacian_smoothing(mesh),
        "cot": mesh_laplacian_smoothing(mesh, method="cot"),
        "cotcurv": mesh_laplacian_smoothing(mesh, method="cotcurv"),
        "normals": mesh_normal_consistency(mesh),
        "to_faces": point_mesh_face_distance(mesh, clouds),
        "to_edges": point_mesh_edge_distance(mesh, clouds),
        "chamfer": chamfer_distance(padded, other, **given)[0],
        "chamfer_clouds": chamfer_distance(clouds, clouds.offset(torch.tensor([0.1, 0.0, 0.2])))[0],
        "chamfer_normals": with_normals[1],
        "chamfer_1": chamfer_distance(padded, other, norm=1, **given)[0],
        "chamfer_one_way": chamfer_distance(padded, other, single_directional=True, **given)[0],
        "chamfer_sum": chamfer_distance(padded, other, batch_reduction="sum", point_reduction="sum", **given)[0],
        "chamfer_max": chamfer_distance(padded, other, point_reduction="max", **given)[0],
        "chamfer_weighted": chamfer_distance(padded, other, weights=torch.tensor([1.0, 3.0]), **given)[0],
        "chamfer_each": chamfer_distance(padded, other, batch_reduction=None, **given)[0],
    }.items():
        out[f"loss/{name}"] = loss.detach()
        of = verts if name in ("edges", "uniform", "cot", "cotcurv", "normals") else points
        if loss.requires_grad:
            (gradient,) = torch.autograd.grad(loss.sum(), of[:1], retain_graph=True)
            out[f"gradient/{name}/points"] = gradient
    x_way, y_way = chamfer_distance(padded, other, batch_reduction=None, point_reduction=None, **given)[0]
    out["loss/chamfer_points_x"], out["loss/chamfer_points_y"] = x_way.detach(), y_way.detach()
    plain, edges = scene()[0], scene()[0].edges_packed()
    L, inverse_areas = cot_laplacian(plain.verts_packed(), plain.faces_packed())
    out["matrix/cot"], out["matrix/inverse_areas"] = L.to_dense(), inverse_areas
    out["matrix/uniform"] = plain.laplacian_packed().to_dense()
    out["matrix/norm"] = norm_laplacian(plain.verts_packed(), edges).to_dense()
    out["matrix/taubin"] = taubin_smoothing(plain, num_iter=3).verts_packed()


def neighbours(out: dict[str, torch.Tensor]) -> None:
    """The nearest points, and what is made with them."""
    a, b = numbers(2, 20, 3, seed=80), numbers(2, 15, 3, seed=81)
    given = {"lengths1": torch.tensor([20, 7]), "lengths2": torch.tensor([15, 3])}
    for norm in (1, 2):
        found = knn_points(a, b, K=4, norm=norm, return_nn=True, **given)
        out[f"cloud/knn_{norm}/dists"], out[f"cloud/knn_{norm}/points"] = found.dists, found.knn
        # Where there are fewer points than neighbours, the indices are arbitrary.
        out[f"cloud/knn_{norm}/idx"] = found.idx[:, :, :3] * (torch.arange(20) < given["lengths1"][:, None])[..., None]
    found = ball_query(a, b, K=5, radius=0.4, **given)
    out["cloud/ball/dists"], out["cloud/ball/idx"], out["cloud/ball/points"] = found.dists, found.idx, found.knn
    chosen, rows = sample_farthest_points(a, torch.tensor([20, 9]), K=[6, 12])
    out["cloud/farthest/points"], out["cloud/farthest/idx"] = chosen, rows
    R = axis_angle_to_matrix(torch.tensor([[0.1, 0.2, -0.1], [0.0, 0.3, 0.1]]))
    moved = 1.3 * a @ R + torch.tensor([0.05, 0.02, 0.1]) + 0.01 * numbers(2, 20, 3, seed=82)
    for scaled in (False, True):
        weights = numbers(2, 20, seed=83)
        found = corresponding_points_alignment(a, moved, weights=weights, estimate_scale=scaled)
        for name, value in zip("RTs", found, strict=True):
            out[f"cloud/alignment_{scaled}/{name}"] = value
    near = a @ R + 0.01
    solution = iterative_closest_point(a, near)
    out["cloud/icp/R"], out["cloud/icp/T"] = solution.RTs.R, solution.RTs.T
    out["cloud/icp/facts"] = torch.tensor([float(solution.converged), float(len(solution.t_history))])
    out["cloud/normals"] = estimate_pointcloud_normals(_clouds()[0], neighborhood_size=8)[:, :25]
    camera = a @ R + torch.tensor([0.1, 0.2, 3.0])
    pose = efficient_pnp(a, camera[..., :2] / camera[..., 2:])
    out["cloud/pnp/R"], out["cloud/pnp/T"] = pose.R, pose.T
    packed = numbers(9, 2, seed=84)
    first = torch.tensor([0, 4])
    out["cloud/padded"] = padded = packed_to_padded(packed, first, 5)
    out["cloud/packed"] = padded_to_packed(padded, first, 9)
    clouds = _clouds()[0]
    out["cloud/scene"] = join_pointclouds_as_scene(clouds).points_packed()
    out["cloud/boxes"] = clouds.get_bounding_boxes()
    out["cloud/inside"] = clouds.inside_box(torch.tensor([[-0.5, -0.5, -0.5], [0.5, 0.5, 1.0]]))
    out["cloud/padded_idx"] = clouds.padded_to_packed_idx()
    out["cloud/scaled"] = clouds.scale(torch.tensor([2.0, 3.0])).points_padded()


def points(out: dict[str, torch.Tensor]) -> None:
    """Clouds as images."""
    clouds, _ = _clouds()
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    settings = PointsRasterizationSettings(image_size=SIZE, radius=0.15, points_per_pixel=4)
    rasterizer = PointsRasterizer(camera, settings)
    for name, compositor in {
        "alpha": AlphaCompositor(),
        "alpha_background": AlphaCompositor(background_color=(0.1, 0.2, 0.3)),
        "norm": NormWeightedCompositor(),
        "norm_background": NormWeightedCompositor(background_color=(0.1, 0.2, 0.3)),
    }.items():
        out[f"points/{name}"] = PointsRenderer(rasterizer, compositor)(clouds)
    radii = numbers(*clouds.points_padded().shape[:2], seed=75) * 0.2
    found = rasterize_points(rasterizer.transform(clouds), SIZE, radius=radii, points_per_pixel=3)
    for name, value in zip(("idx", "zbuf", "dists"), found, strict=True):
        out[f"points/fragments/{name}"] = value
