"""`pytorch3d.structures`: batches of meshes and of clouds of points."""

from tvdrnet_nv.compat.pytorch3d.structures.meshes import (
    Meshes,
    join_meshes_as_batch,
    join_meshes_as_scene,
)
from tvdrnet_nv.compat.pytorch3d.structures.pointclouds import (
    Pointclouds,
    join_pointclouds_as_batch,
    join_pointclouds_as_scene,
)
from tvdrnet_nv.compat.pytorch3d.structures.utils import (
    list_to_packed,
    list_to_padded,
    packed_to_list,
    padded_to_list,
)

__all__ = [
    "Meshes",
    "Pointclouds",
    "join_meshes_as_batch",
    "join_meshes_as_scene",
    "join_pointclouds_as_batch",
    "join_pointclouds_as_scene",
    "list_to_packed",
    "list_to_padded",
    "packed_to_list",
    "padded_to_list",
]
