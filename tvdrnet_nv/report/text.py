"""How numbers read in captions and summaries."""

from __future__ import annotations

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.camera.parameters import ORBIT, POSE, parameter


def number(value: float) -> str:
    """Four significant digits, also for scenes in millimetres and losses near zero: 6.000, -0.4200, 1.234e-06."""
    return f"{value:#.4g}"


def angle(degrees: float) -> str:
    """Degrees with one decimal, never "-0.0°"."""
    return f"{round(degrees, 1) + 0.0:.1f}°"


def point(values: list[float]) -> str:
    """Coordinates in brackets: (1.500, -0.2000, 3.000), and (458203.600, …) where four digits would say nothing."""
    return f"({', '.join(number(value) if abs(value) < 10_000 else f'{value:.3f}' for value in values)})"


def value(name: str, numbers: float | list[float]) -> str:
    """One entry of `Viewpoint.describe`: an angle, a length, or a point in brackets."""
    if isinstance(numbers, list):
        return point(numbers)
    return angle(numbers) if name == "roll" or parameter(name).unit == "degrees" else number(numbers)


def camera_fields(viewpoint: Viewpoint, *, fov: bool = False) -> list[str]:
    """TVDRNet's D / E / A of one orbit; of one camera its position P, E / A and roll R; and the field of view."""
    symbols = {p.name: p.symbol for p in (*ORBIT, *POSE)} | {"roll": "R"}
    hidden = {"at"} if fov else {"at", "fov"}
    return [
        f"{symbols[name]} {value(name, numbers)}"
        for name, numbers in viewpoint.describe().items()
        if symbols[name] and name not in hidden
    ]
