"""`pytorch3d.renderer`: cameras, lights, and the mesh renderer."""

from tvdrnet_nv.compat.pytorch3d.renderer.blending import BlendParams, hard_rgb_blend
from tvdrnet_nv.compat.pytorch3d.renderer.camera_utils import join_cameras_as_batch
from tvdrnet_nv.compat.pytorch3d.renderer.cameras import (
    CamerasBase,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    OrthographicCameras,
    PerspectiveCameras,
    camera_position_from_spherical_angles,
    get_world_to_view_transform,
    look_at_rotation,
    look_at_view_transform,
)
from tvdrnet_nv.compat.pytorch3d.renderer.lighting import (
    AmbientLights,
    DirectionalLights,
    PointLights,
    diffuse,
    specular,
)
from tvdrnet_nv.compat.pytorch3d.renderer.materials import Materials
from tvdrnet_nv.compat.pytorch3d.renderer.mesh import (
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    MeshRasterizer,
    MeshRenderer,
    MeshRendererWithFragments,
    RasterizationSettings,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    TexturesUV,
    TexturesVertex,
    gouraud_shading,
    phong_shading,
)
from tvdrnet_nv.compat.pytorch3d.renderer.utils import TensorProperties, convert_to_tensors_and_broadcast

__all__ = [
    "AmbientLights",
    "BlendParams",
    "CamerasBase",
    "DirectionalLights",
    "FoVOrthographicCameras",
    "FoVPerspectiveCameras",
    "HardFlatShader",
    "HardGouraudShader",
    "HardPhongShader",
    "Materials",
    "MeshRasterizer",
    "MeshRenderer",
    "MeshRendererWithFragments",
    "OrthographicCameras",
    "PerspectiveCameras",
    "PointLights",
    "RasterizationSettings",
    "SoftGouraudShader",
    "SoftPhongShader",
    "SoftSilhouetteShader",
    "TensorProperties",
    "TexturesUV",
    "TexturesVertex",
    "camera_position_from_spherical_angles",
    "convert_to_tensors_and_broadcast",
    "diffuse",
    "get_world_to_view_transform",
    "gouraud_shading",
    "hard_rgb_blend",
    "join_cameras_as_batch",
    "look_at_rotation",
    "look_at_view_transform",
    "phong_shading",
    "specular",
]
