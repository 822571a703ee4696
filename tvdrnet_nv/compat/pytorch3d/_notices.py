"""What a program should know once about where this package differs from PyTorch3D."""

from __future__ import annotations

import warnings

_said: set[str] = set()

SOFT = (
    "tvdrnet_nv: the soft shaders antialias the nearest surface instead of blurring faces; the gradient of visibility "
    "comes through the silhouettes, and BlendParams.sigma and gamma have no effect; "
    "RasterizationSettings(exact=True) or TVDRNET_NV_EXACT=1 blurs (docs/pytorch3d.md)"
)
BLUR = (
    "tvdrnet_nv: RasterizationSettings.blur_radius has no effect; pixels are covered where their centre is inside a "
    "face; RasterizationSettings(exact=True) or TVDRNET_NV_EXACT=1 blurs (docs/pytorch3d.md)"
)


def say_once(message: str) -> None:
    """Warn (UserWarning) the first time in this process that it comes to this."""
    if message not in _said:
        _said.add(message)
        warnings.warn(message, UserWarning, stacklevel=3)


def forget() -> None:
    """Warn again, as a new process would."""
    _said.clear()
