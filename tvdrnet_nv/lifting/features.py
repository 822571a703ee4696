"""Feature maps of pictures as features of a scene's vertices."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.visibility import PixelWeights, Visibility
from tvdrnet_nv.mesh import Mesh

_BYTES = 2**26  # of one block of channels of the result


def lift_features(
    mesh: Mesh,
    cameras: Camera,
    maps: Iterable[Tensor],
    resolution: tuple[int, int] = (480, 640),
    *,
    weights: PixelWeights | None = None,
    near: float | None = None,
    far: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The weighted mean of what K feature maps have at the pixels that show each vertex, as OpenScene fuses them (Peng
    et al. 2023), with exact visibility in place of sensor depth.

    Maps are usually much coarser than pictures: each is read between its four nearest values (bilinear, its outer
    values beyond their centres), at the pixels of a picture of `resolution`. No map is ever enlarged: each vertex's
    weights of the map's values are a sparse matrix. Beside the result, memory is one map and 64 MiB.

    Args:
        mesh: the scene.
        cameras: K cameras.
        maps: K tensors [h, w, C] float, of any sizes but the same C, one after the other; a generator will do.
        resolution: (height, width) of the pictures in which visibility is found.
        weights: how much pixels count.
        near: the near clip plane of the pictures, scene units; by default that of `Renderer`.
        far: the far one.

    Returns:
        float32 [V, C], NaN where no view shows a vertex; and float32 [V], the sum of the pixels' weights.

    Raises:
        InputError: as many maps as cameras are not there, another shape, or values that are not finite.
    """
    visibility = Visibility(mesh, weights, near, far)
    total, weight, count = torch.empty(mesh.num_vertices, 0), torch.zeros(mesh.num_vertices), 0
    for count, values in enumerate(maps, 1):
        if count > len(cameras):
            break
        if values.ndim != 3 or 0 in values.shape or (count > 1 and values.shape[2] != total.shape[1]):
            wanted = "[h, w, C]" if count == 1 else f"[h, w, {total.shape[1]}]"
            raise InputError(f"maps[{count - 1}]: {list(values.shape)}; wanted {wanted}")
        if not bool(values.isfinite().all()):
            raise InputError(f"maps[{count - 1}]: some values are NaN or infinite")
        if count == 1:
            total = torch.zeros(mesh.num_vertices, values.shape[2])
        pixels = visibility(cameras[count - 1], resolution)
        weight.index_add_(0, pixels.vertex, pixels.weight)
        rows, shares = _bilinear(pixels.pixel, resolution, (values.shape[0], values.shape[1]))
        _add_product(total, pixels.vertex, rows, shares * pixels.weight[:, None], values.flatten(0, 1).cpu())
    if count != len(cameras):
        raise InputError(
            f"maps: {'more' if count > len(cameras) else count} for {len(cameras)} cameras; wanted one each"
        )
    total /= weight.clamp_min(1e-30)[:, None]
    total[weight == 0] = torch.nan
    return total, weight


def _bilinear(pixel: Tensor, resolution: tuple[int, int], size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """int64 [P, 4], rows of the flattened map, and float32 [P, 4], their shares, at pixels' centres."""
    places = []
    for index, pixels, values in (
        (pixel // resolution[1], resolution[0], size[0]),
        (pixel % resolution[1], resolution[1], size[1]),
    ):
        at = ((index + 0.5) * (values / pixels) - 0.5).clamp(0, values - 1)
        low = at.long().clamp(max=max(values - 2, 0))
        places.append((low, (low + 1).clamp(max=values - 1), at - low))
    (top, bottom, down), (left, right, across) = places
    rows = torch.stack(
        [top * size[1] + left, top * size[1] + right, bottom * size[1] + left, bottom * size[1] + right], 1
    )
    shares = torch.stack([(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across], 1)
    return rows, shares.float()


def _add_product(total: Tensor, vertex: Tensor, rows: Tensor, shares: Tensor, values: Tensor) -> None:
    """Add to total [V, C] the shares [P, 4] of the rows [P, 4] of values [N, C], each to its vertex [P]."""
    keys = (vertex[:, None] * len(values) + rows).flatten()
    keys, place = keys.unique(return_inverse=True)
    share = torch.zeros(len(keys)).index_add_(0, place, shares.flatten())
    to, source = keys // len(values), keys % len(values)
    seen, sizes = to.unique_consecutive(return_counts=True)
    block = max(1, _BYTES // (4 * max(len(keys), 1)))
    for first in range(0, values.shape[1], block):
        part = values[:, first : first + block].float()[source] * share[:, None]
        total[seen, first : first + block] += torch.segment_reduce(part, "sum", lengths=sizes)
