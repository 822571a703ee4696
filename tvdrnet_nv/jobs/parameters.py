"""The parameters that a job names."""

from __future__ import annotations

from collections.abc import Sequence

from tvdrnet_nv.camera.parameters import PARAMETERS, POSE_DEFAULT, POSE_PARAMETERS
from tvdrnet_nv.errors import InputError


def parse_parameters(names: str | Sequence[str]) -> tuple[str, ...]:
    """The names in "distance,elevation" or ("pose", "focal"), each known, named once, and of one kind: orbit or pose.

    Raises:
        InputError: they are not.
    """
    if not isinstance(names, (str, Sequence)) or not all(isinstance(name, str) for name in names):
        raise InputError(f"`parameters` {names}: wanted names, in a list or in a text between commas")
    given = names.replace(" ", "").split(",") if isinstance(names, str) else list(names)
    found = tuple(name for short in given for name in (POSE_DEFAULT if short == "pose" else (short,)))
    text = f"`parameters` {names if isinstance(names, str) else ','.join(names)}"
    if not found:
        raise InputError(f"{text}: is empty")
    for name in found:
        if name not in PARAMETERS + POSE_PARAMETERS:
            known = f"{','.join(PARAMETERS)}, or from pose,{','.join(POSE_PARAMETERS)}"
            raise InputError(f"{text}: unknown parameter {name!r}; choose from {known}")
    if len(set(found)) < len(found):
        raise InputError(f"{text}: a parameter is named twice")
    if set(found) & set(PARAMETERS) and is_pose(found):
        raise InputError(
            f"{text}: mixes an orbit's parameters ({','.join(PARAMETERS)}) with a pose's "
            f"(pose,{','.join(POSE_PARAMETERS)}); choose from one of the two"
        )
    return found


def written(names: str | Sequence[str] | None) -> str:
    """The names as the user wrote them."""
    return names if isinstance(names, str) else ",".join(names or ())


def is_pose(names: Sequence[str]) -> bool:
    """Whether a pose's parameters are among the names."""
    return bool(set(names) & set(POSE_PARAMETERS))
