"""Names of colours: each vertex gets the nearest of some named examples in CIELAB."""

from __future__ import annotations

from functools import cache

import numpy as np

_EXAMPLES = {
    "black": "000000 101012 1c1c1e 2a2a2c",
    "grey": "484848 666666 808080 9a9a9a b0b0b0",
    "white": "cfcfcf e0e0e0 ffffff f4f1ea",
    "red": "c81e1e 8c1a1a e04848 5a1414 b04a40",
    "orange": "e87a1e c8641e ff9a3c f0a060",
    "yellow": "e8d21e f5e664 b4a020 d8b848 807020",
    "green": "1e8c32 3cb450 145a23 64a05a 2f4a2a 8cc878 506e3c",
    "teal": "1e8c8c 3cb4b4 145050 6ec8c8 325a5a",
    "blue": "1e46c8 4678d2 14285a 78a0dc 2f4468 1c2038 5a7090",
    "purple": "781ea0 9a5ab4 461e5a b48cc8 51405a 6e5a82",
    "pink": "f078b4 e6a0b4 c85078 b48090",
    "brown": "783c14 5a3c1e 96643c 3c2814 735236 a07850 604838",
    "beige": "d2b48c e6d2aa c8b496 b4a078 f0e0c0",
}
"""Hexadecimal sRGB; of each name light ones and dark ones, as walls and furniture have them in scans."""

NAMES = tuple(_EXAMPLES)
WORDS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in NAMES},
    "gray": ("grey",),
    "silver": ("grey",),
    "dark": ("black",),
    "violet": ("purple",),
    "lilac": ("purple", "pink"),
    "magenta": ("pink", "purple"),
    "turquoise": ("teal",),
    "cyan": ("teal", "blue"),
    "navy": ("blue",),
    "cream": ("beige", "white"),
    "tan": ("beige", "brown"),
    "golden": ("yellow", "beige"),
    "crimson": ("red",),
    "scarlet": ("red",),
    **{f"{name}ish": (name,) for name in ("green", "yellow", "brown", "pink", "grey")},
    "reddish": ("red",),
    "bluish": ("blue",),
    "purplish": ("purple",),
    "grayish": ("grey",),
    "whitish": ("white",),
    "maroon": ("red",),
}
"""What a word for a colour means."""

_KIN = {
    "teal": ("green", "blue"),
    "pink": ("red", "purple"),
    "orange": ("red", "brown", "yellow"),
    "beige": ("white", "yellow", "brown"),
    "brown": ("orange",),
    "purple": ("blue", "pink"),
}
"""What a colour may be called as well; it counts half."""

_LIGHTNESS = 0.5  # of a difference in lightness, what counts: shadows change lightness more than hue


def color_shares(colors: np.ndarray) -> dict[str, float]:
    """The share of each name in colours [N, 3], sRGB in 0..1; the lighter half counts, which is less in the shade."""
    if not len(colors):
        return {}
    lab = to_lab(colors)
    lit = lab[lab[:, 0] >= np.median(lab[:, 0])]
    examples, names = _examples()
    scale = np.array([_LIGHTNESS, 1.0, 1.0])
    step = max(1, len(lit) // 2000)
    nearest = (((lit[::step, None] - examples) * scale) ** 2).sum(2).argmin(1)
    counts = np.bincount(names[nearest], minlength=len(NAMES)) / len(nearest)
    return {name: float(share) for name, share in zip(NAMES, counts, strict=True) if share > 0}


def match(shares: dict[str, float], word: str) -> float:
    """How well a word for a colour fits, 0..1: the share of its colours, and half that of colours near to them."""
    wanted = WORDS[word]
    kin = [name for name in NAMES if name not in wanted and set(wanted) & set(_KIN.get(name, ()))]
    return min(1.0, sum(shares.get(name, 0.0) for name in wanted) + 0.5 * sum(shares.get(name, 0.0) for name in kin))


def main_colors(shares: dict[str, float], least: float = 0.25) -> tuple[str, ...]:
    """The names that at least a quarter of the surface has, the most frequent first."""
    return tuple(name for name, share in sorted(shares.items(), key=lambda item: -item[1]) if share >= least)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB [N, 3] (D65, 2°) of sRGB [N, 3] in 0..1. IEC 61966-2-1 and CIE 15."""
    rgb = rgb.astype(np.float64)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


@cache
def _examples() -> tuple[np.ndarray, np.ndarray]:
    """CIELAB [M, 3] of the examples, and which name each has."""
    values = [(i, bytes.fromhex(code)) for i, name in enumerate(NAMES) for code in _EXAMPLES[name].split()]
    colors = np.array([list(code) for _, code in values]) / 255
    return to_lab(colors), np.array([i for i, _ in values])
