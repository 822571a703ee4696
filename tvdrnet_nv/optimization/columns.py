"""The columns of an optimiser's step: one for each number of each parameter that moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from torch import Tensor

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.camera.parameters import ORBIT, POSE, parameter, widths


def checked_names(names: Sequence[str] | None, start: Viewpoint) -> tuple[str, ...]:
    """The names of the parameters that move, in the table's order; None: those that move by default.

    Raises:
        TypeError: one text, or something else, instead of a sequence of names.
        ValueError: a name is unknown, of another kind of viewpoint, or stands twice; or there is none.
    """
    if names is None:
        return start.moves_by_default
    if isinstance(names, str):
        split = tuple(names.replace(",", " ").split()) or ("distance",)
        raise TypeError(f"parameters must be a sequence of names, such as {split!r}; got the text {names!r}")
    if not isinstance(names, Iterable):
        raise TypeError(f"parameters must be a sequence of names; got {type(names).__name__}")
    names = tuple(names)
    mine = [p.name for p in start.parameters]
    for name in names:
        if name not in mine and name in (p.name for p in ORBIT + POSE):
            raise ValueError(
                f"{name!r} is not a parameter of {type(start).__name__}, which has {', '.join(mine)}; "
                f"start from {'a Camera' if start.parameters is ORBIT else 'an Orbit'} to move it"
            )
        if name not in mine:
            raise ValueError(f"unknown parameter {name!r}; choose from {', '.join(mine)}")
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"parameters must be one or more different names; got {', '.join(names) or 'none'}")
    return tuple(name for name in mine if name in names)


def column(names: tuple[str, ...], numbers: Mapping[str, float], like: Tensor) -> Tensor:
    """[P]: each parameter's number, once for each of its columns; of the dtype and device of `like`."""
    return like.new_tensor([numbers[n] for n, width in zip(names, widths(names), strict=True) for _ in range(width)])


def rates(names: tuple[str, ...], like: Tensor) -> Tensor:
    """[P]: the table's rates."""
    return column(names, {name: parameter(name).rate for name in names}, like)


def limits_of(name: str, start: Tensor, unit: float = 1.0) -> tuple[float, float]:
    """The table's limits of a parameter, times `unit`; `widened` to the starts' values [K, …] where they are wide."""
    row = parameter(name)
    low, high = (limit * unit for limit in row.limits)
    return widened((low, high), start) if row.wide else (low, high)


def widened(limits: tuple[float, float], start: Tensor) -> tuple[float, float]:
    """The limits, reaching as far as the starts [K, …] do."""
    return min(limits[0], float(start.min())), max(limits[1], float(start.max()))


def by_name(names: tuple[str, ...], values: Tensor) -> dict[str, float | list[float]]:
    """[P] as plain values by name: a number, or a list of three or two."""
    parts = zip(names, values.split(widths(names)), strict=True)
    return {name: float(part) if len(part) == 1 else part.tolist() for name, part in parts}
