"""A path-traced radiance image of a room, by Mitsuba 3 (Jakob et al., 2022): lamps at the ceiling, and a person.

Only `make_path_traced` needs it; the pictures that it made are kept.
"""

# Whose types are known only where the package is installed.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import sphere

VARIANT = "scalar_rgb"  # which runs on every processor
SAMPLES = 192  # per pixel
_DEPTH = 6
_LAMP_RADIANCE, _SKY, _SKY_OUTSIDE = 9.0, 0.12, 0.9
_LAMPS = ((0.3, 0.3), (0.7, 0.35), (0.5, 0.75))  # shares of the room's width and depth
_LAMP_SIZE = 0.3  # metres, half a side
_SKIN, _SHIRT, _TROUSERS = (0.55, 0.33, 0.25), (0.15, 0.28, 0.42), (0.06, 0.06, 0.08)


@dataclass(frozen=True)
class Person:
    """Somebody who stands before a camera: so far ahead of it and to its right, metres."""

    ahead: float
    right: float


def radiance(
    mesh: Mesh, camera: Camera, resolution: tuple[int, int], *, indoors: bool, person: Person | None, seed: int
) -> np.ndarray:
    """Trace one picture.

    Args:
        mesh: the room, z up, metres, on the CPU; its colours, made linear, are what its surfaces reflect.
        camera: one, with its principal point in the middle.
        resolution: height and width, pixels.
        indoors: whether there is a ceiling; from outside the room is open, under a bright sky.
        person: who is in the way.
        seed: of the samples.

    Returns:
        float32 [H, W, 3], linear RGB, row 0 at the top.
    """
    import mitsuba as mi  # pyright: ignore[reportMissingImports]

    mi.set_variant(VARIANT)
    low, high = (bound.numpy() for bound in (mesh.vertices.amin(0), mesh.vertices.amax(0)))
    scene = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": _DEPTH},
        "room": _shape(mi, "room", mesh, {"type": "mesh_attribute", "name": "vertex_color"}),
        "sky": {"type": "constant", "radiance": _SKY if indoors else _SKY_OUTSIDE},
        "sensor": _sensor(mi, camera, resolution),
        **_lamps(mi, low, high),
    }
    if indoors:
        to_world = _placed(mi, (low + high)[:2] / 2, high[2] + 0.03, (high - low)[:2] / 2 + 0.1)
        scene["ceiling"] = {
            "type": "rectangle",
            "to_world": to_world,
            "bsdf": {"type": "diffuse", "reflectance": _uniform((0.8, 0.8, 0.78))},
        }
    if person is not None:
        scene |= _body(mi, camera, person, float(low[2]))
    image = np.array(mi.render(mi.load_dict(scene), spp=SAMPLES, seed=seed), dtype=np.float32)
    return image[..., :3]


def _shape(mi: Any, name: str, mesh: Mesh, reflectance: dict[str, Any]) -> Any:
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict({"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": reflectance}})
    made = mi.Mesh(name, mesh.num_vertices, mesh.num_faces, has_vertex_normals=False, props=properties)
    made.add_attribute("vertex_color", 3, to_linear(mesh.colors.numpy()).astype(np.float32).ravel())
    held = mi.traverse(made)
    held["vertex_positions"] = mesh.vertices.numpy().ravel()
    held["faces"] = mesh.faces.numpy().astype("uint32").ravel()
    held.update()
    return made


def _sensor(mi: Any, camera: Camera, resolution: tuple[int, int]) -> dict[str, Any]:
    # Mitsuba's camera axes are PyTorch3D's: +x left, +y up, +z into the scene.
    to_world = np.eye(4)
    to_world[:3, :3] = camera.R[0].numpy()
    to_world[:3, 3] = camera.position[0].numpy()
    return {
        "type": "perspective",
        "fov": 2 * math.degrees(math.atan(1 / float(camera.focal[0, 1]))),
        "fov_axis": "smaller",
        "to_world": mi.ScalarTransform4f(to_world),
        "near_clip": 0.05,
        "film": {
            "type": "hdrfilm",
            "width": resolution[1],
            "height": resolution[0],
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
        },
        "sampler": {"type": "independent"},
    }


def _lamps(mi: Any, low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    """Square lamps that shine down, and are not there for who looks from above."""
    lamps = {}
    for index, share in enumerate(_LAMPS):
        place = low[:2] + np.array(share) * (high - low)[:2]
        lamps[f"lamp_{index}"] = {
            "type": "rectangle",
            "to_world": _placed(mi, place, high[2] - 0.02, (_LAMP_SIZE, _LAMP_SIZE)),
            "bsdf": {"type": "null"},
            "emitter": {
                "type": "area",
                "radiance": {"type": "rgb", "value": [_LAMP_RADIANCE * c for c in (1, 0.93, 0.8)]},
            },
        }
    return lamps


def _placed(mi: Any, middle: np.ndarray, height: float, half: Any) -> Any:
    """The square of sides 2 about the origin, facing down at a height."""
    t = mi.ScalarTransform4f
    return (
        t().translate([float(middle[0]), float(middle[1]), float(height)])
        @ t().rotate([1, 0, 0], 180)
        @ t().scale([float(half[0]), float(half[1]), 1])
    )


def _body(mi: Any, camera: Camera, person: Person, floor: float) -> dict[str, Any]:
    """Ellipsoids: a head, a trunk, and legs."""
    left, _, forward = camera.R[0].T.numpy()
    flat = np.array([forward[0], forward[1], 0.0])
    foot = camera.position[0].numpy() + person.ahead * flat / np.linalg.norm(flat) - person.right * left
    parts = {
        "head": (1.62, (0.10, 0.11, 0.14), _SKIN),
        "trunk": (1.18, (0.17, 0.22, 0.38), _SHIRT),
        "legs": (0.45, (0.14, 0.17, 0.48), _TROUSERS),
    }
    ball = sphere(4)
    return {
        name: _shape(mi, name, _ellipsoid(ball, (foot[0], foot[1], floor + up), size), _uniform(color))
        for name, (up, size, color) in parts.items()
    }


def _ellipsoid(ball: Mesh, middle: tuple[float, float, float], half: tuple[float, float, float]) -> Mesh:
    vertices = ball.vertices * ball.vertices.new_tensor(half) + ball.vertices.new_tensor(middle)
    return Mesh(vertices, ball.faces, ball.colors)


def _uniform(color: tuple[float, float, float]) -> dict[str, Any]:
    return {"type": "rgb", "value": list(color)}


def to_linear(display: np.ndarray) -> np.ndarray:
    """Colours of a screen (sRGB, IEC 61966-2-1) as linear light."""
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4)


def to_display(linear: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] as colours of a screen."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
