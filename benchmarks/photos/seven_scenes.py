"""Real photographs with known cameras: a folder laid out as in the 7-Scenes data set (Glocker et al., ISMAR 2013).

fused.ply                 the scene, metres
camera-intrinsics.txt     3×3: OpenCV's K in pixels of the colour pictures, pixels' centres at whole numbers
frame-NNNNNN.color.png    the photograph
frame-NNNNNN.depth.png    16 bits, millimetres; 0 and 65535 where nothing was measured
frame-NNNNNN.pose.txt     4×4: camera to world, camera axes +x right, +y down, +z forward, metres
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos.picture import Picture, shrunk_to
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh, read_picture
from tvdrnet_nv.mesh import Mesh

SOURCE = "photograph"
_SCENE, _LENS = "fused.ply", "camera-intrinsics.txt"
_MILLIMETRES = 65535  # read_picture scales 16 bits to [0, 1]
_SHEARED = 0.05  # a pose this far from a rotation is no pose


@dataclass(frozen=True)
class Photographs:
    """A scanned scene and photographs of it.

    Attributes:
        name: of the folder.
        mesh: the scene, metres, in the poses' world frame.
        pictures: averaged to 120 rows, sorted by name. Their cameras are as exact as the tracking was that made the
            data: about 1 degree and 2 to 3 cm.
    """

    name: str
    mesh: Mesh
    pictures: list[Picture]


def read_photographs(folder: Path) -> Photographs:
    """Read a folder of photographs.

    Raises:
        InputError: the folder or one of its files is missing, or cannot be read as what its name says.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder}: {'is a file' if folder.exists() else 'no such folder'}; wanted a folder with {_SCENE}"
        )
    lens = _matrix(folder / _LENS, (3, 3))
    colours = sorted(folder.glob("frame-*.color.png"))
    if not colours:
        raise InputError(f"{folder}: no frame-NNNNNN.color.png in it; wanted photographs laid out as in 7-Scenes")
    pictures = list(_pictures(colours, lens))
    return Photographs(folder.resolve().name, load_mesh(folder / _SCENE), pictures)


def _pictures(colours: list[Path], lens: np.ndarray) -> Iterator[Picture]:
    for path in colours:
        stem = path.name.removesuffix(".color.png")
        pixels = torch.from_numpy(read_picture(path)[..., :3])
        camera = _camera(path.with_name(f"{stem}.pose.txt"), lens, (pixels.shape[0], pixels.shape[1]))
        distance = _median_depth(path.with_name(f"{stem}.depth.png"))
        small = shrunk_to(pixels)
        yield Picture(stem, SOURCE, small, (small.shape[0], small.shape[1]), camera, distance, exact=False)


def _camera(path: Path, lens: np.ndarray, size: tuple[int, int]) -> Camera:
    pose = _matrix(path, (4, 4))
    # Written with few digits, and by a tracker that lets rotations drift: the rotation next to it.
    u, scales, v = np.linalg.svd(pose[:3, :3])
    if np.abs(scales - 1).max() > _SHEARED or np.linalg.det(pose[:3, :3]) < 0:
        raise InputError(f"{path}: its upper left 3×3 is no rotation; wanted a camera-to-world matrix")
    turn = u @ v
    centred = lens.copy()
    centred[:2, 2] += 0.5  # our first pixel's centre is at (0.5, 0.5)
    try:
        camera = Camera.from_opencv(turn.T, -turn.T @ pose[:3, 3], centred, size)
    except ValueError as error:
        raise InputError(f"{path.parent / _LENS}: {error}") from None
    return camera.to(torch.float32)


def _median_depth(path: Path) -> float:
    depth = read_picture(path)[..., 0] * _MILLIMETRES
    measured = depth[(depth > 0) & (depth < _MILLIMETRES)]
    if not len(measured):
        raise InputError(f"{path}: holds no depth; wanted 16 bits of millimetres")
    return float(np.median(measured)) / 1000


def _matrix(path: Path, shape: tuple[int, int]) -> np.ndarray:
    if not path.is_file():
        raise InputError(f"{path}: no such file; wanted {shape[0]}×{shape[1]} numbers")
    try:
        matrix = np.loadtxt(path, dtype=np.float64, ndmin=2)
    except (ValueError, OSError):
        matrix = np.empty(0)
    if matrix.shape != shape or not np.isfinite(matrix).all():
        raise InputError(f"{path}: wanted {shape[0]}×{shape[1]} finite numbers, separated by spaces")
    return matrix
