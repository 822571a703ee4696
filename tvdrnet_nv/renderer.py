"""The renderer: a mesh and cameras in, differentiable images out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from operator import index
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from tvdrnet_nv import ops
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.camera.perspective import check_clip_planes
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.arguments import names_of
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.ops.shade.reference import over_background, phong_color
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.surface import Surface

Resolution = int | tuple[int, int]

# What the cameras that are rendered together may take while they are, images aside.
_CHUNK_BYTES = 2**30


def _made_again(mesh: Mesh, resolution: tuple[int, int], given: dict[str, Any]) -> Renderer:
    return Renderer(mesh, resolution, **given)


def default_clip_planes(mesh: Mesh) -> tuple[float, float]:
    """Near and far, in scene units: near enough for a camera inside the scene, far enough for one long outside it."""
    size = mesh.radius or 1.0
    return 0.01 * size, 1e4 * size


class Render:
    """What B cameras see. Images are [B, H, W, C] with row 0 at the top; each is computed on first access.

    An objective that only asks for the cameras costs no image.

    Args:
        camera: the cameras.
        resolution: (height, width) of the images.
        draw: makes `rgba` and the ops' rast, [B, H, W, 4] each.
        surface: what is drawn.
        local: the cameras in the surface's frame, where that is not the world's.

    Attributes:
        camera: the cameras.
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
        self.camera = camera
        self._local = camera if local is None else local
        self.resolution = resolution
        self._draw = draw
        self._surface = surface
        self._with_gradients = torch.is_grad_enabled()

    def __getstate__(self) -> dict[str, object]:
        """What pickle and copies keep: the images as they are drawn, without gradients."""
        kept = {name: value for name, value in vars(self).items() if name in ("resolution", "_surface")}
        drawn = tuple(image.detach() for image in self._drawn)
        cameras = {"camera": self.camera.detach(), "_local": self._local.detach()}
        return {**kept, **cameras, "_drawn": drawn, "_with_gradients": False}

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
        return Render(
            self.camera, (rgba.shape[1], rgba.shape[2]), lambda: (rgba, self._rast), self._surface, self._local
        )

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
        return self._rast.detach()[..., 3].to(torch.int32) - 1

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
        TypeError: `mesh` is no `Mesh`, float64 on CUDA, or a clip plane that is no number.
        ValueError: a resolution that is not one or two positive whole numbers, or not 0 < near < far.
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
        self._light, self._background = light or PhongLight(), background
        self._about = mesh.far_center  # [3] float64, the surface's origin in the world; None where it is the world's
        self._phong = self._as_phong()  # both, as the ops take them
        if near is None or far is None:
            nearest, farthest = default_clip_planes(mesh)
            near, far = nearest if near is None else near, farthest if far is None else far
        check_clip_planes(near, far)
        self.near, self.far = near, far
        about = self._about
        drawn = mesh if about is None else replace(mesh, vertices=mesh.vertices - about.to(mesh.vertices))
        self._surface = Surface(drawn, dtype)
        self._context = ops.RasterizeGLContext(output_db=self._surface.textured, device=mesh.device)
        self._walk = int(min(ops.LONG_WALK, backend.longest_walk))
        self._topology = ops.antialias_construct_topology_hash(self._surface.joined_faces) if antialias else None
        self._scene = self._surface.scene(self._topology)
        # To z = 2, w = 1 with everything: beyond the far plane.
        self._out_of_view = self._surface.vertices.new_tensor([[0.0] * 4, [0.0] * 4, [0, 0, 0, 2], [0, 0, 0, 1]])

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
        self._light = light
        self._phong = self._as_phong()

    @property
    def background(self) -> tuple[float, float, float]:
        """RGB behind the scene; may be set."""
        return self._background

    @background.setter
    def background(self, background: tuple[float, float, float]) -> None:
        self._background = background
        self._phong = self._as_phong()

    def _as_phong(self) -> ops.Phong:
        """Light and background as the ops take them, in the surface's frame."""
        light = self._light
        if self._about is not None:
            x, y, z = (a - b for a, b in zip(light.location, self._about.tolist(), strict=True))
            light = replace(light, location=(x, y, z))
        return light.over(self._background)

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

    @contextmanager
    def timed(self) -> Iterator[ops.RenderTiming | None]:
        """While open, what rendering spends its time on is added up; None where another path than `ops.render_phong`
        draws."""
        scene = self._drawn_in_one_op
        if scene is None:
            yield None
            return
        scene.timing = timing = ops.RenderTiming()
        try:
            yield timing
        finally:
            scene.timing = None

    def __call__(self, camera: Camera) -> Render:
        """Render what the B cameras see, in the renderer's dtype; differentiable in R, T, focal and principal.

        The cameras must be on the mesh's device. One that is not finite sees nothing.
        """
        if camera.dtype != self._surface.vertices.dtype:
            camera = camera.to(self._surface.vertices.dtype)
        local = self._in_surface_frame(camera)
        return Render(camera, self.resolution, lambda: self._images(local), self._surface, local)

    def _in_surface_frame(self, camera: Camera) -> Camera:
        if self._about is None:
            return camera
        moved = camera.T.double() + torch.einsum("i,bij->bj", self._about, camera.R.double())
        return camera.replace(T=moved.to(camera.dtype))

    def _images(self, camera: Camera) -> tuple[Tensor, Tensor]:
        """The images and rast of all cameras, [B, H, W, 4] each."""
        height, width = self.resolution
        # The ops' row 0 is at the bottom: flipping y in clip space puts it at the top.
        to_clip, eye = camera.clip_matrix_and_position(width / height, self.near, self.far, flip_y=True)
        chunk = self._cameras_at_once()
        if len(camera) <= chunk:
            return self._draw(to_clip, eye)
        parts = [self._draw_again(*part) for part in zip(to_clip.split(chunk), eye.split(chunk), strict=True)]
        image, rast = (torch.cat(results) for results in zip(*parts, strict=True))
        return image, rast

    def _cameras_at_once(self) -> int:
        """For each camera, the vertices and their gradient, and some thirty numbers a pixel."""
        height, width = self.resolution
        vertices = self._surface.vertices
        return max(1, _CHUNK_BYTES // (vertices.element_size() * (8 * len(vertices) + 32 * height * width)))

    def _draw_again(self, to_clip: Tensor, eye: Tensor) -> tuple[Tensor, Tensor]:
        """`_draw`, keeping nothing for the backward pass, which draws again."""
        if not torch.is_grad_enabled():
            return self._draw(to_clip, eye)
        return checkpoint(self._draw, to_clip, eye, use_reentrant=False, preserve_rng_state=False)  # type: ignore[return-value]

    def _draw(self, to_clip: Tensor, eye: Tensor) -> tuple[Tensor, Tensor]:
        """Images [B, H, W, 4], RGB and coverage, and rast [B, H, W, 4], for clip matrices [B, 4, 4] and eyes [B, 3]."""
        scene = self._drawn_in_one_op
        if scene is not None:
            walk = self._walk if self.antialias else 0
            return ops.render_phong(scene, to_clip, eye, self.resolution, self._phong, walk=walk)
        faces = self._surface.faces
        # Our own rasterizer leaves out vertices that are not finite; nvdiffrast promises nothing. An optimisation that
        # does not wait to see whether its cameras are still finite may ask for some that are not.
        finite = to_clip.isfinite().flatten(1).all(1)[:, None, None]
        to_clip = torch.where(finite, to_clip, self._out_of_view)
        pos = ops.transform(self._surface.vertices, to_clip)
        rast, rast_db = ops.rasterize(self._context, pos, faces, self.resolution, grad_db=self._surface.textured)
        image = self._shade(rast, rast_db, eye)
        if self.antialias:
            edges = self._surface.joined_faces
            image = ops.antialias(image, rast, pos, edges, topology_hash=self._topology, walk=self._walk)
        return image, rast

    @property
    def _drawn_in_one_op(self) -> ops.PhongScene | None:
        """What `ops.render_phong` draws; it knows no light that moves."""
        return None if self._light.follows_camera else self._scene

    def _shade(self, rast: Tensor, rast_db: Tensor, eye: Tensor) -> Tensor:
        """[B, H, W, 4]: RGB over the background, and coverage."""
        surface = self._surface
        head = self._light.follows_camera
        if not surface.textured and not surface.attributes.requires_grad and not head:
            return ops.shade(surface.attributes, rast, surface.faces, eye, self._phong)
        points, normals, colors = surface.at(rast).split(3, dim=-1)
        if surface.textured:
            colors = surface.texels(rast, rast_db, colors)
        return over_background(phong_color(points, normals, colors, eye, self._phong, head=head), rast, self._phong)


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
