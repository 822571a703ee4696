"""Cameras all over a scene, from which a search for a picture's camera begins."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, rotation_from_vector
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.starts import halton
from tvdrnet_nv.up import up_direction

FOVS = 50.0, 90.0  # degrees, between which lenses are tried where the picture's is not known
_PLACES = 24  # cameras for each place
# Heights of places over the floor, in heights of the scene: a scan may end below the eyes.
_LOWEST, _HIGHEST = 0.1, 1.25
_BEYOND = 0.15  # of the extent, how far places lie outside of it
_CLEAR = 0.06  # radii, to the nearest vertex
_VERTICES = 4096  # of which the distance is taken
_PITCH, _PITCH_SPREAD = -12.0, 18.0  # degrees: most pictures of rooms look down a little
_STEEPEST = 75.0  # degrees
_ROLL_SPREAD = 8.0  # degrees
# Of cameras around a start: how much they roll of how much they turn; and by degree of reach, the spread of the
# distance's logarithm, of turns in degrees, and of moves in distances.
_ROLLING, _NEARER, _ASIDE, _MOVED = 0.2, 0.2 / 32, 4.0 / 32, 0.03 / 32


def cameras_inside(mesh: Mesh, count: int, *, lens: Camera | None, seed: int = 0) -> Camera:
    """About `count` upright cameras in the free space of a scene and just above it, in all directions.

    Places fill the scene's bounds evenly (Halton 1960), from near the floor to a quarter above the scene; those that
    are nearer than 0.06 radii to a vertex are left out. Directions are even in azimuth; pitch and roll are normally
    distributed.

    Args:
        mesh: the scene.
        count: how many.
        lens: one camera, whose lens all have; None: fields of view between 50° and 90°.
        seed: another seed gives other places and directions.

    Returns:
        Cameras on the CPU, float32.
    """
    frame = _upright_frame(mesh)
    eye = _free_places(mesh, max(1, count // _PLACES), frame, seed).repeat_interleave(_PLACES, 0)
    many = len(eye)
    rng = np.random.default_rng(seed)
    azimuth = 2 * math.pi * (np.arange(many) % _PLACES + rng.uniform(size=many)) / _PLACES
    pitch = np.radians(rng.normal(_PITCH, _PITCH_SPREAD, many).clip(-_STEEPEST, _STEEPEST))
    roll = np.radians(rng.normal(0, _ROLL_SPREAD, many))
    level = np.stack([np.sin(azimuth), np.cos(azimuth)], 1) * np.cos(pitch)[:, None]
    ahead = (torch.from_numpy(np.concatenate([level, np.sin(pitch)[:, None]], 1)) @ frame).float()
    fovs = np.exp(rng.uniform(math.log(FOVS[0]), math.log(FOVS[1]), many))
    camera = Camera.from_look_at(eye, eye + ahead, frame[2].float(), torch.from_numpy(fovs).float())
    if lens is not None:
        focal, principal = (value.to(eye).expand(many, 2) for value in (lens.focal, lens.principal))
        camera = camera.replace(focal=focal, principal=principal)
    return turned(camera, torch.from_numpy(roll).float()[:, None] * torch.tensor([0.0, 0.0, 1.0]))


def cameras_near(camera: Camera, count: int, *, turn: float, move: float, zoom: float, seed: int) -> Camera:
    """`count` cameras around each of B cameras, normally distributed.

    Args:
        camera: B cameras.
        count: how many for each.
        turn: standard deviation of a turn about each axis, degrees.
        move: standard deviation of a move along each axis, scene units.
        zoom: standard deviation of the focal length's logarithm.
        seed: the same seed gives the same cameras.

    Returns:
        B·count cameras, those of the first first.
    """
    random = torch.Generator().manual_seed(seed)
    many = camera[torch.arange(len(camera)).repeat_interleave(count)]
    turns, moves = (torch.randn(len(many), 3, generator=random) for _ in range(2))
    position = many.position + move * moves
    zoomed = many.focal * torch.exp(zoom * torch.randn(len(many), 1, generator=random))
    there = many.replace(T=-(position[:, None] @ many.R)[:, 0], focal=zoomed)
    return turned(there, math.radians(turn) * turns)


def cameras_around(camera: Camera, distance: float, count: int, *, reach: float, zoom: float, seed: int) -> Camera:
    """`count` cameras around one camera, turned about the middle of its view, and a little aside.

    The turns are up to `reach`, evenly spread over a disc of directions, mostly about level axes of the image, as
    pictures of one place differ less in roll. Distances, directions and positions vary in proportion to the reach.

    Args:
        camera: one camera.
        distance: of the middle of its view, scene units.
        count: how many.
        reach: degrees.
        zoom: standard deviation of the focal length's logarithm.
        seed: the same seed gives the same cameras.
    """
    rng = np.random.default_rng(seed)
    axis = rng.normal(size=(count, 3))
    axis = axis / np.linalg.norm(axis, axis=1)[:, None] * (1.0, 1.0, _ROLLING)
    angle = math.radians(reach) * np.sqrt(rng.uniform(size=count))
    orbit = rotation_from_vector(torch.from_numpy(angle[:, None] * axis).float() @ camera.R[0].T)
    away = distance * torch.from_numpy(np.exp(rng.normal(0, _NEARER * reach, count))).float()
    middle = camera.position + distance * camera.R[:, :, 2]
    R = orbit @ camera.R
    position = middle - away[:, None] * R[:, :, 2]
    many = camera.expand(count).replace(R=R, T=-(position[:, None] @ R)[:, 0])
    return cameras_near(many, 1, turn=_ASIDE * reach, move=_MOVED * reach * distance, zoom=zoom, seed=seed)


def turned(camera: Camera, vectors: Tensor) -> Camera:
    """Cameras that turn on the spot, about vectors [B, 3] of radians in their own frames."""
    turn = rotation_from_vector(vectors).mT
    return camera.replace(R=camera.R @ turn, T=(camera.T[:, None] @ turn)[:, 0])


def _upright_frame(mesh: Mesh) -> Tensor:
    """[3, 3] float64 on the CPU: rows are two level directions and the one that points up."""
    up = up_direction(mesh)
    side = torch.eye(3, dtype=torch.float64)[int(up.abs().argmin())]
    level = torch.linalg.cross(side, up)
    level = level / level.norm()
    return torch.stack([level, torch.linalg.cross(up, level), up])


def _free_places(mesh: Mesh, count: int, frame: Tensor, seed: int) -> Tensor:
    """[N, 3]: at most `count` places in free space; other ones for another seed."""
    vertices = mesh.used_vertices.cpu()
    upright = vertices.double() @ frame.T
    low, high = upright.amin(0).numpy(), upright.amax(0).numpy()
    size = high - low
    bottom, top = low - _BEYOND * size, high + _BEYOND * size
    bottom[2], top[2] = low[2] + _LOWEST * size[2], low[2] + _HIGHEST * size[2]
    steps = 1 + 2 * count * seed + np.arange(2 * count)
    share = np.stack([halton(steps, base) for base in (2, 3, 5)], 1)
    places = (torch.from_numpy(bottom + share * (top - bottom)) @ frame).float()
    vertices = vertices[:: max(1, len(vertices) // _VERTICES)]
    clear = torch.cdist(places, vertices).amin(1) > _CLEAR * (mesh.radius or 1.0)
    return (places[clear] if bool(clear.any()) else places)[:count]
