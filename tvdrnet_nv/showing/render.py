"""A render as a screen shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from tvdrnet_nv.showing.images import contact_sheet

if TYPE_CHECKING:
    from tvdrnet_nv.render import Render


def render_picture(render: Render, most: int = 8) -> np.ndarray:
    """`uint8 [H, W, 3]`: what the cameras see, as a screen shows it; of several the first `most`, side by side."""
    images = (255 * render.rgb[:most].detach().clamp(0, 1)).round().to(torch.uint8).cpu().numpy()
    return images[0] if len(images) == 1 else contact_sheet(list(images))
