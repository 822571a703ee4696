"""The builder of the room: it collects patches, and the object that each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from tvdrnet_nv.scenes.paints import Color, plain
from tvdrnet_nv.scenes.patches import Paint, Patch, Surface
from tvdrnet_nv.scenes.surfaces import rectangle, revolution, superellipsoid


@dataclass
class Builder:
    """Collects patches. `thing` opens an object of its own name at a place on the floor plan."""

    patches: list[Patch] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    _yaw: float = 0.0

    @contextmanager
    def thing(self, name: str, x: float, y: float, z: float = 0.0, yaw: float = 0.0) -> Iterator[None]:
        """What is added inside is one labelled object, in a frame at (x, y, z) metres, turned by `yaw` degrees."""
        self.names.append(f"{name}_{sum(other.rsplit('_', 1)[0] == name for other in self.names)}")
        self._at, self._yaw = (x, y, z), float(np.radians(yaw))
        yield

    def add(self, surface: Surface, size: tuple[float, float], paint: Paint | Color, **options: object) -> None:
        """A patch of the current object; `options` are `Patch`'s."""
        cos, sin = np.cos(self._yaw), np.sin(self._yaw)
        turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], dtype=np.float32)
        at = np.asarray(self._at, dtype=np.float32)
        self.patches.append(
            Patch(
                surface=lambda u, v: surface(u, v) @ turn + at,
                size=size,
                paint=paint if callable(paint) else plain(paint),
                label=len(self.names) - 1,
                **options,  # pyright: ignore[reportArgumentType]
            )
        )

    def box(
        self,
        center: tuple[float, float],
        bottom: float,
        size: tuple[float, float, float],
        paint: Paint | Color,
        *,
        top: Paint | Color | None = None,
        underside: bool = True,
        fineness: float = 0.75,
    ) -> None:
        """A box on `bottom` metres, `size` = (x, y, z); `top` paints the upper side otherwise."""
        sx, sy, sz = size
        low = np.array([center[0] - sx / 2, center[1] - sy / 2, bottom])
        ex, ey, ez = np.diag([sx, sy, sz])
        self.add(rectangle(low, ex, ez), (sx, sz), paint, fineness=fineness, flat=True)
        self.add(rectangle(low + ex + ey, -ex, ez), (sx, sz), paint, fineness=fineness, flat=True)
        self.add(rectangle(low + ex, ey, ez), (sy, sz), paint, fineness=fineness, flat=True)
        self.add(rectangle(low + ey, -ey, ez), (sy, sz), paint, fineness=fineness, flat=True)
        self.add(rectangle(low + ez, ex, ey), (sx, sy), paint if top is None else top, fineness=fineness, flat=True)
        if underside:
            self.add(rectangle(low + ey, ex, -ey), (sx, sy), paint, fineness=fineness, flat=True)

    def turned(
        self, center: tuple[float, float], bottom: float, profile: Sequence[tuple[float, float]], paint: Paint | Color
    ) -> None:
        """A solid of revolution; `profile` is (radius, height above `bottom`) from below, along the outside."""
        radii = np.array(profile)[:, 0]
        lengths = np.linalg.norm(np.diff(np.array(profile), axis=0), axis=1)
        segments = len(profile) - 1
        self.add(
            revolution(np.array([*center, bottom]), profile),
            (float(2 * np.pi * radii.max()), float(segments * lengths.max())),
            paint,
            fineness=0.55,
            min_u=7,
            segments=segments,
            wrap=True,
            poles=(bool(radii[0] == 0), bool(radii[-1] == 0)),
        )

    def blob(
        self, center: Sequence[float], radii: tuple[float, float, float], paint: Paint | Color, roundness: float = 1.0
    ) -> None:
        """A ball, or a cushion at a small roundness, about `center` (x, y, z)."""
        self.add(
            superellipsoid(np.array(center), radii, roundness),
            (float(2 * np.pi * max(radii[:2])), float(np.pi * max(radii[2], min(radii[:2])))),
            paint,
            fineness=0.6,
            min_u=8,
            segments=4,
            wrap=True,
            poles=(True, True),
        )
