"""From scores in pictures to faces, inside the graph: differentiable in the scores and in the cameras."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv import Camera, Mesh, Render
from tvdrnet_nv.mesh import cross_products

_SMALLEST = 1e-6
_SHARE = 1e-4  # probabilities stay this far from 0 and 1


@dataclass(frozen=True)
class Samples:
    """The points of the surface at the centres of N square pictures' pixels, held while the cameras move.

    Attributes:
        face: [N, H, W] int64; -1 at the background.
        point: [N, H, W, 3], world frame.
        normal: [N, H, W, 3], unit, of the face.
        density: [N, H, W], pixels per area of surface, but for a factor of the lens.
    """

    face: Tensor
    point: Tensor
    normal: Tensor
    density: Tensor


@torch.no_grad()
def samples_of(render: Render, mesh: Mesh) -> Samples:
    """What the pixels of square pictures show."""
    camera, face, depth = render.camera, render.face_ids.long(), render.depth
    size = face.shape[1]
    axis = (torch.arange(size, dtype=depth.dtype) + 0.5) * (2 / size) - 1  # to the right, and down
    fx, fy = camera.focal[:, 0, None, None], camera.focal[:, 1, None, None]
    x, y = torch.broadcast_tensors(-axis[None, None, :] / fx, -axis[None, :, None] / fy)  # the view's x is to the left
    view = torch.stack([x, y, torch.ones_like(x)], -1) * depth
    point = torch.einsum("nhwj,nij->nhwi", view - camera.T[:, None, None], camera.R)
    normals = functional.normalize(cross_products(mesh.vertices[mesh.faces.long()].to(depth.dtype)), dim=1)
    normal = normals[face.clamp_min(0)]
    return Samples(face, point, normal, _density(camera, point, normal))


def lift(
    logits: Tensor,
    camera: Camera,
    samples: Samples,
    owner: Tensor,
    queries: int,
    faces: int,
    prior: Tensor,
    doubt: float,
) -> Tensor:
    """[M, F] in (0, 1): how likely each face is meant by each of M queries.

    A face's score is the mean over its samples in the query's pictures, weighted by the cosine of the viewing angle,
    and the prior, which weighs as much as `doubt` pixels seen face on. Where a sample is held on the surface, the place
    in the picture where its score is read moves with the camera, as does the number of pixels that it stands for.
    Faces that no picture shows get the prior alone. What becomes visible or hidden has no gradient here.

    Args:
        logits: [N, h, w], of the pictures at any size.
        camera: the N cameras.
        samples: of the same N pictures.
        owner: [N] int64, the query of each picture.
        queries: M.
        faces: F.
        prior: logit of what is not seen, a number.
        doubt: greater than 0.
    """
    clip = camera.to_clip(samples.point.flatten(1, 2), 1.0, 1e-2, 1e2)  # the clip planes do not change x, y and w
    depth = clip[..., 3].clamp_min(_SMALLEST)
    place = torch.stack([clip[..., 0] / depth, -clip[..., 1] / depth], -1).unflatten(1, samples.face.shape[1:])
    scores = functional.grid_sample(
        logits[:, None], place, mode="bilinear", padding_mode="border", align_corners=False
    )[:, 0].sigmoid()
    eye = camera.position[:, None, None]
    toward = functional.normalize(eye - samples.point, dim=-1)
    cosine = (toward * samples.normal).sum(-1).abs()
    weight = cosine * _density(camera, samples.point, samples.normal) / samples.density.clamp_min(_SMALLEST)
    shown = samples.face >= 0
    row = (owner[:, None, None] * faces + samples.face)[shown]
    weight, scores = weight[shown], scores[shown]
    total = weight.new_zeros(queries * faces).index_add(0, row, weight * scores)
    seen = weight.new_zeros(queries * faces).index_add(0, row, weight)
    return ((total + doubt * prior.sigmoid()) / (seen + doubt)).view(queries, faces)


def _density(camera: Camera, point: Tensor, normal: Tensor) -> Tensor:
    """[N, H, W]: pixels per area of surface at points [N, H, W, 3], but for the lens: |n · ray| / depth³."""
    ray = point - camera.position[:, None, None]
    depth = (point @ camera.R[:, None, :, 2:])[..., 0] + camera.T[:, 2, None, None]
    return (ray * normal).sum(-1).abs() / depth.clamp_min(_SMALLEST) ** 3


def mask_loss(found: Tensor, truth: Tensor, areas: Tensor) -> Tensor:
    """[M]: cross entropy, and one minus Dice's overlap, of faces [M, F] by their areas [F]."""
    share = areas / areas.sum()
    kept = found.clamp(_SHARE, 1 - _SHARE)
    entropy = (functional.binary_cross_entropy(kept, truth, reduction="none") * share).sum(1)
    both, each = (found * truth * share).sum(1), ((found + truth) * share).sum(1)
    return entropy + 1 - 2 * both / each.clamp_min(_SMALLEST)


def face_areas(mesh: Mesh) -> Tensor:
    """[F] float32, square scene units."""
    return cross_products(mesh.vertices[mesh.faces.long()]).norm(dim=1) / 2


def of_vertices(found: Tensor, mesh: Mesh, areas: Tensor) -> Tensor:
    """[M, V]: the mean of the faces [M, F] at each vertex, by area; 0 at vertices without faces."""
    corners, weight = mesh.faces.long().flatten(), areas.repeat_interleave(3)
    total = found.new_zeros(len(found), mesh.num_vertices).index_add(
        1, corners, found.repeat_interleave(3, dim=1) * weight
    )
    return total / weight.new_zeros(mesh.num_vertices).index_add(0, corners, weight).clamp_min(1e-30)
