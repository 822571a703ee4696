"""Which triangle each pixel of a view shows, exactly, and how much the pixel has to say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.borders import depth_borders
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.renderer import default_clip_planes
from tvdrnet_nv.surface import Surface

_GRAZING = 1e-4  # least share of a ray along a face's normal


@dataclass(frozen=True)
class PixelWeights:
    """How much a pixel counts: a product of powers, with less for pixels that may show two things.

    Args:
        angle: power of the cosine between the surface's normal and the direction to the camera.
        distance: power of 1 / the distance to the camera, in radii of the scene.
        area: power of the area of surface that the pixel shows, in units of the mean face's. With 1, a large surface
            counts the same from near and from far, whatever number of pixels shows it.
        coverage: times the share of the pixel that its own surface covers, as antialiasing finds it; 1/2 at the least.
        border: width in pixels of the strips on both sides of a jump in depth, which count less.
        border_weight: what pixels in these strips are multiplied with. Above 0, they decide where nothing else is seen.

    Raises:
        InputError: a number that is out of range.
    """

    angle: float = 1.0
    distance: float = 0.0
    area: float = 0.0
    coverage: bool = True
    border: int = 1
    border_weight: float = 0.02

    def __post_init__(self) -> None:
        for name in ("angle", "distance", "area"):
            power = getattr(self, name)
            if not -8 <= power <= 8:
                raise InputError(f"PixelWeights: {name}={power}; wanted a power between -8 and 8")
        if self.border < 0 or int(self.border) != self.border:
            raise InputError(f"PixelWeights: border={self.border}; wanted a whole number of pixels, 0 or more")
        if not 0 <= self.border_weight <= 1:
            raise InputError(f"PixelWeights: border_weight={self.border_weight}; wanted a number in 0..1")


@dataclass(frozen=True, eq=False)
class VisiblePixels:
    """The P pixels of a view whose centres show the mesh; tensors [P] on the CPU.

    Attributes:
        resolution: (height, width) of the view.
        pixel: int64, row * width + column, ascending; row 0 at the top.
        face: int64, the face at the pixel's centre.
        corner: int64 in 0..2, the corner of the face with the largest barycentric coordinate there.
        vertex: int64, the vertex at that corner.
        area: float32, of the surface that the pixel shows, square scene units.
        weight: float32, as `PixelWeights` says.
    """

    resolution: tuple[int, int]
    pixel: Tensor
    face: Tensor
    corner: Tensor
    vertex: Tensor
    area: Tensor
    weight: Tensor


class Visibility:
    """Finds the visible pixels of one camera after the other, with the ops' rasterizer and nothing shaded.

    Visibility is exact: a pixel shows the nearest triangle at its centre, as `Renderer` draws it with the same clip
    planes. Both sides of a face can be seen.

    Args:
        mesh: the scene; its device decides the backend.
        weights: how much pixels count.
        near: the near clip plane of the pictures, scene units; by default that of `Renderer`.
        far: the far one.
    """

    def __init__(
        self,
        mesh: Mesh,
        weights: PixelWeights | None = None,
        near: float | None = None,
        far: float | None = None,
    ) -> None:
        self.mesh, self.weights = mesh, weights or PixelWeights()
        nearest, farthest = default_clip_planes(mesh)
        self._near, self._far = nearest if near is None else near, farthest if far is None else far
        self._about = mesh.far_center
        vertices = mesh.vertices.detach()
        vertices = vertices if self._about is None else vertices - self._about.to(vertices)
        self._surface = Surface(replace(mesh, vertices=vertices, textures=None), torch.float32)
        self._context = ops.RasterizeGLContext(output_db=False, device=mesh.device)
        self._edges = mesh.joined_faces  # a texture's seam is no silhouette
        self._topology = ops.antialias_construct_topology_hash(self._edges)
        self._walk = int(min(ops.LONG_WALK, backend_of(vertices).longest_walk()))
        cross = cross_products(vertices[mesh.faces.long()].double())
        twice = cross.norm(dim=1, keepdim=True)
        self._normals = (cross / twice.clamp_min(1e-300)).float().T.contiguous()
        self.face_areas = (twice[:, 0] / 2).float().cpu()
        """[F] float32 on the CPU, square scene units."""
        self._mean_area = float(self.face_areas.double().mean()) or 1.0

    def __call__(self, camera: Camera, resolution: tuple[int, int]) -> VisiblePixels:
        """What one camera sees in a picture of (height, width).

        Raises:
            InputError: not one camera.
        """
        if len(camera) != 1:
            raise InputError(f"camera: {len(camera)} cameras; evidence is added one view at a time")
        camera = self._local(camera)
        with torch.no_grad():
            return self._look(camera, resolution)

    def _local(self, camera: Camera) -> Camera:
        """The camera in the surface's frame, float32 on the mesh's device."""
        if self._about is not None:
            moved = camera.T.double() + torch.einsum("i,bij->bj", self._about.to(camera.R.device), camera.R.double())
            camera = camera.replace(T=moved.to(camera.dtype))
        return camera.to(self.mesh.device).to(torch.float32)

    def _look(self, camera: Camera, resolution: tuple[int, int]) -> VisiblePixels:
        height, width = resolution
        to_clip, _ = camera.clip_matrix_and_position(width / height, self._near, self._far, flip_y=True)
        pos = ops.transform(self._surface.vertices, to_clip)
        faces = self._surface.faces
        rast, _ = ops.rasterize(self._context, pos, faces, resolution, grad_db=False)
        of_pixel = rast[0].reshape(-1, 4)
        pixel = (of_pixel[:, 3] > 0).nonzero()[:, 0]
        # Rows are copied by index_select, which is several times faster than indexing.
        u, v, _, number = of_pixel.index_select(0, pixel).unbind(1)
        face = number.long() - 1
        depth = ops.interpolate(pos[..., 3:].contiguous(), rast, faces)[0].view(-1).index_select(0, pixel)
        x, y = (rays.index_select(0, pixel) for rays in _rays(camera, resolution))
        left, up, ahead = (axis.index_select(0, face) for axis in camera.R[0].T @ self._normals)
        along = torch.addcmul(ahead, left, x).addcmul_(up, y)
        facing = along.abs().clamp_(min=_GRAZING)
        scale = camera.focal[0] * (min(height, width) / 2)
        area = depth.square().div_(facing).div_(scale.prod())
        weight = self._weigh(facing, torch.addcmul(x.square(), y, y).add_(1).sqrt_(), depth, area)
        if self.weights.coverage:
            weight *= self._coverage(rast, pos).view(-1).index_select(0, pixel)
        if self.weights.border > 0:
            # The inverse depth of a plane is linear in the picture: its relative change from pixel to pixel.
            along = -facing.copysign_(along)
            slope = left.div_(along).div_(scale[0]), up.div_(along).div_(scale[1])
            near_jump = depth_borders(resolution, pixel, depth.reciprocal(), slope, self.weights.border)
            weight = torch.where(near_jump, weight * self.weights.border_weight, weight)
        w = 1 - u - v
        corner = torch.where((u >= v) & (u >= w), 0, torch.where(v >= w, 1, 2))
        vertex = faces.view(-1).index_select(0, 3 * face + corner).long()
        found = (t.cpu() for t in (pixel, face, corner, vertex, area, weight))
        return VisiblePixels(resolution, *found)

    def _weigh(self, along: Tensor, ray: Tensor, depth: Tensor, area: Tensor) -> Tensor:
        """[P] from the rays' shares along the normals, the rays' lengths at depth 1, the depths and the areas."""
        powers = self.weights
        weight = (along / ray).clamp_(max=1)
        if powers.angle != 1:
            weight = weight**powers.angle
        if powers.distance:
            weight *= (depth * ray / (self.mesh.radius or 1.0)) ** -powers.distance
        if powers.area:
            weight *= (area / self._mean_area) ** powers.area
        return weight

    def _coverage(self, rast: Tensor, pos: Tensor) -> Tensor:
        """[1, H, W, 1] in [1/2, 1]: the share of each pixel that the surface at its centre covers.

        Antialiasing blends a pixel with a neighbour on the other side of a silhouette. In a chequered picture, the two
        differ by 1, so that the change is the neighbour's share.
        """
        _, height, width, _ = rast.shape
        row, column = (torch.arange(n, device=rast.device, dtype=torch.int32) & 1 for n in (height, width))
        squares = (row[:, None] ^ column).to(rast.dtype)[None, ..., None]
        blended = ops.antialias(squares, rast, pos, self._edges, topology_hash=self._topology, walk=self._walk)
        return (1 - (blended - squares).abs()).clamp(0.5, 1)


def _rays(camera: Camera, resolution: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """x and y [H * W] in the view's frame, left and up, of the rays through the pixels' centres at depth 1."""
    height, width = resolution
    half = min(height, width) / 2
    left = -(torch.arange(width, device=camera.device) + 0.5 - width / 2) / half
    up = -(torch.arange(height, device=camera.device) + 0.5 - height / 2) / half
    (px, py), (fx, fy) = camera.principal[0], camera.focal[0]
    x, y = (left - px) / fx, (up - py) / fy
    return x.expand(height, width).reshape(-1), y[:, None].expand(height, width).reshape(-1)
