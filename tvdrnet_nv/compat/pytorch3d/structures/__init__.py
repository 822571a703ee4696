"""`pytorch3d.structures`: batches of meshes."""

from tvdrnet_nv.compat.pytorch3d.structures._join import join_meshes_as_batch, join_meshes_as_scene
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes
from tvdrnet_nv.compat.pytorch3d.structures.utils import (
    list_to_packed,
    list_to_padded,
    packed_to_list,
    padded_to_list,
)

__all__ = [
    "Meshes",
    "join_meshes_as_batch",
    "join_meshes_as_scene",
    "list_to_packed",
    "list_to_padded",
    "packed_to_list",
    "padded_to_list",
]
