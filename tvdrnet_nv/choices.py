"""What users choose from by name. Needs no torch, so that a command line can check names before it loads anything."""

from __future__ import annotations

import re
from enum import StrEnum


class MethodName(StrEnum):
    """How the camera is moved; see `tvdrnet_nv.optimize`."""

    auto = "auto"
    lm = "lm"
    adam = "adam"
    tvdrnet = "tvdrnet"


class ObjectiveName(StrEnum):
    """What makes a camera good where there is no picture to match; see `OptimizeJob.objective`."""

    auto = "auto"
    view = "view"
    tvdrnet = "tvdrnet"


class Effort(StrEnum):
    """How long a picture's camera is looked for where it is not near the start; see `tvdrnet_nv.finding`."""

    quick = "quick"
    normal = "normal"
    thorough = "thorough"


class Lighting(StrEnum):
    """In which light a scene is drawn: its colours as they are, TVDRNet's point light, a lamp at the camera, or
    whichever of them fits a picture."""

    auto = "auto"
    none = "none"
    point = "point"
    head = "head"


class Compare(StrEnum):
    """What of a picture is compared: see `OptimizeJob.compare`."""

    auto = "auto"
    colors = "colors"
    photograph = "photograph"
    edges = "edges"


class DepthUnit(StrEnum):
    """The unit of the numbers in a depth picture."""

    mm = "mm"
    m = "m"


class Robust(StrEnum):
    """The loss of a pixel's difference; see `tvdrnet_nv.objectives.RobustLoss`."""

    none = "none"
    huber = "huber"
    geman_mcclure = "geman-mcclure"


class Device(StrEnum):
    """Where to compute: "cuda" is nvdiffrast on a GPU, "fused" our own kernels there. See `split_device`."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    fused = "fused"


DEVICES = "auto, cpu, cuda, fused; cuda:1 or fused:1 is the second GPU"
_DEVICE = re.compile(r"(auto|cpu|cuda|fused)|(cuda|fused):([0-9]{1,4})")


def split_device(wanted: str) -> tuple[Device, int | None] | None:
    """What to compute with, and the number of the GPU, of "cuda" or "fused:1"; None where it is no such word.

    The number is torch's, from 0 on; None where none is named.
    """
    found = _DEVICE.fullmatch(wanted)
    if found is None:
        return None
    alone, numbered, number = found.groups()
    return (Device(alone), None) if alone else (Device(numbered), int(number))


class Up(StrEnum):
    """The axis that points up in a scene."""

    auto = "auto"
    x = "x"
    y = "y"
    z = "z"
    minus_x = "-x"
    minus_y = "-y"
    minus_z = "-z"


class Mode(StrEnum):
    """Which pictures of a scene are rendered."""

    single = "single"
    turntable = "turntable"
    grid = "grid"
    all = "all"


class Layer(StrEnum):
    """What a figure shows of a view: its colours, how far away surfaces are, or which way they face."""

    color = "color"
    depth = "depth"
    normals = "normals"


class TurntableFormat(StrEnum):
    """The files of a turntable or a way: an animation, a film, or numbered pictures."""

    png = "png"
    gif = "gif"
    mp4 = "mp4"


class Missing(StrEnum):
    """What queries or scenes without a prediction count as; see `EvaluateJob.missing`."""

    refuse = "refuse"
    zero = "zero"
    skip = "skip"


class ClassListName(StrEnum):
    """The classes of instances and of semantic segmentation that are evaluated."""

    scannet = "scannet"
    scannet200 = "scannet200"
    all = "all"
