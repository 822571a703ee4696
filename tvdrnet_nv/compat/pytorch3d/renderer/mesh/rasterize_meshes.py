"""`rasterize_meshes`: meshes in NDC in, fragments out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.compat.pytorch3d.renderer._pixels import parse_image_size
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._blurred import (
    AREA_EPS,
    Blur,
    blurred_fragments,
    edge_function,
    signed_areas,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._borders import without_borders
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._clip_space import clip_z, depth_range
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._raster import Raster
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._z_clip import cut_off

__all__ = ["barycentric_coordinates", "rasterize_meshes", "rasterize_meshes_python"]

_BEHIND = 1e-8  # nearer vertices are behind the camera: PyTorch3D's bound


def rasterize_meshes(
    meshes: Any,
    image_size: int | tuple[int, int] = 256,
    blur_radius: float = 0.0,
    faces_per_pixel: int = 8,
    bin_size: int | None = None,
    max_faces_per_bin: int | None = None,
    perspective_correct: bool = False,
    clip_barycentric_coords: bool = False,
    cull_backfaces: bool = False,
    z_clip_value: float | None = None,
    cull_to_frustum: bool = False,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The K nearest faces at each pixel, with gradients to the vertices.

    Without blur `tvdrnet_nv.ops` rasterizes. With blur, plain PyTorch does. A pixel whose centre is exactly on a face's
    border does not show that face, as in PyTorch3D (`MeshRasterizer` shows one of the two that share an edge).

    Args:
        meshes: N meshes, x and y in NDC (+x left, +y up, ±1 at the shorter side's borders), z the depth.
        image_size: height and width in pixels, or one number for a square.
        blur_radius: the squared distance in NDC that faces reach beyond their borders.
        faces_per_pixel: K.
        bin_size: accepted; without effect.
        max_faces_per_bin: accepted; without effect.
        perspective_correct: whether barycentrics are linear on the surface rather than on the screen.
        clip_barycentric_coords: whether barycentrics outside of a face become those of a point of its border.
        cull_backfaces: leave out faces that are clockwise as seen by the camera.
        z_clip_value: the depth in front of which faces are cut off; without it, faces with a vertex behind the camera
            are left out.
        cull_to_frustum: accepted; without effect, as what is outside the image is never drawn.

    Returns:
        pix_to_face [N, H, W, K] int64, zbuf [N, H, W, K], barycentrics [N, H, W, K, 3], and the squared distance to the
        nearest edge [N, H, W, K], negative inside; -1 where there is no face.
    """
    if blur_radius > 0:
        settings = (perspective_correct, clip_barycentric_coords, cull_backfaces, z_clip_value)
        return rasterize_meshes_python(meshes, image_size, blur_radius, faces_per_pixel, *settings)
    size = parse_image_size(image_size)
    raster = _sharp(meshes, size, faces_per_pixel, perspective_correct, cull_backfaces, z_clip_value)
    return without_borders(raster, meshes.verts_packed(), meshes.faces_packed())


def rasterize_meshes_python(
    meshes: Any,
    image_size: int | tuple[int, int] = 256,
    blur_radius: float = 0.0,
    faces_per_pixel: int = 8,
    perspective_correct: bool = False,
    clip_barycentric_coords: bool = False,
    cull_backfaces: bool = False,
    z_clip_value: float | None = None,
    cull_to_frustum: bool = True,
    clipped_faces_neighbor_idx: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`rasterize_meshes` in plain PyTorch, whatever the blur: every pixel in a face's box is tried."""
    corners = cut_off(meshes.verts_packed()[meshes.faces_packed()], z_clip_value, perspective_correct)
    blur = Blur(float(blur_radius), perspective_correct, clip_barycentric_coords)
    image = meshes.faces_packed_to_mesh_idx()[corners.parents]
    count, size = len(meshes), parse_image_size(image_size)
    found = blurred_fragments(corners, image, count, size, faces_per_pixel, blur, cull_backfaces)
    assert found.dists is not None
    return found.pix_to_face, found.zbuf, found.bary_coords, found.dists


def _sharp(
    meshes: Any, size: tuple[int, int], layers: int, perspective: bool, cull: bool, z_clip: float | None
) -> Raster:
    """What is in front of pixels' centres, by `tvdrnet_nv.ops`."""
    verts, faces = meshes.verts_packed(), meshes.faces_packed()
    depth = verts[:, 2]
    near, far = depth_range(meshes, meshes.verts_padded(), z_clip, perspective)
    mesh_of = meshes.verts_packed_to_mesh_idx()
    w = depth if perspective else torch.ones_like(depth)
    height, width = size
    xy = [verts[:, 0] * w * (-min(size) / width), verts[:, 1] * w * (-min(size) / height)]
    clip = torch.stack([*xy, clip_z(depth, w, near[mesh_of], far[mesh_of], perspective), w], dim=-1)
    drawn = torch.ones(len(faces), dtype=torch.bool, device=faces.device)
    if z_clip is None:
        drawn = (depth.detach() >= _BEHIND)[faces].all(1)
    if cull:
        drawn &= signed_areas(verts.detach()[faces]) >= 0
    ids = drawn.nonzero()[:, 0]
    counts = torch.bincount(meshes.faces_packed_to_mesh_idx()[ids], minlength=len(meshes))
    return Raster(
        context=ops.RasterizeGLContext(output_db=False, device=verts.device),
        clip=clip,
        depth=depth,
        faces=faces[ids].to(torch.int32).contiguous(),
        ids=ids,
        ranges=torch.stack([counts.cumsum(0) - counts, counts], dim=1).to("cpu", torch.int32),
        resolution=size,
        layers=layers,
        by_depth=0,
    )


def barycentric_coordinates(p: Tensor, v0: Tensor, v1: Tensor, v2: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of a point with respect to a triangle; all are [2], or [..., 2]."""
    area = edge_function(v2, v0, v1) + AREA_EPS
    return edge_function(p, v1, v2) / area, edge_function(p, v2, v0) / area, edge_function(p, v0, v1) / area
