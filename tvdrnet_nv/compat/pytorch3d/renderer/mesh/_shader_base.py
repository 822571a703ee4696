"""What shaders have in common; public in `pytorch3d.renderer.mesh.shader`."""

from __future__ import annotations

from typing import Any, Self

from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer.blending import BlendParams, hard_rgb_blend
from tvdrnet_nv.compat.pytorch3d.renderer.lighting import PointLights
from tvdrnet_nv.compat.pytorch3d.renderer.materials import Materials
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments


class ShaderBase(nn.Module):
    """What the lit shaders have in common. Keyword arguments of `forward` override what is given here.

    Args:
        device: where to put the default lights and materials.
        cameras: for the specular light's direction.
        lights: default `PointLights()`.
        materials: default `Materials()`.
        blend_params: default `BlendParams()`.
    """

    def __init__(
        self,
        device: Device = "cpu",
        cameras: Any = None,
        lights: Any = None,
        materials: Any = None,
        blend_params: BlendParams | None = None,
    ) -> None:
        super().__init__()
        self.lights = lights if lights is not None else PointLights(device=device)
        self.materials = materials if materials is not None else Materials(device=device)
        self.cameras = cameras
        self.blend_params = blend_params if blend_params is not None else BlendParams()

    def _get_cameras(self, **kwargs: Any) -> Any:
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError(
                "Cameras must be specified either at initialization or in the forward pass of "
                f"{self.__class__.__name__}"
            )
        return cameras

    def to(self, device: Device) -> Self:  # type: ignore[override]
        """Move cameras, lights and materials."""
        for name in ("cameras", "materials", "lights"):
            value = getattr(self, name)
            if value is not None:
                setattr(self, name, value.to(device))
        return self

    def _shaded(self, fragments: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        """[N, H, W, 1, 3]: colours of the nearest surface."""
        raise NotImplementedError

    def _hard(self, front: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        """[N, H, W, 4]: the nearest surface over the background."""
        blend_params = kwargs.get("blend_params", self.blend_params)
        return hard_rgb_blend(self._shaded(front, meshes, kwargs), front, blend_params)

    def _given(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {
            "lights": kwargs.get("lights", self.lights),
            "materials": kwargs.get("materials", self.materials),
            "cameras": self._get_cameras(**kwargs),
        }
