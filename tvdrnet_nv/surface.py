"""A mesh as the ops take it."""

from __future__ import annotations

import torch
import torch.autograd.forward_ad as forward_ad
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.rasterize import MAX_TRIANGLES

_GRAZING = 1e-3  # cosine between a ray and a face's normal, below which the face is seen from the side
_NO_AREA = 1e-30  # twice the area of a face that has no normal
_LONGEST_COLUMN = 2**16 - 1  # of pixels: CUDA's grids are no taller, in blocks


class Surface:
    """The mesh as the ops take it: homogeneous vertices [V, 4], and positions, normals and colours [V, 9].

    `faces` are drawn; `joined_faces` have the same places, and the edges that antialiasing looks at.
    """

    def __init__(self, mesh: Mesh, dtype: torch.dtype) -> None:
        self.vertices = torch.nn.functional.pad(mesh.vertices.to(dtype), (0, 1), value=1.0)
        self.attributes = torch.cat([mesh.vertices, mesh.vertex_normals, mesh.colors], dim=1).to(dtype)
        self.faces = mesh.faces
        # Vertices that move may move apart, and each needs its own gradient.
        self.joined_faces = mesh.faces if mesh.vertices.requires_grad else mesh.joined_faces
        self._kept_planes: Tensor | None = None
        self._textures = mesh.textures
        if mesh.textures is not None:
            self._uv = mesh.textures.uv.to(dtype)
            tint = mesh.textures.tint
            self._tint = None if tint is None else tint.to(dtype)
            self._images = [image[None].to(dtype).contiguous() for image in mesh.textures.images]
            self._mips = [ops.texture_construct_mip(image) for image in self._images]

    @property
    def textured(self) -> bool:
        """Whether `texels` has more to say than the vertex colours."""
        return self._textures is not None

    def scene(self, topology: ops.TopologyHash | None) -> ops.PhongScene | None:
        """What `ops.render_phong` takes, where it can draw the surface: without textures, when only cameras move."""
        moves = self.vertices.requires_grad or self.attributes.requires_grad
        if not backend_of(self.vertices).renders_in_one_op or self.textured or moves:
            return None
        _, normals, colors = self.attributes.split(3, dim=1)
        return ops.PhongScene(self.vertices, normals, colors, self.faces, topology)

    def texels(self, rast: Tensor, rast_db: Tensor, colors: Tensor) -> Tensor:
        """[B, H, W, 3]: `colors`, with the textures' mipmapped colours where faces have one."""
        assert self._textures is not None
        uv, uv_da = ops.interpolate(self._uv, rast, self.faces, rast_db=rast_db, diff_attrs="all")
        ids = rast.detach()[..., 3].long()
        image_of_pixel = torch.nn.functional.pad(self._textures.face_image, (1, 0), value=-1)[ids]
        tint = None if self._tint is None else ops.interpolate(self._tint, rast, self.faces)[0]
        for i, (image, mip) in enumerate(zip(self._images, self._mips, strict=True)):
            pixels = torch.nonzero(image_of_pixel == i, as_tuple=True)
            if len(pixels[0]) == 0:
                continue
            sampled = _sampled(image, uv[pixels], uv_da[pixels], mip)
            texels = sampled if tint is None else sampled * tint[pixels]
            colors = colors.index_put(pixels, texels)
        return colors

    def at(self, rast: Tensor) -> Tensor:
        """[B, H, W, 9]: the attributes at the pixels, 0 at the background."""
        return self._interpolated(self.attributes, rast)

    def _interpolated(self, values: Tensor, rast: Tensor) -> Tensor:
        """[B, H, W, A]: `values` [V, A] at the pixels, 0 at the background."""
        if len(self.faces) <= MAX_TRIANGLES or rast.dtype != torch.float32:
            return ops.interpolate(values, rast, self.faces)[0]
        # The op does not read such ids.
        ids = ops.face_ids(rast).long()
        weights = torch.cat([rast[..., :2], 1 - rast[..., :1] - rast[..., 1:2]], -1) * (ids >= 0)[..., None]
        corners = values[self.faces[ids.clamp_min(0)].long()]
        return torch.einsum("bhwk,bhwka->bhwa", weights, corners)

    def depth(self, rast: Tensor, camera: Camera) -> Tensor:
        """[B, H, W]: at the pixels' centres, the distance along the axes of B cameras, scene units; 0 at the
        background.

        Its derivatives with respect to the cameras and the vertices are those of the depth at which a pixel's ray meets
        the plane of its face, whether `rast` has derivatives or not; 0 where a ray only grazes it.
        """
        ids = ops.face_ids(rast).long()
        covered = ids >= 0
        points = self._interpolated(self.vertices.detach()[:, :3], rast.detach())
        forward = camera.R.detach()[:, :, 2]
        depth = torch.einsum("bhwi,bi->bhw", points, forward) + camera.T.detach()[:, 2, None, None]
        depth = torch.where(covered, depth, 0.0)
        if not _has_derivatives(self.vertices, camera.R, camera.T, camera.focal, camera.principal):
            return depth
        normal, offset = self._planes[ids.clamp_min(0)].split([3, 1], dim=-1)
        rays = _rays(camera, (rast.shape[1], rast.shape[2]))
        away = offset[..., 0] - torch.einsum("bhwi,bi->bhw", normal, camera.position)
        cosine = (normal * rays).sum(-1)
        good = covered & (cosine.detach().abs() > _GRAZING * rays.detach().norm(dim=-1)) & away.detach().isfinite()
        plane = torch.where(good, away, 1.0) / torch.where(good, cosine, 1.0)
        return depth + (plane - plane.detach())

    @property
    def _planes(self) -> Tensor:
        """[F, 4]: the faces' unit normals n, and n·x of their points x; kept where the vertices do not move."""
        if self._kept_planes is not None:
            return self._kept_planes
        a, b, c = (self.vertices[:, :3][corner] for corner in self.faces.long().T)
        normal = torch.nn.functional.normalize(torch.linalg.cross(b - a, c - a), dim=-1, eps=_NO_AREA)
        planes = torch.cat([normal, (normal * a).sum(-1, keepdim=True)], -1)
        if not self.vertices.requires_grad:
            self._kept_planes = planes
        return planes


