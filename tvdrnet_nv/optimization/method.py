"""What the loop asks of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.renderer import Render


@dataclass(frozen=True)
class Look:
    """What an iteration saw.

    Attributes:
        orbit: the K cameras.
        loss: [K], the objective's losses.
        render: of the cameras that were rendered.
        rows: which of the K they are; None: all.
    """

    orbit: Orbit
    loss: Tensor
    render: Render
    rows: Tensor | None = None

    def sees_nothing(self, k: int) -> bool:
        """Whether camera k was rendered, and nothing of the scene was in view."""
        if self.rows is None:
            return not bool((self.render.face_ids[k] >= 0).any())
        found = (self.rows == k).nonzero()
        return bool(len(found)) and not bool((self.render.face_ids[int(found[0, 0])] >= 0).any())


class Method(Protocol):
    """Moves K cameras side by side.

    Attributes:
        lost: whether nothing told any camera where to go, in the last iteration.
        ending: why there is no next iteration; empty while there is one.
        converged: whether it ended because nothing better is near.
        ends_by_itself: whether it knows when that is so; else the losses have to tell.
    """

    lost: bool
    ending: str
    converged: bool
    ends_by_itself: bool

    def iterate(self) -> Look | None:
        """Look from the present cameras, and move them; None where they cannot be looked from."""
        ...

    def tied(self, k: int) -> bool:
        """Whether another start ended with camera k's loss at another camera."""
        ...

    def deviations(self, k: int) -> dict[str, float | list[float]] | None:
        """Standard deviations of camera k's parameters in their units, where the method knows them."""
        ...


def checked_losses(objective: Objective, render: Render) -> Tensor:
    """The objective's losses, [B].

    Raises:
        ValueError: it gave anything else.
    """
    loss = objective(render)
    cameras = (len(render.camera),)
    if not isinstance(loss, Tensor) or loss.shape != cameras:
        raise ValueError(f"the objective must return one loss per camera, a tensor of shape {list(cameras)}")
    return loss


@runtime_checkable
class Residuals(Protocol):
    """An objective that is the mean square of residuals."""

    def __call__(self, render: Render, /) -> Tensor:
        """One loss per camera."""
        ...

    def residuals(self, render: Render, /) -> Tensor:
        """[B, H, W, C], of which the loss is the mean square."""
        ...
