"""`pytorch3d.structures.meshes`: batches of meshes, and several as one."""

from tvdrnet_nv.compat.pytorch3d.structures._join import join_mesh, join_meshes_as_batch, join_meshes_as_scene
from tvdrnet_nv.compat.pytorch3d.structures._meshes import Meshes

__all__ = ["Meshes", "join_mesh", "join_meshes_as_batch", "join_meshes_as_scene"]
