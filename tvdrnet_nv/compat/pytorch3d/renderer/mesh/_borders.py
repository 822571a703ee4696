"""Pixels whose centre is on a face's border: `rasterize_meshes` leaves them to what is behind, as PyTorch3D does."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._blurred import Blur, evaluate
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._raster import Raster, pixel_centres

Found = tuple[Tensor, Tensor, Tensor, Tensor]


def without_borders(raster: Raster, verts: Tensor, faces: Tensor) -> Found:
    """The raster's fragments, but for those at whose pixel the centre is not inside the face.

    Args:
        raster: of K layers.
        verts: [ΣV, 3], x and y in NDC, z the depth.
        faces: [ΣF, 3], packed.

    Returns:
        pix_to_face, zbuf, barycentrics and dists, of K layers.
    """
    found = _found(raster)
    many = int(_on_border(found[0], verts, faces, raster).sum(-1).amax()) if found[0].numel() else 0
    if many == 0:
        return found
    found = _found(dataclasses.replace(raster, layers=raster.layers + many, _stack=None))
    out = _on_border(found[0], verts, faces, raster)
    order = out.to(torch.int8).argsort(dim=-1, stable=True)[..., : raster.layers]
    gone = out.gather(-1, order)

    def kept(values: Tensor) -> Tensor:
        deep = values.dim() > order.dim()
        at, off = (order[..., None].expand(*order.shape, 3), gone[..., None]) if deep else (order, gone)
        return values.gather(3, at).masked_fill(off, -1)

    pix_to_face, zbuf, bary, dists = (kept(values) for values in found)
    return pix_to_face, zbuf, bary, dists


def _found(raster: Raster) -> Found:
    return raster.pix_to_face(), raster.zbuf(), raster.bary_coords(), raster.dists()


def _on_border(pix_to_face: Tensor, verts: Tensor, faces: Tensor, raster: Raster) -> Tensor:
    """[N, H, W, K] bool. Faces that reach behind the camera have no border on the screen that could be tested."""
    with torch.no_grad():
        there = pix_to_face >= 0
        triangles = verts.detach()[faces[pix_to_face[there]]]
        points = pixel_centres(raster.resolution, verts)[:, :, None].expand(*pix_to_face.shape, 2)[there]
        _, _, distance = evaluate(points, triangles, Blur(0.0, False, False))
        outside = torch.zeros_like(there)
        outside[there] = (distance >= 0) & (triangles[..., 2] > 0).all(1)
        return outside
