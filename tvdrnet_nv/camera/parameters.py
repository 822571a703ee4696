"""The parameters of cameras: one table, from which coordinates, options, files, texts and docs are made.

A parameter is what a user names. An orbit has `ORBIT`'s, a camera that goes anywhere has `POSE`'s. A new parameter is a
row here and a field of `Orbit` or `Camera`. This module needs no torch: the command line reads it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Scale = Literal["sum", "log", "angle", "log_tangent", "radii", "turn", "viewing_distances"]
SCALES: dict[Scale, str] = {
    "sum": "added",
    "log": "added to the natural logarithm",
    "angle": "added, in radians",
    "log_tangent": "added to log tan(fov / 2)",
    "radii": "added, in radii of the scene",
    "turn": "a rotation vector, in radians",
    "viewing_distances": "a displacement, in units of d",
}
"""How the numbers of an optimiser's step, which have no unit, change a value."""

_HALF_DEGREE = math.radians(0.5)
_FREE = (-math.inf, math.inf)


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; without the two ends where it is open. Infinity is never in it."""

    low: float
    high: float
    open: bool = False

    def __contains__(self, value: float) -> bool:
        inside = self.low < value < self.high if self.open else self.low <= value <= self.high
        return inside and math.isfinite(value)

    def __str__(self) -> str:
        """As a message says it: "-90 to 90"."""
        if (self.low, self.high) == _FREE:
            return "a finite number"
        if self.high == math.inf:
            return f"a number above {self.low:g}"
        if self.open:
            return f"more than {self.low:g} and less than {self.high:g}"
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a camera.

    Attributes:
        name: as users write it.
        field: of the `Orbit` or the `Camera`: the tensor that holds it.
        shape: of the field, for one camera.
        width: how many numbers of an optimiser's step move it.
        unit: of its values, and of its standard deviations.
        scale: how a step's numbers change it.
        rate: by how much Adam moves each number of a step, at a learning rate of 1.
        limits: an optimisation stays within them.
        limits_unit: the unit of the limits; for the focal length they are fields of view.
        wide: whether the limits give way to a start beyond them.
        label: what people call it, in a summary.
        symbol: its short name in captions; empty where it has none.
        description: one sentence.
        valid: the numbers that a start may have.
        default: of a start; None where the scene decides.
    """

    name: str
    field: str
    shape: tuple[int, ...]
    width: int
    unit: str
    scale: Scale
    rate: float
    label: str
    description: str
    limits: tuple[float, float] = _FREE
    limits_unit: str = ""
    wide: bool = False
    symbol: str = ""
    valid: Interval = Interval(*_FREE)
    default: float | None = None


FOV_LIMITS = (5.0, 150.0)  # degrees

ORBIT = (
    Parameter(
        name="distance",
        field="distance",
        shape=(),
        width=1,
        unit="scene units",
        scale="log",
        rate=0.01,
        label="distance",
        description="Distance from the look-at point.",
        limits=(0.01, 100.0),
        limits_unit="radii of the scene",
        wide=True,
        symbol="D",
        valid=Interval(0.0, math.inf, open=True),
    ),
    Parameter(
        name="elevation",
        field="elevation",
        shape=(),
        width=1,
        unit="degrees",
        scale="angle",
        rate=_HALF_DEGREE,
        label="elevation",
        description="Angle above the plane through the look-at point.",
        limits=(-90.0, 90.0),
        limits_unit="degrees",
        symbol="E",
        valid=Interval(-90.0, 90.0),
        default=30.0,
    ),
    Parameter(
        name="azimuth",
        field="azimuth",
        shape=(),
        width=1,
        unit="degrees",
        scale="angle",
        rate=_HALF_DEGREE,
        label="azimuth",
        description="Angle around the up axis.",
        symbol="A",
        default=45.0,
    ),
    Parameter(
        name="fov",
        field="fov",
        shape=(),
        width=1,
        unit="degrees",
        scale="log_tangent",
        rate=0.01,
        label="field of view",
        description="Field of view along the image's shorter side.",
        limits=FOV_LIMITS,
        limits_unit="degrees of field of view",
        wide=True,
        symbol="FoV",
        valid=Interval(0.0, 180.0, open=True),
        default=60.0,
    ),
    Parameter(
        name="at",
        field="at",
        shape=(3,),
        width=3,
        unit="scene units",
        scale="radii",
        rate=0.01,
        label="look-at point",
        description="The point that the camera looks at, in the world.",
    ),
)

POSE = (
    Parameter(
        name="rotation",
        field="R",
        shape=(3, 3),
        width=3,
        unit="degrees",
        scale="turn",
        rate=_HALF_DEGREE,
        label="rotation",
        description="Where the camera looks, and its roll.",
    ),
    Parameter(
        name="position",
        field="T",
        shape=(3,),
        width=3,
        unit="scene units",
        scale="viewing_distances",
        rate=0.01,
        label="position",
        description="Where the camera stands, in the world.",
        symbol="P",
    ),
    Parameter(
        name="focal",
        field="focal",
        shape=(2,),
        width=1,
        unit="half of the shorter side",
        scale="log",
        rate=0.01,
        label="focal length",
        description="Focal length; the ratio of fx to fy is kept.",
        limits=FOV_LIMITS,
        limits_unit="degrees of field of view",
        wide=True,
        valid=Interval(0.0, math.inf, open=True),
    ),
    Parameter(
        name="principal",
        field="principal",
        shape=(2,),
        width=2,
        unit="half of the shorter side",
        scale="sum",
        rate=0.01,
        label="principal point",
        description="Where the optical axis meets the image, relative to the image's centre.",
        limits=(-1.0, 1.0),
        limits_unit="times half of the shorter side",
        wide=True,
        default=0.0,
    ),
)

PARAMETERS = tuple(parameter.name for parameter in ORBIT)
POSE_PARAMETERS = tuple(parameter.name for parameter in POSE)
ORBIT_DEFAULT = ("distance", "elevation", "azimuth")  # what moves where nothing is said
POSE_DEFAULT = ("rotation", "position")

_BY_NAME = {parameter.name: parameter for parameter in ORBIT + POSE}


def parameter(name: str) -> Parameter:
    """The row of a name.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]


def widths(names: Sequence[str]) -> list[int]:
    """How many numbers of a step each parameter has."""
    return [_BY_NAME[name].width for name in names]
