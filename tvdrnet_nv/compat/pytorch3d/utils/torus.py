"""A ring."""

from __future__ import annotations

import math

import torch

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes

__all__ = ["torus"]


def torus(r: float, R: float, sides: int, rings: int, device: Device | None = None) -> Meshes:
    """A torus about the z axis, one mesh of sides · rings vertices and twice as many faces.

    Args:
        r: radius of the tube.
        R: radius of the ring, to the middle of the tube.
        sides: vertices around the tube.
        rings: vertices around the ring.
        device: where to put it.

    Raises:
        ValueError: sides or rings below 1, or r not positive.
    """
    if sides <= 0 or rings <= 0:
        raise ValueError("sides and rings must be > 0.")
    if not r > 0:
        raise ValueError(f"r must be > 0; got {r}")
    around = torch.arange(rings + 1) * (2 * math.pi / rings)
    tube = torch.arange(sides) * (2 * math.pi / sides)
    around, tube = torch.meshgrid(around[:-1], tube, indexing="ij")
    from_axis = R + r * tube.cos()
    verts = torch.stack([from_axis * around.cos(), from_axis * around.sin(), r * tube.sin()], dim=-1).reshape(-1, 3)
    ring, side = torch.meshgrid(torch.arange(rings), torch.arange(sides), indexing="ij")
    here, before = ring * sides, (ring - 1) % rings * sides
    down = (side - 1) % sides
    first = torch.stack([before + down, here + down, here + side], dim=-1)
    second = torch.stack([here + side, before + side, before + down], dim=-1)
    faces = torch.stack([first, second], dim=2).reshape(-1, 3)
    return Meshes([verts.to(device, torch.float32)], [faces.to(device)])
