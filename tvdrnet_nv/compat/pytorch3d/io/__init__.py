"""`pytorch3d.io`: files of meshes and clouds of points."""

from tvdrnet_nv.compat.pytorch3d.io.obj_io import load_obj, load_objs_as_meshes, save_obj
from tvdrnet_nv.compat.pytorch3d.io.pluggable import IO
from tvdrnet_nv.compat.pytorch3d.io.ply_io import load_ply, save_ply

__all__ = ["IO", "load_obj", "load_objs_as_meshes", "load_ply", "save_obj", "save_ply"]