def _sampled(image: Tensor, uv: Tensor, uv_da: Tensor, mip: ops.MipStack) -> Tensor:
    """[N, C]: a texture at N pixels, for uv [N, 2] and uv_da [N, 4].

    The op looks at each pixel by itself, so they stand in one column, or in several where CUDA has no grid that long.
    """
    count = len(uv)
    columns = -(-count // _LONGEST_COLUMN)
    filled = columns * -(-count // columns) - count
    if filled:
        uv, uv_da = (torch.nn.functional.pad(x, (0, 0, 0, filled)) for x in (uv, uv_da))
    sampled = ops.texture(image, uv.reshape(1, -1, columns, 2), uv_da.reshape(1, -1, columns, 4), mip=mip)
    return sampled.reshape(count + filled, -1)[:count]


def _has_derivatives(*tensors: Tensor) -> bool:
    """Whether derivatives are asked of what depends on these tensors, in reverse or in forward mode."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return True
    return any(forward_ad.unpack_dual(tensor).tangent is not None for tensor in tensors)


def _rays(camera: Camera, resolution: tuple[int, int]) -> Tensor:
    """[B, H, W, 3]: world directions through the pixels' centres, of length 1 along the cameras' axes."""
    height, width = resolution
    half = min(height, width) / 2
    left = -(torch.arange(width, dtype=camera.dtype, device=camera.device) + 0.5 - width / 2) / half
    up = -(torch.arange(height, dtype=camera.dtype, device=camera.device) + 0.5 - height / 2) / half
    (px, py), (fx, fy) = (pair.T[:, :, None, None] for pair in (camera.principal, camera.focal))
    x, y = ((left - px) / fx).expand(-1, height, width), ((up[:, None] - py) / fy).expand(-1, height, width)
    return torch.einsum("bij,bhwj->bhwi", camera.R, torch.stack([x, y, torch.ones_like(x)], -1))
