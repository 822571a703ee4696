"""How an image changes with a handful of numbers: forward mode, a tangent for each."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
import torch.autograd.forward_ad as forward_ad
from torch import Tensor

from tvdrnet_nv.ops.forward_mode import LOCK

_STEP = 1e-3  # of central differences: a tenth of a pixel or so


def image_jacobian(
    image: Callable[[Tensor, Tensor], Tensor], x: Tensor, rows: Tensor, *, forward_mode: bool
) -> tuple[Tensor, Tensor]:
    """Images and their derivatives.

    Args:
        image: from x [N, P] and the start that each row belongs to, [N], to images [N, H, W, C].
        x: [K, P].
        rows: [K] int64.
        forward_mode: whether `image` has forward-mode derivatives; otherwise central differences are taken.

    Returns:
        The images [K, H, W, C] and the Jacobian [K, P, H, W, C], without a graph.
    """
    count, parameters = x.shape
    directions = torch.eye(parameters, dtype=x.dtype, device=x.device).repeat(count, 1)
    many, owners = x.repeat_interleave(parameters, 0), rows.repeat_interleave(parameters, 0)
    with torch.no_grad():
        if forward_mode:
            with LOCK, forward_ad.dual_level():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)  # torch's own, about its first use of this
                    dual = forward_ad.make_dual(many, directions)
                values, tangents = forward_ad.unpack_dual(image(dual, owners))
            if tangents is None:
                tangents = torch.zeros_like(values)
            return values[::parameters], tangents.unflatten(0, (count, parameters))
        ahead, behind = image(many + _STEP * directions, owners), image(many - _STEP * directions, owners)
        return image(x, rows), ((ahead - behind) / (2 * _STEP)).unflatten(0, (count, parameters))
