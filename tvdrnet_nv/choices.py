"""What users choose from by name. Needs no torch, so that a command line can check names before it loads anything."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """How the camera is moved; see `tvdrnet_nv.optimize`."""

    AUTO = "auto"
    LM = "lm"
    ADAM = "adam"
    TVDRNET = "tvdrnet"


class Robust(StrEnum):
    """The loss of a pixel's difference; see `tvdrnet_nv.objectives.RobustLoss`."""

    NONE = "none"
    HUBER = "huber"
    GEMAN_MCCLURE = "geman-mcclure"


class Device(StrEnum):
    """Where to compute."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Up(StrEnum):
    """The axis that points up in a scene."""

    AUTO = "auto"
    Y = "y"
    Z = "z"


class Mode(StrEnum):
    """Which pictures of a scene are rendered."""

    SINGLE = "single"
    TURNTABLE = "turntable"
    GRID = "grid"
    ALL = "all"


class TurntableFormat(StrEnum):
    """The files of a turntable: an animation, a film, or numbered pictures."""

    PNG = "png"
    GIF = "gif"
    MP4 = "mp4"
