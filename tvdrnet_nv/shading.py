"""The light of a scene."""

from __future__ import annotations

import math
from collections.abc import Sized
from dataclasses import dataclass, replace

from tvdrnet_nv.ops import Phong

_BELOW_ONE = 1 - 1e-6  # float32 rounds what is drawn


@dataclass(frozen=True)
class PhongLight:
    """A white point light and the material's answer to it. The defaults are TVDRNet's.

    A colour c is drawn as at most exposure · ((ambient + diffuse) · c + specular), which is 1.3 c + 0.3 by default, and
    above 1 for bright colours. Pictures are clipped to 1 as they are written, and so is what `MatchImage` compares.
    `dimmed` gives a light in which nothing is above 1.

    Attributes:
        location: world position, scene units; without a meaning for a head lamp.
        ambient: light that reaches every point, times the vertex colour.
        diffuse: share of the light that is scattered, times the vertex colour and the cosine to the normal.
        specular: share that is mirrored.
        shininess: exponent of the specular lobe.
        head: the light is a lamp at the camera, and moves with it.
        exposure: what is drawn is multiplied by it; above 0.
    """

    location: tuple[float, float, float] = (2.0, 2.0, -3.0)
    ambient: float = 0.5
    diffuse: float = 0.8
    specular: float = 0.3
    shininess: float = 64.0
    head: bool = False
    exposure: float = 1.0

    def __post_init__(self) -> None:
        place = self.location
        if not (isinstance(place, Sized) and len(place) == 3 and all(map(_is_finite, place))):
            raise ValueError(f"location must be three finite numbers; got {place!r}")
        for name in ("ambient", "diffuse", "specular", "shininess"):
            value = getattr(self, name)
            if not (_is_finite(value) and value >= 0):
                raise ValueError(f"{name} must be a finite number, zero or more; got {value!r}")
        if not (_is_finite(self.exposure) and self.exposure > 0):
            raise ValueError(f"exposure must be a finite number above 0; got {self.exposure!r}")

    @property
    def is_none(self) -> bool:
        """Whether colours are drawn as they are, wherever the light is."""
        return (self.ambient, self.diffuse, self.specular, self.exposure) == (1.0, 0.0, 0.0, 1.0)

    @property
    def follows_camera(self) -> bool:
        """Whether what is drawn depends on a lamp at the camera."""
        return self.head and not self.is_none

    def dimmed(self, brightest: float) -> PhongLight:
        """The same light with an exposure of at most 1, at which no colour is drawn above 1.

        Args:
            brightest: the scene's largest red, green or blue: `Mesh.brightest`.
        """
        if self.is_none:
            return self
        most = (self.ambient + self.diffuse) * brightest + self.specular
        return replace(self, exposure=min(1.0, _BELOW_ONE / most) if most > 0 else 1.0)

    def over(self, background: tuple[float, float, float]) -> Phong:
        """The light as the ops take it, with what is behind the scene."""
        ambient, diffuse, specular = (self.exposure * x for x in (self.ambient, self.diffuse, self.specular))
        return Phong(self.location, ambient, diffuse, specular, self.shininess, background)


def _is_finite(value: object) -> bool:
    """Whether it is a number, and finite."""
    try:
        return math.isfinite(value)  # pyright: ignore[reportArgumentType]
    except TypeError:
        return False


UNLIT = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0)
"""No light: the scene's colours as they are. A scan's have the light of the room in them already."""
