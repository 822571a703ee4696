"""What surfaces answer to light."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer.utils import TensorProperties

__all__ = ["Materials"]


class Materials(TensorProperties):
    """The share of ambient, diffuse and specular light that a surface gives back, one material per mesh or for all.

    Args:
        ambient_color: RGB, [3] or [N, 3]; or as many channels as the texture has, for AmbientLights.
        diffuse_color: likewise.
        specular_color: likewise.
        shininess: the exponent of the specular lobe, a number or [N].
        device: where to put the tensors.

    Raises:
        ValueError: colours of different numbers of channels, or batch sizes that do not match.
    """

    ambient_color: Tensor
    diffuse_color: Tensor
    specular_color: Tensor
    shininess: Tensor

    def __init__(
        self,
        ambient_color: Any = ((1, 1, 1),),
        diffuse_color: Any = ((1, 1, 1),),
        specular_color: Any = ((1, 1, 1),),
        shininess: Any = 64,
        device: Device = "cpu",
    ) -> None:
        super().__init__(
            device=device,
            ambient_color=ambient_color,
            diffuse_color=diffuse_color,
            specular_color=specular_color,
            shininess=shininess,
        )
        channels = self.ambient_color.shape[-1]
        for name in ("diffuse_color", "specular_color"):
            if getattr(self, name).shape[-1] != channels:
                raise ValueError(
                    f"Expected {name} to have shape (N, {channels}); got {list(getattr(self, name).shape)}"
                )
        if self.shininess.dim() != 1:
            raise ValueError(f"shininess should have shape (N); got {list(self.shininess.shape)}")
