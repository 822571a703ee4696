"""`pytorch3d.utils`: the icosphere."""

from tvdrnet_nv.compat.pytorch3d.utils.ico_sphere import ico_sphere

__all__ = ["ico_sphere"]
