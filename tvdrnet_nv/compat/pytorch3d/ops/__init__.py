"""`pytorch3d.ops`: on clouds of points, on meshes, and at pixels."""

from tvdrnet_nv.compat.pytorch3d.ops.ball_query import ball_query
from tvdrnet_nv.compat.pytorch3d.ops.cameras_alignment import corresponding_cameras_alignment
from tvdrnet_nv.compat.pytorch3d.ops.graph_conv import GraphConv
from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import interpolate_face_attributes
from tvdrnet_nv.compat.pytorch3d.ops.knn import knn_gather, knn_points
from tvdrnet_nv.compat.pytorch3d.ops.laplacian_matrices import cot_laplacian, laplacian, norm_laplacian
from tvdrnet_nv.compat.pytorch3d.ops.mesh_face_areas_normals import mesh_face_areas_normals
from tvdrnet_nv.compat.pytorch3d.ops.mesh_filtering import taubin_smoothing
from tvdrnet_nv.compat.pytorch3d.ops.packed_to_padded import packed_to_padded, padded_to_packed
from tvdrnet_nv.compat.pytorch3d.ops.perspective_n_points import efficient_pnp
from tvdrnet_nv.compat.pytorch3d.ops.points_alignment import corresponding_points_alignment, iterative_closest_point
from tvdrnet_nv.compat.pytorch3d.ops.points_normals import (
    estimate_pointcloud_local_coord_frames,
    estimate_pointcloud_normals,
    get_point_covariances,
)
from tvdrnet_nv.compat.pytorch3d.ops.sample_farthest_points import sample_farthest_points
from tvdrnet_nv.compat.pytorch3d.ops.sample_points_from_meshes import sample_points_from_meshes
from tvdrnet_nv.compat.pytorch3d.ops.subdivide_meshes import SubdivideMeshes
from tvdrnet_nv.compat.pytorch3d.ops.utils import (
    convert_pointclouds_to_tensor,
    eyes,
    is_pointclouds,
    masked_gather,
    wmean,
)
from tvdrnet_nv.compat.pytorch3d.ops.vert_align import vert_align

__all__ = [
    "GraphConv",
    "SubdivideMeshes",
    "ball_query",
    "convert_pointclouds_to_tensor",
    "corresponding_cameras_alignment",
    "corresponding_points_alignment",
    "cot_laplacian",
    "efficient_pnp",
    "estimate_pointcloud_local_coord_frames",
    "estimate_pointcloud_normals",
    "eyes",
    "get_point_covariances",
    "interpolate_face_attributes",
    "is_pointclouds",
    "iterative_closest_point",
    "knn_gather",
    "knn_points",
    "laplacian",
    "masked_gather",
    "mesh_face_areas_normals",
    "norm_laplacian",
    "packed_to_padded",
    "padded_to_packed",
    "sample_farthest_points",
    "sample_points_from_meshes",
    "taubin_smoothing",
    "vert_align",
    "wmean",
]
