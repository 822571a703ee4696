"""Checks of the ops' arguments: what is wrong is said by name, before any kernel runs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops.backends import DEVICE_TYPES, backend_of

FLOATS = (torch.float32, torch.float64)
INT32 = (torch.int32,)
MOST_TRIANGLES = (2**31 - 1) // 3
"""Triangles' corners are counted in int32."""
_UNCOUNTED = f"their corners are counted in int32, so that there may be {MOST_TRIANGLES} at most"

Shape = tuple[int | str, ...]


def describe(value: object) -> str:
    """What came in, for an error message."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)} on {value.device}"
    return f"{type(value).__name__} {value!r}"


def names_of(dtypes: tuple[torch.dtype, ...]) -> str:
    """Dtypes for an error message."""
    return " or ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)


def _matches(shape: torch.Size, pattern: Shape) -> bool:
    return len(shape) == len(pattern) and all(
        isinstance(want, str) or have == want for have, want in zip(shape, pattern, strict=True)
    )


def check_tensor(
    name: str, value: object, *shapes: Shape, dtypes: tuple[torch.dtype, ...], device: torch.device | None = None
) -> Tensor:
    """Return `value`, contiguous, or say what is wrong with it; see `_checked`."""
    return _checked(name, value, *shapes, dtypes=dtypes, device=device).contiguous()


def _checked(
    name: str, value: object, *shapes: Shape, dtypes: tuple[torch.dtype, ...], device: torch.device | None = None
) -> Tensor:
    """Return `value` as it is, or say what is wrong with it.

    Args:
        name: the argument's name, for the message.
        value: what the caller passed.
        shapes: the accepted shapes; a number must match, a letter stands for any size.
        dtypes: the accepted dtypes.
        device: the device that the tensor must be on; `None` accepts all that have a backend.

    Raises:
        TypeError: not a tensor, or of another dtype.
        ValueError: of another shape, or on another device.
    """
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor; got {describe(value)}")
    if value.dtype not in dtypes:
        raise TypeError(f"{name} must be {names_of(dtypes)}; got {describe(value)}")
    if not any(_matches(value.shape, s) for s in shapes):
        wanted = " or ".join("[" + ", ".join(map(str, s)) + "]" for s in shapes)
        raise ValueError(f"{name} must have shape {wanted}; got {describe(value)}")
    if device is not None and value.device != device:
        raise ValueError(f"{name} must be on {device} like the first tensor; got {describe(value)}")
    if value.device.type not in DEVICE_TYPES:
        kinds = " or ".join(kind.upper() for kind in DEVICE_TYPES)
        raise ValueError(f"{name} must be on a {kinds} device; got {describe(value)}")
    return value


def check_dtype(name: str, value: Tensor, like: str, dtype: torch.dtype) -> None:
    """Two float arguments must agree in precision."""
    if value.dtype != dtype:
        raise TypeError(f"{name} must be {str(dtype).removeprefix('torch.')} like {like}; got {describe(value)}")


def check_triangles(
    tri: object, device: torch.device | None = None, most: int = MOST_TRIANGLES, why: str = _UNCOUNTED
) -> Tensor:
    """Return `tri`, int32 [F, 3], contiguous, whose indices may be anything.

    Args:
        tri: what the caller passed.
        device: where it must be; `None` accepts all that have a backend.
        most: how many triangles there may be.
        why: what is said of more.

    Raises:
        TypeError: not a tensor, or not int32.
        ValueError: of another shape, on another device, or too many.
    """
    faces = _checked("tri", tri, ("F", 3), dtypes=INT32, device=device)
    if len(faces) > most:
        raise InputError(f"tri has {len(faces)} triangles; {why}")  # a scene that a user may well have
    return faces.contiguous()


def check_faces(tri: object, vertices: int, device: torch.device, *limit: Any) -> Tensor:
    """Return `tri`, int32 [F, 3], with every index below `vertices`; `IndexError` is a `ValueError` here. `limit`: see
    `check_triangles`."""
    faces = check_triangles(tri, device, *limit)
    backend = backend_of(faces)
    if backend.checks_indices:
        low, high = backend.function("index_range")(faces)
        if low < 0 or high >= vertices:
            bad = low if low < 0 else high
            raise ValueError(
                f"tri holds the vertex index {bad}, but there are {vertices} vertices (0 to {vertices - 1})"
            )
    return faces


def check_rast(rast: object, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return `rast`, [B, H, W, 4], as `rasterize` gives it; its ids are looked at by the
    backends that check indices."""
    checked = check_tensor("rast", rast, ("B", "H", "W", 4), dtypes=FLOATS, device=device)
    check_dtype("rast", checked, "the first tensor", dtype)
    return checked


def wrong_ids(triangles: int) -> ValueError:
    """What a backend that checks indices raises where an id of `rast` names no triangle."""
    return ValueError(
        f"rast holds a triangle id that is not a whole number from 0 to {triangles}: it belongs to another tri"
    )
