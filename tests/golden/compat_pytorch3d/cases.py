"""All of them, and the file that they are kept in."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import torch

from .chance import chance
from .clouds import losses, neighbours, points
from .files import files
from .geometry import cameras, looking, meshes, transforms
from .images import fragments, gradients, pictures, shaders
from .layers import blends, fisheye, layers, small
from .soft import atlases, blurred, motions


def all_cases() -> dict[str, np.ndarray]:
    """Everything as float32, by name; integers are small enough to be exact."""
    out: dict[str, torch.Tensor] = {}
    known = (cameras, looking, meshes, transforms, fragments, shaders, gradients, pictures)
    newer = (losses, neighbours, points, blurred, atlases, motions, fisheye, layers, blends, small, files, chance)
    for part in (*known, *newer):
        part(out)
    return {name: value.detach().numpy().astype(np.float32) for name, value in out.items()}


def save(path: str | Path, versions: list[str], arrays: dict[str, np.ndarray]) -> None:
    """One file of a few hundred small arrays, without a header for each."""
    index = {name: list(array.shape) for name, array in arrays.items()}
    values = np.concatenate([array.reshape(-1) for array in arrays.values()])
    np.savez_compressed(path, versions=np.array(versions), index=np.array(json.dumps(index)), values=values)


def load(path: str | Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """What `save` wrote: versions, and arrays by name."""
    with np.load(path) as file:
        index, values, versions = json.loads(str(file["index"])), file["values"], file["versions"].tolist()
    ends = np.cumsum([math.prod(shape) for shape in index.values()])[:-1]
    parts = np.split(values, ends)
    return versions, {name: part.reshape(shape) for (name, shape), part in zip(index.items(), parts, strict=True)}
