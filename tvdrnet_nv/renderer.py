"""The renderer: a mesh and cameras in, differentiable images out."""

from __future__ import annotations

import copy
import math
from contextlib import AbstractContextManager
from dataclasses import replace
from operator import index
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.camera import Camera, Viewpoint
from tvdrnet_nv.camera.perspective import check_clip_planes
from tvdrnet_nv.drawing import Drawing
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.arguments import names_of
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.render import Render
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.surface import Surface

__all__ = ["Render", "Renderer", "Resolution", "default_clip_planes", "shrunk"]

Resolution = int | tuple[int, int]

_BRIGHTEST = 16.0  # of a background: colours beyond 1 can be wanted, those of 0 to 255 are a mistake


def _made_again(mesh: Mesh, resolution: tuple[int, int], given: dict[str, Any]) -> Renderer:
    return Renderer(mesh, resolution, **given)


def default_clip_planes(mesh: Mesh) -> tuple[float, float]:
    """Near and far, in scene units: near enough for a camera inside the scene, far enough for one long outside it."""
    size = mesh.radius or 1.0
    return 0.01 * size, 1e4 * size


class Renderer:
    """Renders a mesh with Phong shading, differentiably with respect to the cameras.

    A batch of cameras is rendered in chunks whose vertices and intermediate results stay within 1 GiB (one camera at
    the least), so that memory grows with the images alone; the backward pass renders each chunk again. The results are
    those of the whole batch, bit for bit.

    A mesh that lies more than 32 radii from the world's origin is drawn about its own centre, so that its picture is
    that of the same mesh at the origin, as far as float32 holds its vertices and cameras. Vertices keep their
    gradients.

    Args:
        mesh: the scene; its device decides the backend (CPU kernels, or nvdiffrast on CUDA).
        resolution: the images' height and width in pixels, one number for a square.
        light: the light.
        background: RGB behind the scene.
        antialias: blend silhouettes, which gives visibility a gradient. Without it alpha is 0 or 1 and constant.
        dtype: float32, or float64 (CPU only).
        near: depth of the near clip plane, scene units; what is nearer is not drawn. Default: from the
            scene's size, see `default_clip_planes`.
        far: depth of the far clip plane, likewise.

    Attributes:
        near, far: the clip planes, scene units.

    Raises:
        TypeError: `mesh` is no `Mesh`, `light` no `PhongLight`, float64 on CUDA, or a clip plane that is no number.
        ValueError: a resolution that is not one or two positive whole numbers, a background that is not three finite
            numbers, or not 0 < near < far.
    """

    def __init__(
        self,
        mesh: Mesh,
        resolution: Resolution,
        *,
        light: PhongLight | None = None,
        background: tuple[float, float, float] = (1.0, 1.0, 1.0),
        antialias: bool = True,
        dtype: torch.dtype = torch.float32,
        near: float | None = None,
        far: float | None = None,
    ) -> None:
        if not isinstance(mesh, Mesh):
            raise TypeError(f"mesh must be a Mesh, as load_mesh gives it; got {type(mesh).__name__}")
        backend = backend_for(mesh.device)
        if dtype not in backend.dtypes:
            raise TypeError(f"dtype must be {names_of(backend.dtypes)} on the backend {backend.name!r}; got {dtype}")
        self.mesh = mesh
        self.resolution = _height_and_width(resolution)
        self.antialias = antialias
        # [3] float64 on the CPU, the surface's origin in the world; None where it is the world's.
        self._about = None if mesh.far_center is None else mesh.far_center.cpu()
        self._set(PhongLight() if light is None else light, background)
        if near is None or far is None:
            nearest, farthest = default_clip_planes(mesh)
            near, far = nearest if near is None else near, farthest if far is None else far
        check_clip_planes(near, far)
        self.near, self.far = near, far
        about = self._about
        drawn = mesh if about is None else replace(mesh, vertices=mesh.vertices - about.to(mesh.vertices))
        self._surface = Surface(drawn, dtype)
        self._drawing = Drawing(self._surface, antialias=antialias)

    def __reduce__(self) -> tuple[object, ...]:
        """What pickle and deep copies keep: what it was made of. All that was prepared is prepared again."""
        given = {
            "light": self.light,
            "background": self.background,
            "antialias": self.antialias,
            "dtype": self._surface.vertices.dtype,
            "near": self.near,
            "far": self.far,
        }
        return _made_again, (self.mesh, self.resolution, given)

    def __repr__(self) -> str:
        height, width = self.resolution
        return f"Renderer({height}×{width} pixels, near {self.near:.4g}, far {self.far:.4g}, {self.mesh!r})"

    def __copy__(self) -> Renderer:
        """Another of the same scene, which shares all that was prepared."""
        other = object.__new__(type(self))
        other.__dict__.update(vars(self))
        return other

    @property
    def light(self) -> PhongLight:
        """The light; may be set."""
        return self._light

    @light.setter
    def light(self, light: PhongLight) -> None:
        self._set(light, self._background)

    @property
    def background(self) -> tuple[float, float, float]:
        """RGB behind the scene; may be set."""
        return self._background

    @background.setter
    def background(self, background: tuple[float, float, float]) -> None:
        self._set(self._light, background)

    def _set(self, light: PhongLight, background: tuple[float, float, float]) -> None:
        """Set both, and what they are for the ops, in the surface's frame; neither, where one is refused."""
        if not isinstance(light, PhongLight):
            raise TypeError(f"light must be a PhongLight, such as scene_light gives; got {type(light).__name__}")
        local = light
        if self._about is not None:
            x, y, z = (a - b for a, b in zip(light.location, self._about.tolist(), strict=True))
            local = replace(light, location=(x, y, z))
        phong = local.over(background)
        if not all(map(math.isfinite, phong.background)):
            raise ValueError(f"background must be three finite numbers; got {background}")
        if max(map(abs, phong.background)) > _BRIGHTEST:
            raise ValueError(f"background must be three numbers such as 0 to 1; got {background}; divide by 255")
        self._light, self._background, self._phong = light, background, phong

    def at_resolution(self, resolution: Resolution) -> Renderer:
        """Return a renderer of the same scene at another resolution, sharing all that was prepared."""
        other = copy.copy(self)
        other.resolution = _height_and_width(resolution)
        return other

    def with_clip_planes(self, near: float, far: float) -> Renderer:
        """Return a renderer of the same scene with other clip planes, sharing all that was prepared.

        Raises:
            ValueError: not 0 < near < far.
        """
        check_clip_planes(near, far)
        other = copy.copy(self)
        other.near, other.far = near, far
        return other

    def of(self, mesh: Mesh, resolution: Resolution) -> Renderer:
        """Return a renderer of another mesh at another resolution, in the same light, with the same clip planes."""
        if mesh is self.mesh:
            return self.at_resolution(resolution)
        return Renderer(
            mesh,
            resolution,
            light=self.light,
            background=self.background,
            antialias=self.antialias,
            dtype=self._surface.vertices.dtype,
            near=self.near,
            far=self.far,
        )

    def timed(self) -> AbstractContextManager[ops.RenderTiming | None]:
        """While open, what rendering spends its time on is added up; None where another path than `ops.render_phong`
        draws."""
        return self._drawing.timed(head=self._light.follows_camera)

    def __call__(self, camera: Camera) -> Render:
        """Render what the B cameras see, in the renderer's dtype; differentiable in R, T, focal and principal.

        The cameras are on the mesh's device, or on the CPU. There their matrices are computed by the CPU's kernels, and
        go to the device in one copy; their gradients come back in one. A camera that is not finite sees nothing.

        Raises:
            TypeError: `camera` is no `Camera`.
        """
        if not isinstance(camera, Camera):
            hint = "; give its camera()" if isinstance(camera, Viewpoint) else ""
            raise TypeError(f"camera must be a Camera; got {type(camera).__name__}{hint}")
        if camera.dtype != self._surface.vertices.dtype:
            camera = camera.to(self._surface.vertices.dtype)
        local = self._in_surface_frame(camera)
        own = None if local is camera else local
        return Render(camera, self.resolution, lambda: self._images(local), self._surface, own)

    def _in_surface_frame(self, camera: Camera) -> Camera:
        if self._about is None:
            return camera
        about = self._about.to(camera.device)
        moved = camera.T.double() + torch.einsum("i,bij->bj", about, camera.R.double())
        return camera.replace(T=moved.to(camera.dtype))

    def _images(self, camera: Camera) -> tuple[Tensor, Tensor]:
        """The images and rast of cameras in the surface's frame, [B, H, W, 4] each."""
        height, width = self.resolution
        # The ops' row 0 is at the bottom: flipping y in clip space puts it at the top.
        to_clip, eye = camera.clip_matrix_and_position(width / height, self.near, self.far, flip_y=True)
        return self._drawing.images(to_clip, eye, self.resolution, self._phong, head=self._light.follows_camera)


def shrunk(resolution: tuple[int, int], shorter: int) -> tuple[int, int]:
    """The resolution with its shorter side brought down to `shorter` pixels, where it is longer."""
    factor = min(1.0, shorter / min(resolution))
    return max(1, round(resolution[0] * factor)), max(1, round(resolution[1] * factor))


def _height_and_width(resolution: Resolution) -> tuple[int, int]:
    try:
        height, width = (resolution, resolution) if isinstance(resolution, int) else resolution
        sides = index(height), index(width)
    except (TypeError, ValueError):
        sides = 0, 0
    if min(sides) < 1:
        raise ValueError(f"resolution must be a number of pixels, or (height, width); got {resolution!r}")
    return sides
