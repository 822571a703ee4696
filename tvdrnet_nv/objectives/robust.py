"""Robust losses of residuals: outlier pixels, such as somebody in the way, count less."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from tvdrnet_nv.choices import Robust

KINDS = tuple(kind for kind in Robust if kind != Robust.none)
SCALE = 0.1  # of values in [0, 1]


@dataclass(frozen=True)
class RobustLoss:
    """rho(r), which is r² where r is much smaller than the scale c, and its weights rho'(r) / 2r.

    huber: r² up to c, then 2c|r| - c² (Huber, "Robust Estimation of a Location Parameter", 1964). geman-mcclure:
    r² / (1 + r²/c²), bounded by c² (Geman and McClure, "Statistical Methods for Tomographic Image Reconstruction",
    1987).

    Attributes:
        kind: one of `KINDS`.
        scale: c, in units of the residuals.
    """

    kind: str = "geman-mcclure"
    scale: float = SCALE

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"robust must be one of {', '.join(KINDS)}, or None; got {self.kind!r}")
        if not self.scale > 0:
            raise ValueError(f"scale must be positive; got {self.scale}")

    def loss(self, residuals: Tensor, scale: Tensor | float | None = None) -> Tensor:
        """rho of each residual, at another scale where one is given."""
        c = self.scale if scale is None else scale
        squared = residuals.square()
        if self.kind == "huber":
            size = residuals.abs()
            return squared.where(size <= c, 2 * c * size - c**2)
        return squared / (1 + squared / c**2)

    def weights(self, residuals: Tensor, scale: Tensor | float | None = None) -> Tensor:
        """What a least-squares step weighs each residual by, so that its gradient is the loss's: in (0, 1]."""
        c = self.scale if scale is None else scale
        if self.kind == "huber":
            return c / residuals.abs().clamp_min(c)
        return (1 + residuals.square() / c**2).reciprocal().square()
