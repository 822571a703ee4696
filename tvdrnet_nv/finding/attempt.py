"""An attempt to find a picture's camera, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer


@dataclass(frozen=True)
class Attempt:
    """What was tried, and how it came out.

    Attributes:
        what: in words.
        quality: of its result, in [0, 1].
        seconds: wall time; that of the looks since the last attempt counts as well, such as whether colours may fit.
    """

    what: str
    quality: float
    seconds: float

    @property
    def facts(self) -> dict[str, str | float]:
        """As plain values, of which `Attempt(**facts)` is the same but for rounding."""
        return {"what": self.what, "quality": self.quality, "seconds": round(self.seconds, 3)}

    def __str__(self) -> str:
        return f"{self.what}: quality {self.quality:.2f}, {self.seconds:.1f} s"


@dataclass(frozen=True)
class Found:
    """The best attempt.

    Attributes:
        result: of its last optimisation; its `seconds` are those of all attempts.
        renderer: the scene in the light that explained the picture best.
        attempts: each attempt, how well it explained the picture, and how long it took.
        stopped: whether Ctrl-C or the callback ended the attempts, in this one or a later one.
    """

    result: Result[Any]
    renderer: Renderer
    attempts: tuple[Attempt, ...]
    stopped: bool = False
