"""Mitsuba 3's camera optimisation on the CPU: `direct_projective`, which samples silhouettes, on Dr.Jit's LLVM backend.

The step that its users would write: a camera of distance, elevation and azimuth, the picture, brightness and contrast,
backward, Adam.
"""

# Whose types are known only where the package is installed.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from __future__ import annotations

import math
from typing import Any

import torch

from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.benchmarks.speed.clock import Clock, Memory
from tvdrnet_nv.starts import scene_light

_CPU = torch.device("cpu")
SAMPLES = 4  # per pixel


class Mitsuba:
    """The case's scene: vertex colours, TVDRNet's lamp as a point light, and light from everywhere."""

    name = "mitsuba"
    package = "mitsuba"

    def __init__(self, case: Case) -> None:
        import drjit as dr  # pyright: ignore[reportMissingImports]
        import mitsuba as mi  # pyright: ignore[reportMissingImports]

        mi.set_variant("llvm_ad_rgb")
        self._dr, self._mi = dr, mi
        self._memory = Memory(_CPU)
        self._memory.start()
        scene, orbit = case.mesh(), case.orbit()
        turn = orbit.frame  # its look-at has y up here: the scene is turned instead
        distance, elevation, azimuth, fov = (
            float(getattr(orbit, name)) for name in ("distance", "elevation", "azimuth", "fov")
        )
        self._at = (orbit.at[0] @ turn).tolist()
        mesh = mi.Mesh("scene", scene.num_vertices, scene.num_faces, has_vertex_normals=False, props=_colored(mi))
        mesh.add_attribute("vertex_color", 3, scene.colors.numpy().ravel())
        held = mi.traverse(mesh)
        held["vertex_positions"] = (scene.vertices @ turn).numpy().ravel()
        held["faces"] = scene.faces.numpy().astype("uint32").ravel()
        held.update()
        pose = mi.ScalarTransform4f().look_at(self._eye(distance, elevation, azimuth), self._at, [0, 1, 0])
        film = {"type": "hdrfilm", "width": case.resolution, "height": case.resolution, "rfilter": {"type": "gaussian"}}
        sensor = {"type": "perspective", "fov": fov, "fov_axis": "smaller", "to_world": pose, "film": film}
        lamp = torch.tensor(scene_light(orbit).location) @ turn
        self._scene = mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "direct_projective"},
                "mesh": mesh,
                "lamp": {"type": "point", "position": lamp.tolist(), "intensity": 4.0 * distance},
                "sky": {"type": "constant", "radiance": 0.5},
                "sensor": sensor,
            }
        )
        self._params = mi.traverse(self._scene)
        self._adam = mi.ad.Adam(lr=1e-3)
        for name, value in (("distance", distance), ("elevation", elevation), ("azimuth", azimuth)):
            self._adam[name] = mi.Float(value)
        self._seed = 0

    def _eye(self, distance: Any, elevation: Any, azimuth: Any) -> list[Any]:
        functions = math if isinstance(distance, float) else self._dr
        e, a = elevation * (math.pi / 180), azimuth * (math.pi / 180)
        x, y, z = self._at
        flat = distance * functions.cos(e)
        return [x + flat * functions.sin(a), y + distance * functions.sin(e), z + flat * functions.cos(a)]

    def step(self) -> None:
        """One step."""
        dr, mi = self._dr, self._mi
        eye = self._eye(self._adam["distance"], self._adam["elevation"], self._adam["azimuth"])
        pose = mi.Transform4f().look_at(mi.Point3f(*eye), mi.Point3f(self._at), mi.Vector3f(0, 1, 0))
        self._params["sensor.to_world"] = pose
        self._params.update()
        image = mi.render(self._scene, self._params, spp=SAMPLES, seed=self._seed)
        self._seed += 1
        mean = dr.mean(image, axis=None)
        loss = dr.abs(mean - 0.5) - 0.1 * dr.sqrt(dr.mean(dr.square(image - mean), axis=None))
        dr.backward(loss)
        self._adam.step()
        dr.eval(self._adam["distance"], self._adam["elevation"], self._adam["azimuth"])
        dr.sync_thread()

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many steps in a row."""
        clock = Clock(_CPU)
        clock.mark()
        for _ in range(repeats):
            self.step()
            clock.mark()
        return clock.seconds()

    def peak_mib(self) -> float | None:
        """The peak of memory since it was made."""
        return self._memory.peak_mib()


def _colored(mi: Any) -> Any:
    """Properties of a mesh whose diffuse colour is its attribute `vertex_color`."""
    properties = mi.Properties()
    reflectance = {"type": "mesh_attribute", "name": "vertex_color"}
    properties["bsdf"] = mi.load_dict({"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": reflectance}})
    return properties
