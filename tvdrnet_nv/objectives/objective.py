"""What an objective is."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from tvdrnet_nv.renderer import Render

Objective = Callable[[Render], Tensor]
"""Any callable that takes a `Render` of B cameras and returns their losses, [B]: lower is better."""
