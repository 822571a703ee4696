"""Masks of single views merged to the instances of a scene, by what the views agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.components import components
from tvdrnet_nv.lifting.visibility import PixelWeights, Visibility, VisiblePixels
from tvdrnet_nv.mesh import Mesh

_OBSERVED = 0.3  # share of a group's vertices that a view must show to say anything of it
_CONTAINED = 0.8  # share of what it shows of them that one mask must hold
_CONSENSUS = 0.9  # share of the views showing two groups that must hold both in one mask
_SPLIT = 0.3  # share of the views showing a mask that may cut it in pieces
_MARKED = 1 / 3  # share of a vertex's weight that an instance's masks must have: some views miss it
_NONE, _UNSEEN = -1, -2
_LEAST = 8  # vertices of a mask; fewer say nothing


@dataclass(frozen=True, eq=False)
class Instances:
    """N instances, those with most views first.

    Attributes:
        of_vertex: int64 [V] on the CPU, each vertex's instance; -1 for none, or unseen.
        masks: [N], for each instance the masks (k, number) of which it is made, by view and by number in it.
        share: float32 [N] in 0..1, mean over its vertices: how much of what shows them is marked as it.
    """

    of_vertex: Tensor
    masks: tuple[tuple[tuple[int, int], ...], ...]
    share: Tensor


def merge_instances(
    mesh: Mesh,
    cameras: Camera,
    numbers: Sequence[Tensor],
    *,
    least_views: int = 2,
    weights: PixelWeights | None = None,
    near: float | None = None,
    far: float | None = None,
) -> Instances:
    """Merge the masks of K views: those are one instance that other views hold together.

    View consensus (Yan et al., "MaskClustering: View Consensus based Mask Graph Clustering for Open-Vocabulary 3D
    Instance Segmentation", CVPR 2024), on vertices of exact visibility: two groups of masks are joined if, of the views
    that show both, 90 % have one mask that holds 80 % of what they mark of either. Pairs that many views show come
    first. A mask that more than 30 % of the views showing it cut in pieces joins two things, and is left out. In the
    end each vertex goes to the instance with most of its pixels, if these are a third of all that show it.

    Args:
        mesh: the scene.
        cameras: K cameras.
        numbers: K pictures int [h, w], the number of the mask at each pixel; -1 for none. The same number in two views
            means nothing.
        least_views: of how many views an instance must have masks.
        weights: how much pixels count.
        near: the near clip plane of the pictures, scene units; by default that of `Renderer`.
        far: the far one.

    Raises:
        InputError: as many pictures as cameras are not there, or they are no whole numbers [h, w].
    """
    if len(numbers) != len(cameras) or len(numbers) == 0:
        raise InputError(f"numbers: {len(numbers)} for {len(cameras)} cameras; wanted one each, and one at the least")
    visibility = Visibility(mesh, weights, near, far)
    names: list[tuple[int, int]] = []
    # For each vertex and view, the mask that has most of what the view shows of it, by its place in `names`.
    holder = torch.full((len(numbers), mesh.num_vertices), _UNSEEN)
    shown = torch.zeros(len(numbers), mesh.num_vertices)
    for k, picture in enumerate(numbers):
        if picture.ndim != 2 or picture.is_floating_point() or picture.is_complex() or picture.dtype == torch.bool:
            raise InputError(f"numbers[{k}]: {picture.dtype} {list(picture.shape)}; wanted whole numbers [h, w]")
        pixels = visibility(cameras[k], (picture.shape[0], picture.shape[1]))
        of_pixel = picture.reshape(-1).cpu().long()[pixels.pixel].clamp_min(-1)
        shown[k].index_add_(0, pixels.vertex, pixels.weight)
        place, found = _holders(pixels, of_pixel, mesh.num_vertices)
        holder[k] = torch.where(place >= 0, place + len(names), place)
        names += [(k, number) for number in found]
    holder, names = _large_enough(holder, names)
    groups = [group for group in _cluster(holder, names) if len({names[i][0] for i in group}) >= least_views]
    groups.sort(key=lambda group: (-len(group), group))
    if not groups:
        return Instances(torch.full((mesh.num_vertices,), -1), (), torch.zeros(0))
    group_of = torch.full((len(names) + 2,), len(groups))  # the last two rows are for _NONE and _UNSEEN
    for number, group in enumerate(groups):
        group_of[group] = number
    votes = torch.zeros(len(groups) + 1, mesh.num_vertices)
    for k in range(len(numbers)):
        votes.scatter_add_(0, group_of[holder[k]][None], shown[k][None])
    best, of_vertex = votes[:-1].max(0)
    everything = shown.sum(0)
    of_vertex = torch.where(best > _MARKED * everything, of_vertex, -1)
    share = torch.stack(
        [(best[of_vertex == i] / everything[of_vertex == i]).mean().nan_to_num() for i in range(len(groups))]
    )
    return Instances(of_vertex, tuple(tuple(names[i] for i in group) for group in groups), share)


def _holders(pixels: VisiblePixels, of_pixel: Tensor, vertices: int) -> tuple[Tensor, list[int]]:
    """[V] the place of each vertex's mask in a list of numbers, `_NONE` or `_UNSEEN`; and that list."""
    if len(of_pixel) == 0:
        return torch.full((vertices,), _UNSEEN), []
    found, place = of_pixel.unique(return_inverse=True)
    weight = torch.zeros(vertices * len(found)).index_add_(0, pixels.vertex * len(found) + place, pixels.weight)
    most, holder = weight.view(vertices, len(found)).max(1)
    none = int(found[0] < 0)
    return torch.where(most > 0, holder - none, _UNSEEN), found[none:].tolist()


def _large_enough(holder: Tensor, names: list[tuple[int, int]]) -> tuple[Tensor, list[tuple[int, int]]]:
    """The same without masks that hold too few vertices to say anything."""
    large = torch.bincount(holder[holder >= 0], minlength=len(names)) >= _LEAST
    place = torch.where(large, large.cumsum(0) - 1, _NONE)
    place = torch.cat([place, torch.tensor([_UNSEEN, _NONE])])  # which -2 and -1 index
    return place[holder], [name for name, kept in zip(names, large.tolist(), strict=True) if kept]


def _cluster(holder: Tensor, names: list[tuple[int, int]]) -> list[list[int]]:
    """Groups of masks, from the mask that holds each vertex in each view, [K, V]."""
    if not names:
        return []
    # Vertices that all views hold alike count together.
    alike, count = holder.T.unique(dim=0, return_counts=True)
    view = torch.tensor([k for k, _ in names])
    holds = (alike[:, view] == torch.arange(len(names))).T.float()
    shows = (alike != _UNSEEN).T.float()
    observed, inside = _relations(holds, holds, shows, view, count)
    # Each view's masks are disjoint, so that at most one holds another mask whole. A mask's own view always does.
    whole = 1 - inside.sum(1) / observed.sum(1).clamp_min(1) <= _SPLIT
    groups = [[i] for i in whole.nonzero()[:, 0].tolist()]
    members = masks = holds[whole]
    observed, inside = _relations(members, masks, shows, view[whole], count)
    limit = int((observed @ observed.T).max()) if groups else 0
    while limit >= 1:
        both, held = observed @ observed.T, inside @ inside.T
        joined = (both >= limit) & (held >= _CONSENSUS * both)
        root = components(len(joined), joined.nonzero().T)
        parts = [(root == first).nonzero()[:, 0].tolist() for first in root.unique().tolist()]
        if len(parts) < len(groups):
            groups = [sorted(i for g in part for i in groups[g]) for part in parts]
            members = torch.stack([members[part].amax(0) for part in parts])
            observed, inside = _relations(members, masks, shows, view[whole], count)
        limit -= 1
    return groups


def _relations(groups: Tensor, masks: Tensor, shows: Tensor, view: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """Which views say something of each group, float [G, K], and which masks hold it there, float [G, M].

    A view says something of a group if it shows enough of it, and has masks on half of that: what it only missed says
    nothing. The others are float [G, U], [M, U] and [K, U] of U kinds of vertices, of which there are `count` each.
    """
    weighted = groups * count
    visible, common = weighted @ shows.T, weighted @ masks.T
    covered = common @ torch.nn.functional.one_hot(view, len(shows)).float()
    observed = (visible >= _OBSERVED * weighted.sum(1, keepdim=True)) & (visible > 0) & (covered >= 0.5 * visible)
    inside = (common >= _CONTAINED * covered[:, view]) & observed[:, view]
    return observed.float(), inside.float()
