"""`pytorch3d.renderer.mesh.textures`."""

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_base import TexturesBase
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_uv import TexturesUV
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_vertex import TexturesVertex

__all__ = ["TexturesBase", "TexturesUV", "TexturesVertex"]
