"""The camera parameters that can be optimised: those of an orbit, and those of a camera that goes anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit

PARAMETERS = ("distance", "elevation", "azimuth", "fov", "at")
POSE_PARAMETERS = ("rotation", "position", "focal", "principal")
_WIDTHS = {"at": 3, "rotation": 3, "position": 3, "principal": 2}

ELEVATION_LIMITS = (-90.0, 90.0)
FOV_LIMITS = (5.0, 150.0)
PRINCIPAL_LIMITS = (-1.0, 1.0)  # within the image, were it square


def default_parameters(start: Orbit | Camera) -> tuple[str, ...]:
    """What moves where nothing is said."""
    return PARAMETERS[:3] if isinstance(start, Orbit) else POSE_PARAMETERS[:2]


def check_parameters(names: Sequence[str], start: Orbit | Camera) -> tuple[str, ...]:
    """Return the names in the order of `PARAMETERS`, or `POSE_PARAMETERS` for a `Camera`, or say which is wrong."""
    mine, others = (PARAMETERS, POSE_PARAMETERS) if isinstance(start, Orbit) else (POSE_PARAMETERS, PARAMETERS)
    for name in names:
        if name in others:
            raise ValueError(
                f"{name!r} is no parameter of {type(start).__name__}, which has {', '.join(mine)}; "
                f"start from {'a Camera' if isinstance(start, Orbit) else 'an Orbit'} to move it"
            )
        if name not in mine:
            raise ValueError(f"unknown parameter {name!r}; choose from {', '.join(mine)}")
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"parameters must be one or more different names; got {', '.join(names) or 'none'}")
    return tuple(name for name in mine if name in names)


def widths(names: tuple[str, ...]) -> list[int]:
    """How many numbers each parameter has."""
    return [_WIDTHS.get(name, 1) for name in names]


def widened(limits: tuple[float, float], start: Tensor) -> tuple[float, float]:
    """The limits, reaching as far as the starts [K] do."""
    return min(limits[0], float(start.min())), max(limits[1], float(start.max()))


def column(names: tuple[str, ...], numbers: dict[str, float], like: Tensor) -> Tensor:
    """[P]: each parameter's number, once for each of its own numbers."""
    return like.new_tensor([numbers[n] for n, width in zip(names, widths(names), strict=True) for _ in range(width)])


def by_name(names: tuple[str, ...], values: Tensor) -> dict[str, float | list[float]]:
    """[P] as plain values by name: a number, or a list of three or two."""
    parts = zip(names, values.split(widths(names)), strict=True)
    return {name: float(part) if name not in _WIDTHS else part.tolist() for name, part in parts}
