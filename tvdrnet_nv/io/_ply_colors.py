"""The colours of a PLY file, under the names and in the scales that programs write."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tvdrnet_nv.io._ply_data import Element

_NAMES = (
    ("red", "green", "blue"),
    ("r", "g", "b"),
    ("diffuse_red", "diffuse_green", "diffuse_blue"),
    ("diffuse_r", "diffuse_g", "diffuse_b"),
)
_ALPHAS = ("alpha", "a", "diffuse_alpha")


def color_names(element: Element) -> tuple[str, ...]:
    """The names of an element's red, green and blue; empty where it has none. Capitals do not count."""
    known = by_lower_case(p.name for p in element.properties if not element.is_list(p.name))
    for names in _NAMES:
        if all(name in known for name in names):
            return tuple(known[name] for name in names)
    return ()


def read_colors(element: Element) -> np.ndarray | None:
    """[N, 3] float32 in 0..1, or None where the element has no colours; see `scaled` for their range."""
    names = color_names(element)
    return scaled(np.stack([element[name] for name in names], axis=1)) if names else None


def alpha_name(element: Element) -> str | None:
    """The name of an element's alpha, where it has one."""
    known = by_lower_case(p.name for p in element.properties if not element.is_list(p.name))
    return next((known[name] for name in _ALPHAS if name in known), None)


def is_opaque(alpha: np.ndarray) -> bool:
    """Whether alpha says nothing: writers without alpha write the largest value, 1 or 0 everywhere."""
    return len(alpha) == 0 or (bool((alpha == alpha[0]).all()) and float(alpha[0]) in (0, 1, 255, 65535))


def scaled(colors: np.ndarray) -> np.ndarray:
    """Colours [N, 3] of any type as float32 in 0..1.

    - 8-bit numbers are divided by 255, wider ones by 65535. Some programs write 0..255 in wider types: so are those of
      which no more than half of those above zero are above 255, and what is a little above 255 is clipped.
    - Floats are 0..1; what is a little above 1 is clipped. They are 0..255 where one is above 2 and more than half of
      those above zero are above 1: no picture in 0..1 is like that, and every picture in 0..255 is.
    """
    if colors.dtype.kind == "i" and colors.dtype.itemsize == 1:
        colors = colors.view(np.uint8)  # a `char` of a program that means `uchar`
    if colors.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            positive, above = int((colors > 0).sum()), int((colors > 1).sum())
            wide = bool((colors > 2).any()) and above > positive / 2
        scale = 255.0 if wide else 1.0
    elif colors.dtype.itemsize == 1:
        scale = 255.0
    else:
        scale = 65535.0 if int((colors > 255).sum()) > int((colors > 0).sum()) / 2 else 255.0
    return np.clip(colors.astype(np.float32) / np.float32(scale), 0, 1)


def by_lower_case(names: Iterable[str]) -> dict[str, str]:
    """Names by themselves in lower case; the first of two that are alike."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return found
