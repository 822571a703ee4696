"""What stands in the room made by code: each function adds one thing's patches to a `Builder`."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.scenes.builder import Builder
from tvdrnet_nv.scenes.paints import BLACK, CREAM, DARK_WOOD, PALETTE, STEEL, WOOD, Color, grain, stripes
from tvdrnet_nv.scenes.patches import Array
from tvdrnet_nv.scenes.surfaces import leaf, rectangle


def table(b: Builder, x: float, y: float, size: tuple[float, float, float], yaw: float, name: str) -> None:
    """A wooden table, `size` = (length, width, height)."""
    length, width, height = size
    with b.thing(name, x, y, yaw=yaw):
        b.box((0, 0), height - 0.05, (length, width, 0.05), DARK_WOOD, top=grain(WOOD))
        for sx in (-1, 1):
            for sy in (-1, 1):
                at = (sx * (length / 2 - 0.07), sy * (width / 2 - 0.07))
                b.box(at, 0, (0.06, 0.06, height - 0.05), DARK_WOOD, underside=False)


def chair(b: Builder, x: float, y: float, yaw: float, color: Color) -> None:
    """A chair that looks along its own +y."""
    with b.thing("chair", x, y, yaw=yaw):
        b.box((0, 0), 0.43, (0.42, 0.42, 0.05), color)
        b.box((0, -0.20), 0.58, (0.42, 0.04, 0.36), color)
        for sx in (-0.18, 0.18):
            b.box((sx, -0.20), 0, (0.04, 0.04, 0.60), DARK_WOOD, underside=False)
            b.box((sx, 0.18), 0, (0.04, 0.04, 0.43), DARK_WOOD, underside=False)


def office_chair(b: Builder, x: float, y: float, yaw: float, color: Color) -> None:
    """A round-footed chair that looks along its own +y."""
    with b.thing("office_chair", x, y, yaw=yaw):
        b.turned((0, 0), 0, [(0.30, 0.0), (0.28, 0.05), (0.05, 0.09), (0.035, 0.42)], BLACK)
        b.blob((0, 0, 0.47), (0.25, 0.25, 0.06), color, 0.5)
        b.blob((0, -0.24, 0.80), (0.23, 0.05, 0.30), color, 0.5)


def sofa(b: Builder, x: float, y: float, yaw: float, color: Color, cushion: Color) -> None:
    """A three-seater that looks along its own +y."""
    tone = np.asarray(color)
    with b.thing("sofa", x, y, yaw=yaw):
        b.box((0, 0), 0.06, (2.0, 0.85, 0.22), tone * 0.9, underside=False)
        for i in (-1, 0, 1):
            b.blob((i * 0.56, 0.06, 0.36), (0.30, 0.40, 0.12), tone, 0.4)
            b.blob((i * 0.56, -0.33, 0.63), (0.30, 0.13, 0.26), tone * 1.05, 0.45)
        for side in (-1, 1):
            b.blob((side * 0.94, 0, 0.36), (0.13, 0.45, 0.30), tone * 0.95, 0.4)
    for i, (dx, turn) in enumerate(((-0.62, 15), (0.58, -20))):
        angle = np.radians(yaw)
        at = np.array([dx * np.cos(angle), dx * np.sin(angle)]) + 0.02 * i
        with b.thing("cushion", x + at[0], y + at[1], yaw=yaw + turn):
            b.blob((0, -0.12, 0.62), (0.21, 0.09, 0.19), np.asarray(cushion) * (1 - 0.25 * i), 0.6)


def bookshelf(b: Builder, x: float, y: float, yaw: float, rng: np.random.Generator, boards: int = 5) -> None:
    """A shelf 1 m wide with rows of books, its back along its own -y."""
    height = 0.38 * boards
    with b.thing("shelf", x, y, yaw=yaw):
        for side in (-0.49, 0.49):
            b.box((side, 0), 0, (0.03, 0.30, height), WOOD, underside=False)
        b.add(
            rectangle(np.array([0.49, -0.14, 0]), np.array([-0.98, 0, 0]), np.array([0, 0, height])),
            (0.98, height),
            DARK_WOOD,
            flat=True,
        )
        for level in range(boards + 1):
            b.box((0, 0), max(0.38 * level - 0.03, 0.03), (0.95, 0.29, 0.03), WOOD)
    for level in range(boards):
        with b.thing("books", x, y, 0.38 * level + (0.06 if level == 0 else 0), yaw=yaw):
            left, end = -0.46, rng.uniform(0.0, 0.42)
            while left < end:
                thick, tall = rng.uniform(0.035, 0.09), rng.uniform(0.20, 0.30)
                tone = PALETTE[rng.integers(len(PALETTE))] * rng.uniform(0.75, 1.1)
                b.box((left + thick / 2, -0.02), 0, (thick - 0.004, 0.20, tall), tone.clip(0, 1), underside=False)
                left += thick


def desk(b: Builder, x: float, y: float, yaw: float, rng: np.random.Generator) -> None:
    """A desk with drawers, its user on its own +y side, and a monitor, keyboard and lamp on it."""
    with b.thing("desk", x, y, yaw=yaw):
        b.box((0, 0), 0.71, (1.5, 0.7, 0.04), CREAM, top=grain(CREAM, 0.2))
        b.box((0.52, 0), 0, (0.40, 0.62, 0.71), STEEL, underside=False)
        for drawer in range(3):
            b.box((0.52, 0.32), 0.06 + 0.22 * drawer, (0.36, 0.03, 0.19), CREAM)
        b.box((-0.70, 0), 0, (0.05, 0.62, 0.71), STEEL, underside=False)
    angle = np.radians(yaw)

    def on_desk(dx: float, dy: float) -> tuple[float, float, float]:
        return x + dx * np.cos(angle) - dy * np.sin(angle), y + dx * np.sin(angle) + dy * np.cos(angle), 0.75

    screen = PALETTE[rng.integers(7)]

    def picture(u: Array, v: Array) -> Array:
        wave = 0.16 + 0.05 * np.sin(9 * u) + 0.03 * np.sin(23 * u)
        inside = np.minimum.reduce([u, 0.62 - u, v, 0.36 - v]) > 0.02
        image = np.where((v > wave)[:, None], screen * 0.5 + 0.45, screen * 0.6)
        return np.where(inside[:, None], image, np.array(BLACK))

    with b.thing("monitor", *on_desk(-0.05, -0.15), yaw=yaw):
        b.turned((0, 0), 0, [(0.12, 0.0), (0.11, 0.015), (0.02, 0.02), (0.02, 0.14)], BLACK)
        b.box((0, 0), 0.12, (0.62, 0.03, 0.36), BLACK)
        b.add(
            rectangle(np.array([0.31, 0.018, 0.12]), np.array([-0.62, 0, 0]), np.array([0, 0, 0.36])),
            (0.62, 0.36),
            picture,
            fineness=0.5,
            flat=True,
        )
    with b.thing("keyboard", *on_desk(-0.05, 0.15), yaw=yaw + 4):
        b.box((0, 0), 0, (0.42, 0.14, 0.025), BLACK, underside=False)
    with b.thing("lamp", *on_desk(0.58, -0.18), yaw=yaw):
        b.turned((0, 0), 0, [(0.09, 0.0), (0.08, 0.02), (0.012, 0.03), (0.012, 0.34)], STEEL)
        b.turned((0, 0), 0.30, [(0.14, 0.0), (0.06, 0.17), (0, 0.17)], (0.95, 0.82, 0.45))


def sideboard(b: Builder, x: float, y: float, yaw: float, rng: np.random.Generator) -> None:
    """A low cupboard with coloured doors, its back along its own -y."""
    with b.thing("sideboard", x, y, yaw=yaw):
        b.box((0, 0), 0.08, (1.6, 0.42, 0.68), WOOD, top=grain(WOOD))
        for i, tone in enumerate(PALETTE[rng.choice(8, 4, replace=False)]):
            b.box((-0.585 + 0.39 * i, 0.215), 0.12, (0.36, 0.02, 0.60), tone * 0.6 + 0.3)
        for sx in (-0.7, 0.7):
            b.box((sx, 0), 0, (0.06, 0.3, 0.08), BLACK, underside=False)


def plant(b: Builder, x: float, y: float, rng: np.random.Generator, scale: float = 1.0, z: float = 0.0) -> None:
    """A pot with bent leaves."""
    with b.thing("plant", x, y, z):
        pot = [(0.11, 0.0), (0.16, 0.28), (0.17, 0.30), (0.15, 0.30), (0.0, 0.26)]
        b.turned((0, 0), 0, [(r * scale, h * scale) for r, h in pot], (0.74, 0.42, 0.30))
        leaves = 22
        for i in range(leaves):
            length, rise = rng.uniform(0.30, 0.55) * scale, rng.uniform(0.5, 1.35) * scale
            green = np.array([0.20, 0.50, 0.22]) * rng.uniform(0.75, 1.35)
            b.add(
                leaf(np.array([0, 0, 0.26 * scale]), 2.4 * i + rng.uniform(-0.3, 0.3), length, 0.16 * scale, rise),
                (0.16 * scale, float(np.hypot(length, rise))),
                green,
                fineness=0.6,
                segments=3,
            )


def floor_lamp(b: Builder, x: float, y: float) -> None:
    """A standing lamp with a cloth shade."""
    with b.thing("floor_lamp", x, y):
        b.turned((0, 0), 0, [(0.16, 0.0), (0.15, 0.03), (0.018, 0.05), (0.018, 1.40)], BLACK)
        b.turned((0, 0), 1.30, [(0.24, 0.0), (0.17, 0.32), (0.0, 0.32)], (0.96, 0.88, 0.66))


def clutter(b: Builder, x: float, y: float, z: float, rng: np.random.Generator, scale: float = 1.0) -> None:
    """One small thing, drawn at random: box, ball, cylinder, vase, bowl, mug or a pile of books."""
    tone = (PALETTE[rng.integers(len(PALETTE))] * rng.uniform(0.8, 1.1)).clip(0, 1)
    kind = rng.choice(["box", "ball", "can", "vase", "bowl", "mug", "pile"])
    s = scale * rng.uniform(0.85, 1.2)
    with b.thing(str(kind), x, y, z, yaw=rng.uniform(0, 360)):
        if kind == "box":
            b.box((0, 0), 0, (0.17 * s, 0.12 * s, 0.12 * s), tone, underside=False, fineness=0.6)
        elif kind == "ball":
            b.blob((0, 0, 0.08 * s), (0.08 * s, 0.08 * s, 0.08 * s), stripes(np.stack([tone, tone * 0.55]), 0.10 * s))
        elif kind == "can":
            b.turned((0, 0), 0, [(0.05 * s, 0), (0.05 * s, 0.15 * s), (0, 0.15 * s)], tone)
        elif kind == "vase":
            outline = [(0.04, 0), (0.085, 0.09), (0.075, 0.15), (0.03, 0.21), (0.045, 0.26)]
            b.turned((0, 0), 0, [(r * s, h * s) for r, h in outline], tone)
        elif kind == "bowl":
            outline = [(0.05, 0), (0.11, 0.05), (0.14, 0.10), (0.12, 0.09), (0.0, 0.03)]
            b.turned((0, 0), 0, [(r * s, h * s) for r, h in outline], tone)
        elif kind == "mug":
            b.turned((0, 0), 0, [(0.04 * s, 0), (0.045 * s, 0.10 * s), (0.038 * s, 0.10 * s), (0, 0.02 * s)], tone)
        else:
            for i in range(3):
                colour = (PALETTE[rng.integers(len(PALETTE))] * rng.uniform(0.8, 1.1)).clip(0, 1)
                shift = rng.uniform(-0.015, 0.015, 2)
                b.box((shift[0], shift[1]), 0.035 * s * i, (0.20 * s, 0.14 * s, 0.034 * s), colour, underside=False)
