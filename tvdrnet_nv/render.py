"""What cameras see, as images."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.ops import face_ids
from tvdrnet_nv.ops.carried import carried
from tvdrnet_nv.showing import picture, png
from tvdrnet_nv.showing.render import render_picture
from tvdrnet_nv.surface import Surface


class Render:
    """What B cameras see. Images are [B, H, W, C] with row 0 at the top; each is computed on first access.

    An objective that only asks for the cameras costs no image.

    Args:
        camera: the cameras, on the surface's device or on the CPU.
        resolution: (height, width) of the images.
        draw: makes `rgba` and the ops' rast, [B, H, W, 4] each.
        surface: what is drawn.
        local: the cameras in the surface's frame, where that is not the world's.

    Attributes:
        resolution: (height, width) of the images in pixels.
    """

    def __init__(
        self,
        camera: Camera,
        resolution: tuple[int, int],
        draw: Callable[[], tuple[Tensor, Tensor]],
        surface: Surface,
        local: Camera | None = None,
    ) -> None:
        self._given, self._given_local = camera, local
        self.resolution = resolution
        self._draw = draw
        self._surface = surface
        self._with_gradients = torch.is_grad_enabled()

    def __getstate__(self) -> dict[str, object]:
        """What pickle and copies keep: the images as they are drawn, without gradients."""
        kept = {name: value for name, value in vars(self).items() if name in ("resolution", "_surface")}
        drawn = tuple(image.detach() for image in self._drawn)
        local = None if self._given_local is None else self._given_local.detach()
        cameras = {"_given": self._given.detach(), "_given_local": local}
        return {**kept, **cameras, "_drawn": drawn, "_with_gradients": False}

    def __len__(self) -> int:
        """How many cameras there are."""
        return len(self._given)

    def __repr__(self) -> str:
        (height, width), count, device = self.resolution, len(self), self._surface.vertices.device
        return f"Render({count} camera{'s' * (count != 1)}, {height}×{width} pixels, {device})"

    def _repr_png_(self) -> bytes | None:
        return png(render_picture(self))

    def _repr_html_(self) -> str:
        return picture(render_picture(self), repr(self))

    @cached_property
    def camera(self) -> Camera:
        """The cameras, on the images' device."""
        return self._on_device(self._given)

    @cached_property
    def _local(self) -> Camera:
        return self.camera if self._given_local is None else self._on_device(self._given_local)

    def _on_device(self, camera: Camera) -> Camera:
        device, names = self._surface.vertices.device, camera.present
        if camera.device == device:
            return camera
        with torch.set_grad_enabled(self._with_gradients):
            fields = carried([getattr(camera, name) for name in names], device)
        return camera.replace(**dict(zip(names, fields, strict=True)))

    @cached_property
    def _drawn(self) -> tuple[Tensor, Tensor]:
        # As if it were drawn when it was asked for, wherever it is looked at.
        with torch.set_grad_enabled(self._with_gradients):
            return self._draw()

    @property
    def rgba(self) -> Tensor:
        """[B, H, W, 4]: `rgb` and `alpha` as one tensor, which a loss reads in one pass."""
        return self._drawn[0]

    @property
    def _rast(self) -> Tensor:
        return self._drawn[1]

    def showing(self, rgba: Tensor) -> Render:
        """The same cameras and surface with other images, [B, H, W, 4] of any size."""
        size = rgba.shape[1], rgba.shape[2]
        return Render(self._given, size, lambda: (rgba, self._rast), self._surface, self._given_local)

    @property
    def rgb(self) -> Tensor:
        """[B, H, W, 3]: linear in the vertex colours, not clamped to [0, 1]."""
        return self.rgba[..., :3]

    @property
    def alpha(self) -> Tensor:
        """[B, H, W, 1] in [0, 1]: the covered share of the pixel; 0 or 1 but at antialiased silhouettes."""
        return self.rgba[..., 3:]

    @cached_property
    def face_ids(self) -> Tensor:
        """[B, H, W] int32: the index of the face at the pixel's centre, -1 at the background."""
        return face_ids(self._rast)

    @cached_property
    def depth(self) -> Tensor:
        """[B, H, W, 1]: distance along the camera's axis in scene units, 0 at the background. Not antialiased.

        Differentiable in the cameras and the vertices: a pixel's depth is that of its face's plane.
        """
        return self._surface.depth(self._rast, self._local)[..., None]

    @cached_property
    def normals(self) -> Tensor:
        """[B, H, W, 3]: unit vertex normals in the world frame, interpolated; 0 at the background. Not antialiased."""
        normals = self._surface.at(self._rast)[..., 3:6]
        return torch.nn.functional.normalize(normals, dim=-1, eps=1e-6)
