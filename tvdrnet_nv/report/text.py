"""How numbers read in captions and summaries."""

from __future__ import annotations

from tvdrnet_nv.camera import OrbitFrame, Viewpoint
from tvdrnet_nv.camera.parameters import ORBIT, parameter


def number(value: float) -> str:
    """Four significant digits, also for scenes in millimetres and losses near zero: 6.000, -0.4200, 1.234e-06."""
    return f"{value:#.4g}"


def angle(degrees: float) -> str:
    """Degrees with one decimal, never "-0.0°"."""
    return f"{round(degrees, 1) + 0.0:.1f}°"


def point(values: list[float]) -> str:
    """Coordinates in brackets: (1.500, -0.2000, 3.000)."""
    return f"({', '.join(number(value) for value in values)})"


def camera_fields(viewpoint: Viewpoint, *, fov: bool = False) -> list[str]:
    """TVDRNet's D / E / A of one orbit; of one camera its position P, E / A and roll R; and the field of view."""
    frame = OrbitFrame(viewpoint, 1.0)
    orbit = frame.orbits
    if viewpoint.parameters is ORBIT:
        where, roll = f"D {number(orbit.distance.item())}", []
    else:
        where, roll = f"P {point(viewpoint.camera().position[0].tolist())}", [f"R {angle(frame.roll.item())}"]
    angles = {"elevation": orbit.elevation, "azimuth": orbit.azimuth} | ({"fov": orbit.fov} if fov else {})
    shown = [f"{parameter(name).symbol} {angle(value.item())}" for name, value in angles.items()]
    return [where, *shown[:2], *roll, *shown[2:]]
