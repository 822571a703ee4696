"""What an objective is, and what it may offer besides.

An objective is any callable from a `Render` of B cameras to their losses, [B]; lower is better. An object may have
these members as well; each is optional, and read by the function or the protocol in brackets.

residuals(render): [B, H, W, C], of which the loss is the mean square. Levenberg-Marquardt needs them, and searches
    compare them averaged (`ResidualObjective`).
robust: a `RobustLoss` that the residuals go through instead of a square (`robust_loss`).
sees_only_colours: True where the images are all that it reads of a render, so that a search may draw a coarser mesh
    (`sees_only_colours`).
residuals_of(images): from averaged images [B, h, w, C] to their residuals, where these count at a level of a pyramid,
    instead of the averaged residuals; it reads nothing but the images (`AveragesObjective`).
images_of(render): [B, H, W, C], the images that `residuals_of` takes averaged; by default `rgba` (`images_of`).
shown(rgba): [B, H, W, 4], what it compares with its `picture` in place of colours and coverage (`shown`).
correlation_length(resolution): pixels within which residuals depend on each other because of how they are made, in
    images of (height, width) (`correlation_length`).
quick(render): [B], losses that cost less, by which a search all over a scene ranks cameras (`search_scene`).
reason_without_gradient: a sentence that says why the loss is alike for all cameras; empty where it is not
    (`reason_without_gradient`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from torch import Tensor

from tvdrnet_nv.objectives.robust import RobustLoss
from tvdrnet_nv.renderer import Render

Objective = Callable[[Render], Tensor]
"""Any callable that takes a `Render` of B cameras and returns their losses, [B]: lower is better."""


@runtime_checkable
class ResidualObjective(Protocol):
    """An objective that is the mean square of residuals; or of a robust loss of theirs, where it has one."""

    def __call__(self, render: Render, /) -> Tensor:
        """One loss per camera."""
        ...

    def residuals(self, render: Render, /) -> Tensor:
        """[B, H, W, C], of which the loss is the mean square."""
        ...


@runtime_checkable
class AveragesObjective(ResidualObjective, Protocol):
    """An objective that compares averaged images, where others have their residuals averaged."""

    def residuals_of(self, images: Tensor, /) -> Tensor:
        """[B, h, w, C] of what `images_of` gives, averaged; by default [B, h, w, 4], RGB and coverage."""
        ...


def robust_loss(objective: Objective) -> RobustLoss | None:
    """What the residuals go through instead of a square."""
    return getattr(objective, "robust", None)


def sees_only_colours(objective: Objective) -> bool:
    """Whether the images are all that it reads of a `Render`."""
    return getattr(objective, "sees_only_colours", False)


def images_of(objective: AveragesObjective, render: Render) -> Tensor:
    """[B, H, W, C]: what the objective compares once it is averaged."""
    images = getattr(objective, "images_of", None)
    return render.rgba if images is None else images(render)


def shown(objective: object, rgba: Tensor) -> Tensor:
    """[B, H, W, 4]: what the objective's picture is compared with of images [B, H, W, 4]: mostly these themselves."""
    made = getattr(objective, "shown", None)
    return rgba if made is None else made(rgba)


def correlation_length(objective: Objective, resolution: tuple[int, int]) -> float:
    """Pixels within which the objective makes residuals depend on each other; 1 where each is of its own pixel."""
    length = getattr(objective, "correlation_length", None)
    return 1.0 if length is None else length(resolution)


def reason_without_gradient(objective: Objective) -> str:
    """Why the loss is alike for all cameras, in one sentence; empty where it is not."""
    return getattr(objective, "reason_without_gradient", "")


def checked_losses(objective: Objective, render: Render) -> Tensor:
    """The objective's losses, [B].

    Raises:
        ValueError: it gave anything else.
    """
    loss = objective(render)
    cameras = (len(render),)
    if not isinstance(loss, Tensor) or loss.shape != cameras:
        raise ValueError(f"the objective must return one loss per camera, a tensor of shape {list(cameras)}")
    return loss
