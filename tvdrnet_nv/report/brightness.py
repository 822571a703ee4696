"""Whether a view is too bright to be shown: colours above 1 are drawn as white."""

from __future__ import annotations

import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.renderer import Renderer, shrunk

_SIZE = 128  # pixels along the shorter side, at most
_MUCH = 0.1  # share of what is seen; a scan's highlights are less


def brightness_note(renderer: Renderer, camera: Camera) -> str | None:
    """A sentence on a view of which a tenth or more of the scene is drawn as white, though it is not; None otherwise.

    Args:
        renderer: of the scene; its resolution gives the picture's shape.
        camera: one camera, on the renderer's device.
    """
    dimmed = renderer.light.dimmed(renderer.mesh.brightest)
    if renderer.light.is_none or dimmed.exposure >= renderer.light.exposure:
        return None
    with torch.no_grad():
        render = renderer.at_resolution(shrunk(renderer.resolution, _SIZE))(camera)
        seen = render.face_ids[0] >= 0
        white = (render.rgb[0] > 1).all(-1) & seen
    share = float(white.sum() / seen.sum().clamp_min(1))
    if share < _MUCH:
        return None
    return (
        f"{share:.0%} of what is seen is brighter than 1 and drawn as white: `light_exposure` auto gives the "
        f"light an exposure of {dimmed.exposure:.2g}, `lighting` none draws the colours as they are"
    )
