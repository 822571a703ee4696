"""What the loop asks of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from tvdrnet_nv.camera import Viewpoint


@dataclass(frozen=True)
class Level:
    """What an iteration was to a method that compares images at several sizes.

    Attributes:
        pixels: along the shorter side of the images that were compared.
        accepted: [K] bool, on the host: whether the method goes on from this camera. False for a step that was refused,
            for a camera that stays where it is, and for one that is left behind.
    """

    pixels: int
    accepted: Tensor


@dataclass(frozen=True)
class Evaluation:
    """The cameras of an iteration and their losses: tensors, so that nothing has to wait for the device.

    Attributes:
        viewpoint: the K cameras.
        loss: [K], the objective's losses.
        has_gradient: [K] bool, whether each camera's loss has a gradient.
        level: of a method that has levels.
    """

    viewpoint: Viewpoint
    loss: Tensor
    has_gradient: Tensor
    level: Level | None = None


class Method(Protocol):
    """Moves K cameras side by side.

    Attributes:
        ending: why there is no next iteration; empty while there is one.
        converged: whether it ended because nothing better is near.
        ends_by_itself: whether it detects that, for which it waits for the device; else the losses show it later, and
            iterations follow one another without waiting.
    """

    ending: str
    converged: bool
    ends_by_itself: bool

    @property
    def candidates(self) -> Any:
        """The best viewpoints that its first search looked at, at most 8, the best first; None without a search."""
        ...

    def iterate(self) -> Evaluation:
        """Evaluate the present cameras, and move them."""
        ...

    def parameters_at_limit(self, viewpoint: Any) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        ...

    def deviations(self, k: int) -> dict[str, float | list[float]] | None:
        """Standard deviations of camera k's parameters in their units, where the method knows them."""
        ...
