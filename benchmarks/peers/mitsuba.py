"""Mitsuba 3's camera optimisation on the CPU: `direct_projective`, which samples silhouettes, by Dr.Jit's LLVM backend.

The step that its users would write: camera pose by three angles and a distance, render, mean brightness and contrast,
backward, Adam. Runs as a child process; needs numpy and mitsuba, and an LLVM library.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import Any

import numpy as np


class Mitsuba:
    """A scene with vertex colours and a point light.

    Args:
        vertices: [V, 3] float32.
        colors: [V, 3] float32.
        faces: [F, 3] int32.
        orbit: distance, elevation and azimuth (degrees), field of view (degrees), about `at` with y up.
        at: [3].
        light: [3], world position.
        size: side of the square image, pixels.
        samples: per pixel.
    """

    def __init__(
        self,
        vertices: np.ndarray,
        colors: np.ndarray,
        faces: np.ndarray,
        orbit: tuple[float, float, float, float],
        at: np.ndarray,
        light: np.ndarray,
        size: int,
        samples: int,
    ) -> None:
        import drjit as dr
        import mitsuba as mi

        mi.set_variant("llvm_ad_rgb")
        self._dr, self._mi, self._samples = dr, mi, samples
        self.version = str(mi.__version__)
        mesh = mi.Mesh("scan", len(vertices), len(faces), has_vertex_normals=False, props=_colored(mi))
        mesh.add_attribute("vertex_color", 3, np.ascontiguousarray(colors, np.float32).ravel())
        held = mi.traverse(mesh)
        held["vertex_positions"] = np.ascontiguousarray(vertices, np.float32).ravel()
        held["faces"] = np.ascontiguousarray(faces, np.uint32).ravel()
        held.update()
        distance, elevation, azimuth, fov = orbit
        self._at = [float(x) for x in at]
        self._scene = mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "direct_projective"},
                "mesh": mesh,
                "light": {"type": "point", "position": [float(x) for x in light], "intensity": 4.0 * distance},
                "sky": {"type": "constant", "radiance": 0.5},
                "sensor": {
                    "type": "perspective",
                    "fov": fov,
                    "fov_axis": "smaller",
                    "to_world": mi.ScalarTransform4f().look_at(
                        self._eye(distance, elevation, azimuth), self._at, [0, 1, 0]
                    ),
                    "film": {"type": "hdrfilm", "width": size, "height": size, "rfilter": {"type": "gaussian"}},
                },
            }
        )
        self._params = mi.traverse(self._scene)
        self._adam = mi.ad.Adam(lr=1e-3)
        for name, value in (("distance", distance), ("elevation", elevation), ("azimuth", azimuth)):
            self._adam[name] = mi.Float(value)

    def _eye(self, distance: Any, elevation: Any, azimuth: Any) -> list[Any]:
        functions = math if isinstance(distance, float) else self._dr
        e, a = elevation * (math.pi / 180), azimuth * (math.pi / 180)
        x, y, z = self._at
        flat = distance * functions.cos(e)
        return [x + flat * functions.sin(a), y + distance * functions.sin(e), z + flat * functions.cos(a)]

    def step(self, seed: int) -> float:
        """One step; the loss."""
        dr, mi = self._dr, self._mi
        eye = self._eye(self._adam["distance"], self._adam["elevation"], self._adam["azimuth"])
        self._params["sensor.to_world"] = mi.Transform4f().look_at(
            mi.Point3f(*eye), mi.Point3f(self._at), mi.Vector3f(0, 1, 0)
        )
        self._params.update()
        image = mi.render(self._scene, self._params, spp=self._samples, seed=seed)
        mean = dr.mean(image, axis=None)
        loss = dr.abs(mean - 0.5) - 0.1 * dr.sqrt(dr.mean(dr.square(image - mean), axis=None))
        dr.backward(loss)
        self._adam.step()
        return float(loss.array[0])

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many steps, each waited for."""
        moments = [time.perf_counter()]
        for seed in range(repeats):
            self.step(seed)
            self._dr.sync_thread()
            moments.append(time.perf_counter())
        return [b - a for a, b in itertools.pairwise(moments)]


def _colored(mi: Any) -> Any:
    """Properties of a mesh whose diffuse colour is its attribute `vertex_color`."""
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(
        {
            "type": "twosided",
            "bsdf": {"type": "diffuse", "reflectance": {"type": "mesh_attribute", "name": "vertex_color"}},
        }
    )
    return properties
