"""How numbers read in captions and summaries."""

from __future__ import annotations

from tvdrnet_nv.camera import Orbit


def number(value: float) -> str:
    """Four significant digits, also for scenes in millimetres and losses near zero: 6.000, -0.4200, 1.234e-06."""
    return f"{value:#.4g}"


def angle(degrees: float) -> str:
    """Degrees with one decimal, never "-0.0°"."""
    return f"{round(degrees, 1) + 0.0:.1f}°"


def orbit_fields(orbit: Orbit, *, fov: bool = False) -> list[str]:
    """TVDRNet's D / E / A of an orbit of one camera, with the field of view when asked for."""
    fields = [
        f"D {number(orbit.distance.item())}",
        f"E {angle(orbit.elevation.item())}",
        f"A {angle(orbit.azimuth.item())}",
    ]
    return [*fields, f"FoV {angle(orbit.fov.item())}"] if fov else fields
