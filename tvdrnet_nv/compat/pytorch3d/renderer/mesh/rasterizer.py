"""`MeshRasterizer`: a batch of meshes and cameras in, fragments out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tvdrnet_nv import ops
from tvdrnet_nv.compat.pytorch3d._notices import BLUR, say_once
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import try_get_projection_transform
from tvdrnet_nv.compat.pytorch3d.renderer._pixels import parse_image_size
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._clip_space import clip_z, depth_range
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments, _Late
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._raster import Raster
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes

__all__ = ["Fragments", "MeshRasterizer", "RasterizationSettings"]

_BEHIND = 1e-8  # nearer vertices are behind the camera: PyTorch3D's bound


@dataclass
class RasterizationSettings:
    """What `MeshRasterizer` is to do, as `pytorch3d.renderer.RasterizationSettings`.

    Attributes:
        image_size: height and width in pixels, or one number for a square.
        blur_radius: the squared distance in NDC that faces reach beyond their borders, where `exact`; otherwise without
            effect: a pixel is covered where its centre is inside a face.
        faces_per_pixel: K, how many faces to find at each pixel, nearest first.
        bin_size: no effect here.
        max_faces_opengl: no effect here.
        max_faces_per_bin: no effect here.
        perspective_correct: whether barycentrics are linear on the surface rather than on the screen; None: for
            perspective cameras.
        clip_barycentric_coords: whether barycentrics outside of a blurred face become those of a point of its border;
            None: where there is blur.
        cull_backfaces: leave out faces that are clockwise as seen by the camera.
        z_clip_value: the depth in front of which faces are cut off; None: for perspective cameras half of `znear`.
        cull_to_frustum: no effect here: what is outside the image is never drawn.
        exact: whether faces are blurred as PyTorch3D's, and soft shaders blend them by sigma and gamma; otherwise
            silhouettes are antialiased. None: where the environment variable TVDRNET_NV_EXACT is 1. Not in PyTorch3D.
    """

    image_size: int | tuple[int, int] = 256
    blur_radius: float = 0.0
    faces_per_pixel: int = 1
    bin_size: int | None = None
    max_faces_opengl: int = 10_000_000
    max_faces_per_bin: int | None = None
    perspective_correct: bool | None = None
    clip_barycentric_coords: bool | None = None
    cull_backfaces: bool = False
    z_clip_value: float | None = None
    cull_to_frustum: bool = False
    exact: bool | None = None


def is_exact(settings: Any) -> bool:
    """Whether faces are to be blurred as PyTorch3D's; its own settings do not say."""
    given = getattr(settings, "exact", None)
    return os.environ.get("TVDRNET_NV_EXACT") == "1" if given is None else given


