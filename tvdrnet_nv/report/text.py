"""How numbers read in captions and summaries."""

from __future__ import annotations

from tvdrnet_nv.camera import Camera, Mount, Orbit


def number(value: float) -> str:
    """Four significant digits, also for scenes in millimetres and losses near zero: 6.000, -0.4200, 1.234e-06."""
    return f"{value:#.4g}"


def angle(degrees: float) -> str:
    """Degrees with one decimal, never "-0.0°"."""
    return f"{round(degrees, 1) + 0.0:.1f}°"


def point(values: list[float]) -> str:
    """Coordinates in brackets: (1.500, -0.2000, 3.000)."""
    return f"({', '.join(number(value) for value in values)})"


def camera_fields(viewpoint: Orbit | Camera, *, fov: bool = False) -> list[str]:
    """TVDRNet's D / E / A of one orbit; of one camera its position P, E / A and roll R; and the field of view."""
    if isinstance(viewpoint, Orbit):
        orbit, roll = viewpoint, []
        where = f"D {number(viewpoint.distance.item())}"
    else:
        mount = Mount(viewpoint, 1.0)
        orbit, roll = mount.orbits, [f"R {angle(mount.roll.item())}"]
        where = f"P {point(viewpoint.position[0].tolist())}"
    fields = [where, f"E {angle(orbit.elevation.item())}", f"A {angle(orbit.azimuth.item())}", *roll]
    return [*fields, f"FoV {angle(viewpoint.fov.item())}"] if fov else fields
