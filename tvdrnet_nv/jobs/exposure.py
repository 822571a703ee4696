"""What a light is multiplied by, as a job's field has it."""

from __future__ import annotations

import math

from tvdrnet_nv.errors import InputError

AUTO = "auto"


def parse_exposure(value: str | float) -> float | None:
    """What the light is multiplied by, of a number or its text; None for "auto": by what the scene's colours need.

    Raises:
        InputError: something else.
    """
    if value == AUTO:
        return None
    try:
        exposure = float(value)
    except (TypeError, ValueError):
        exposure = math.nan
    if isinstance(value, bool) or not (math.isfinite(exposure) and exposure > 0):
        raise InputError(f"`light_exposure` {value}: wanted auto, or a number above 0")
    return exposure
