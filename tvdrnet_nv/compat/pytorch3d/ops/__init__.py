"""`pytorch3d.ops`: the one op that shaders are written with."""

from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import interpolate_face_attributes

__all__ = ["interpolate_face_attributes"]
