"""What the loop asks of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.renderer import Render


@dataclass(frozen=True)
class Look:
    """What an iteration saw: tensors, so that nothing has to wait for the device.

    Attributes:
        viewpoint: the K cameras.
        loss: [K], the objective's losses.
        told: [K] bool, which cameras were told where to go.
    """

    viewpoint: Viewpoint
    loss: Tensor
    told: Tensor


class Method(Protocol):
    """Moves K cameras side by side.

    Attributes:
        ending: why there is no next iteration; empty while there is one.
        converged: whether it ended because nothing better is near.
        ends_by_itself: whether it knows when that is so, and waits for the device to know it; else the losses have to
            tell, and iterations may follow one another without a word from the device.
    """

    ending: str
    converged: bool
    ends_by_itself: bool

    def iterate(self) -> Look:
        """Look from the present cameras, and move them."""
        ...

    def at_limits(self, viewpoint: Any) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
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
    """An objective that is the mean square of residuals; or of a `robust` loss of theirs, where it has one."""

    def __call__(self, render: Render, /) -> Tensor:
        """One loss per camera."""
        ...

    def residuals(self, render: Render, /) -> Tensor:
        """[B, H, W, C], of which the loss is the mean square."""
        ...
