"""`pytorch3d.loss`: how far clouds and meshes are from each other, and how smooth meshes are."""

from tvdrnet_nv.compat.pytorch3d.loss.chamfer import chamfer_distance
from tvdrnet_nv.compat.pytorch3d.loss.mesh_edge_loss import mesh_edge_loss
from tvdrnet_nv.compat.pytorch3d.loss.mesh_laplacian_smoothing import mesh_laplacian_smoothing
from tvdrnet_nv.compat.pytorch3d.loss.mesh_normal_consistency import mesh_normal_consistency
from tvdrnet_nv.compat.pytorch3d.loss.point_mesh_distance import point_mesh_edge_distance, point_mesh_face_distance

__all__ = [
    "chamfer_distance",
    "mesh_edge_loss",
    "mesh_laplacian_smoothing",
    "mesh_normal_consistency",
    "point_mesh_edge_distance",
    "point_mesh_face_distance",
]
