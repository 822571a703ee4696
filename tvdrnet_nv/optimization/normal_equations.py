"""What a Gauss-Newton step is made of: the loss, and the residuals' products with their Jacobian."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.objectives.objective import AveragesObjective, ResidualObjective, images_of
from tvdrnet_nv.objectives.robust import RobustLoss
from tvdrnet_nv.ops.forward_mode import LOCK
from tvdrnet_nv.optimization.jacobian import image_jacobian
from tvdrnet_nv.optimization.pyramid import averaged
from tvdrnet_nv.renderer import Render, Renderer


def averaged_residuals(objective: ResidualObjective, render: Render, square: int) -> Tensor:
    """[B, h, w, C]: the residuals at a level of the pyramid: averaged over squares, or those of averaged images."""
    if isinstance(objective, AveragesObjective):
        return objective.residuals_of(averaged(images_of(objective, render), square))
    return averaged(objective.residuals(render), square)


def residuals_and_jacobian(
    objective: ResidualObjective,
    renderer: Renderer,
    square: int,
    camera: Callable[[Tensor, Tensor], Camera],
    here: Tensor,
    rows: Tensor,
    *,
    forward_mode: bool,
) -> tuple[Tensor, Tensor]:
    """[A, N] and [A, P, N]: the residuals of A cameras at a level, and their derivatives by P steps.

    Args:
        objective: what is compared.
        renderer: draws the cameras.
        square: the side of the squares that are averaged, in pixels.
        camera: from steps [N, P] and their owners [N] to cameras.
        here: [A, P], zeros.
        rows: [A], the owners of the cameras.
        forward_mode: whether renders have derivatives in forward mode; otherwise differences are taken.
    """
    if not isinstance(objective, AveragesObjective):

        def residuals(step: Tensor, owners: Tensor) -> Tensor:
            return averaged(objective.residuals(renderer(camera(step, owners))), square)

        values, jacobian = image_jacobian(residuals, here, rows, forward_mode=forward_mode)
        return values.flatten(1), jacobian.flatten(2)

    def image(step: Tensor, owners: Tensor) -> Tensor:
        return averaged(images_of(objective, renderer(camera(step, owners))), square)

    images, tangents = image_jacobian(image, here, rows, forward_mode=forward_mode)
    # What follows the images costs more than they do, so it takes each image once, with all its tangents.
    with torch.no_grad():

        def along(image: Tensor, tangent: Tensor) -> tuple[Tensor, Tensor]:
            both = torch.func.jvp(objective.residuals_of, (image,), (tangent,))
            return both[0], both[1]

        # For each tangent; the images' own residuals are computed once.
        each = torch.func.vmap(along, in_dims=(None, 0), out_dims=(None, 0))  # pyright: ignore[reportArgumentType]
        with LOCK:
            values, jacobian = each(images, tangents.movedim(1, 0))
    return values.flatten(1), jacobian.movedim(0, 1).flatten(2)


def normal_equations(
    residuals: Tensor, jacobian: Tensor, robust: RobustLoss | None, scale: Tensor | float | None
) -> Tensor:
    """[A, 1 + P + P²] float64: the loss, J^T W r, and J^T W J.

    The weights W are 1, but for a robust loss: iteratively reweighted least squares (Holland and Welsch 1977).
    """
    r, j = residuals, jacobian
    if robust is None:
        loss, weighted = r.square(), j
    else:
        loss, weighted = robust.loss(r, scale), j * robust.weights(r, scale)[:, None]
    loss, r, j, weighted = loss.mean(1, keepdim=True).double(), r.double(), j.double(), weighted.double()
    return torch.cat([loss, (weighted @ r[:, :, None])[:, :, 0], (weighted @ j.mT).flatten(1)], 1)
