"""The command line that renders a view again."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.camera.parameters import ORBIT, PARAMETERS
from tvdrnet_nv.choices import Device
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.shading import PhongLight


def render_command(
    record: Record, viewpoint: Viewpoint, renderer: Renderer, *, saved: Path | None = None
) -> list[str] | None:
    """`tvdr-nv render …` that draws what `renderer(viewpoint.camera())` draws, pixel for pixel.

    Positions are in the coordinates of the scene's file. Numbers have the digits that bring back the same float32.
    Use `shlex.join` to show it.

    Args:
        record: gives the scene, whose absolute path goes into the command, its colour and the device.
        viewpoint: one camera.
        renderer: gives resolution, clip planes, light, background and antialiasing.
        saved: the file that holds the camera, which a `Camera` needs: it does not fit into options.

    Returns:
        The arguments, or None when the renderer has light constants that the command has no option for, or
        nothing holds the camera.
    """
    unlit = renderer.light.is_none
    head = renderer.light.head
    exposure = renderer.light.exposure
    expressible = unlit or renderer.light == PhongLight(location=renderer.light.location, head=head, exposure=exposure)
    if not expressible:
        return None
    height, width = renderer.resolution
    command = ["tvdr-nv", "render", os.path.abspath(record.scene), "--mode", "single"]
    command += [] if record.alignment is None else ["--align"]
    if viewpoint.parameters is ORBIT:
        moved = in_file(viewpoint, renderer)
        for name in PARAMETERS:
            values = getattr(moved if name == "at" else viewpoint, name)
            command += [f"--{name}", ",".join(digits(value) for value in values.reshape(-1))]
        command += ["--up", viewpoint.to_dict()["up"]]
    elif saved is not None:
        command += ["--camera", os.path.abspath(saved)]
    else:
        return None
    command += ["--image-size", f"{width}x{height}"]
    command += ["--near", repr(float(renderer.near)), "--far", repr(float(renderer.far))]
    dtype = torch.float64 if any(renderer.mesh.origin) else torch.float32
    location = renderer.mesh.to_file(renderer.light.location)
    place = ["--light-pos", *(digits(torch.tensor(value, dtype=dtype)) for value in location)]
    command += ["--light", "none"] if unlit else ["--light", "head"] if head else place
    command += [] if exposure == 1 else ["--light-exposure", repr(float(exposure))]
    background = tuple(float(value) for value in renderer.background)
    if background != (1.0, 1.0, 1.0):
        command += ["--background", ",".join(map(repr, background))]
    command += [] if renderer.antialias else ["--no-antialias"]
    command += [] if record.color is None else ["--color", *(repr(float(value)) for value in record.color)]
    return command if record.device == Device.auto else [*command, "--device", str(record.device)]


def in_file(viewpoint: Viewpoint, renderer: Renderer) -> Viewpoint:
    """A viewpoint in the coordinates of the scene's file; float64, where these are not the mesh's."""
    return viewpoint.detach().translated(renderer.mesh.origin)


def digits(value: Tensor) -> str:
    """The shortest decimal that reads back as this number in its own dtype: 38.2, not 38.20000076293945."""
    # "+ 0" turns -0 into 0.
    number = value.detach().cpu().reshape(1).numpy()[0]
    return np.format_float_positional(number + 0, unique=True, trim="-")