class MeshRasterizer(nn.Module):
    """Rasterizes `Meshes` through cameras, as `pytorch3d.renderer.MeshRasterizer`, on `tvdrnet_nv.ops`.

    Row 0 of the images is at the top. Nothing is cut off at zfar, nor are faces culled but for `cull_backfaces`.
    FoVPerspectiveCameras cut faces off at half of `znear`; the other cameras have no near plane, and leave out faces
    with a vertex behind them, as in PyTorch3D, and what is nearer than 1e-4 of the farthest vertex.

    Args:
        cameras: cameras of this package, or PyTorch3D's.
        raster_settings: default `RasterizationSettings()`.
    """

    def __init__(self, cameras: Any = None, raster_settings: RasterizationSettings | None = None) -> None:
        super().__init__()
        self.cameras = cameras
        self.raster_settings = RasterizationSettings() if raster_settings is None else raster_settings
        self._contexts: dict[torch.device, ops.RasterizeGLContext] = {}
        self._last: tuple[Tensor, Tensor, dict[str, ops.TopologyHash]] | None = None

    def to(self, device: Any) -> MeshRasterizer:  # type: ignore[override]
        """Move the cameras."""
        if self.cameras is not None:
            self.cameras = self.cameras.to(device)
        return self

    def transform(self, meshes_world: Any, **kwargs: Any) -> Any:
        """The meshes with vertices in NDC, z being view space's.

        Args:
            meshes_world: `Meshes` of N meshes, for N cameras or for one.
            **kwargs: `cameras`, and what they take.
        """
        view, projected = self._view_and_projected(meshes_world, kwargs)
        ndc = projected[..., :2] / projected[..., 3:]
        return meshes_world.update_padded(torch.cat([ndc, view[..., 2:]], dim=-1))

    def forward(self, meshes_world: Any, **kwargs: Any) -> Fragments:
        """Rasterize.

        Args:
            meshes_world: `Meshes` of N meshes, for N cameras or for one.
            **kwargs: `cameras` and `raster_settings` instead of the rasterizer's, and what the cameras take (R, T, …).

        Raises:
            ValueError: no cameras, or as many cameras as there are not meshes.
        """
        settings = kwargs.get("raster_settings", self.raster_settings)
        if settings.blur_radius > 0:
            if is_exact(settings):
                return self._blurred(meshes_world, settings, kwargs)
            say_once(BLUR)
        view, projected = self._view_and_projected(meshes_world, kwargs)
        cameras = kwargs.get("cameras", self.cameras)
        resolution = parse_image_size(settings.image_size)
        perspective = cameras.is_perspective()
        wanted = settings.perspective_correct
        correct = perspective if wanted is None else wanted

        clip_depth = _clip_depth(settings, cameras, correct)
        near, far = depth_range(meshes_world, view, clip_depth, perspective)
        view, projected = (t.reshape(-1, t.shape[-1]) for t in (view, projected))
        mesh_of = meshes_world.verts_packed_to_mesh_idx()
        if len(mesh_of) < len(view):
            packed = meshes_world.verts_padded_to_packed_idx()
            view, projected = view[packed], projected[packed]
        depth, w = view[:, 2], projected[:, 3]
        clip = torch.stack(
            [*_ops_xy(projected, resolution), clip_z(depth, w, near[mesh_of], far[mesh_of], perspective), w], dim=-1
        )
        faces, topology = self._prepared(meshes_world.faces_packed())
        counts, ids = meshes_world.num_faces_per_mesh(), None
        drawn = _front_facing(clip.detach(), faces) if settings.cull_backfaces else None
        if clip_depth is None and bool((depth.detach() < _BEHIND).any()):
            in_front = (depth.detach() >= _BEHIND)[faces.long()].all(dim=1)
            drawn = in_front if drawn is None else drawn & in_front
        if drawn is not None:
            ids = drawn.nonzero()[:, 0]
            counts = torch.bincount(meshes_world.faces_packed_to_mesh_idx()[ids], minlength=len(counts))
            faces, topology = faces[ids].contiguous(), {}
        ranges = torch.stack([counts.cumsum(0) - counts, counts], dim=1).to("cpu", torch.int32)
        raster = Raster(
            context=self._context(clip.device),
            clip=clip,
            depth=depth,
            faces=faces,
            ids=ids,
            ranges=ranges,
            resolution=resolution,
            layers=settings.faces_per_pixel,
            by_depth=0 if correct == perspective else (1 if perspective else -1),
            topology=topology,
        )
        found = _Late(raster)
        if is_exact(settings):
            return Fragments(found.pix_to_face, found.zbuf, found.bary_coords, found.dists)
        return found

    def _blurred(self, meshes_world: Any, settings: Any, kwargs: dict[str, Any]) -> Fragments:
        meshes = self.transform(meshes_world, **kwargs)
        cameras = kwargs.get("cameras", self.cameras)
        wanted, clip = settings.perspective_correct, settings.clip_barycentric_coords
        correct = cameras.is_perspective() if wanted is None else wanted
        found = rasterize_meshes(
            meshes,
            settings.image_size,
            settings.blur_radius,
            settings.faces_per_pixel,
            perspective_correct=correct,
            clip_barycentric_coords=True if clip is None else clip,
            cull_backfaces=settings.cull_backfaces,
            z_clip_value=_clip_depth(settings, cameras, correct),
        )
        return Fragments(*found)

    def _context(self, device: torch.device) -> ops.RasterizeGLContext:
        if device not in self._contexts:
            self._contexts[device] = ops.RasterizeGLContext(output_db=False, device=device)
        return self._contexts[device]

    def _prepared(self, faces: Tensor) -> tuple[Tensor, dict[str, ops.TopologyHash]]:
        """The ops' faces, and what is known about them from the last call if it had the same: programs clone meshes."""
        last = self._last
        if last is None or last[0].device != faces.device or not torch.equal(last[0], faces):
            self._last = last = (faces.clone(), faces.to(torch.int32).contiguous(), {})
        return last[1], last[2]

    def _view_and_projected(self, meshes_world: Any, kwargs: dict[str, Any]) -> tuple[Tensor, Tensor]:
        """Padded vertices [N, V, 3] in view space, and homogeneous ones [N, V, 4] in NDC."""
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError(
                "Cameras must be specified either at initialization or in the forward pass of MeshRasterizer"
            )
        world = meshes_world.verts_padded()
        to_view = cameras.get_world_to_view_transform(**kwargs).get_matrix().to(world.dtype)
        projection = try_get_projection_transform(cameras, kwargs)
        if len(world) != len(to_view) and len(to_view) != 1:
            raise ValueError(
                f"there are {len(world)} meshes and {len(to_view)} cameras; use meshes.extend({len(to_view)}) to see "
                "one mesh from each camera"
            )
        view = world @ to_view[:, :3, :3] + to_view[:, 3:, :3]
        to_ndc = cameras.get_ndc_camera_transform(**kwargs)
        if projection is None:  # no matrix has it, as that of a fisheye lens
            ndc = to_ndc.transform_points(cameras.transform_points(world, eps=kwargs.get("eps")))
            one = torch.ones_like(view[..., 2:])
            return view, torch.cat([ndc[..., :2], view[..., 2:], one], dim=-1)
        matrix = projection.compose(to_ndc).get_matrix().to(world.dtype)
        return view, torch.nn.functional.pad(view, (0, 1), value=1.0) @ matrix


def _ops_xy(projected: Tensor, resolution: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """x and y of the ops' clip space: to the right, and down, which puts row 0 at the top; ±1 at the borders."""
    height, width = resolution
    shorter = min(height, width)
    return projected[:, 0] * (-shorter / width), projected[:, 1] * (-shorter / height)


def _clip_depth(settings: RasterizationSettings, cameras: Any, correct: bool) -> float | None:
    if settings.z_clip_value is not None:
        return settings.z_clip_value
    near = cameras.get_znear() if correct else None
    if near is None:
        return None
    return (float(near.detach().min()) if isinstance(near, Tensor) else float(near)) / 2


def _front_facing(clip: Tensor, faces: Tensor) -> Tensor:
    """[F] bool: whether faces are anticlockwise on the screen. By the determinant of the corners' (x, y, w), which has
    the area's sign wherever the corners are, also behind the camera."""
    a, b, c = clip[:, [0, 1, 3]].double()[faces.long()].unbind(1)
    # y points down.
    return (torch.linalg.cross(a, b) * c).sum(-1) < 0
