"""TVDRNet's recipe on PyTorch3D, at sizes that it can do in minutes."""

from __future__ import annotations

import numpy as np
import torch

from tvdrnet_nv.benchmarks.recovery import methods
from tvdrnet_nv.benchmarks.recovery.methods import Method, Search
from tvdrnet_nv.benchmarks.reference import Reference, network_weights
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization.tvdrnet import LEARNING_RATE
from tvdrnet_nv.renderer import Renderer

SHADERS = {"tvdrnet, PyTorch3D hard": "hard_phong", "tvdrnet, PyTorch3D soft": "soft_phong"}
_PARAMETERS = ("distance", "elevation", "azimuth")


def by_pytorch3d(reference: Reference, mesh: Mesh, shader: str) -> Method:
    """TVDRNet's recipe in PyTorch3D's process, with hard or soft visibility. The mesh must have y up.

    The picture is the same that all methods get. What the recipe settles on is the camera of the lowest loss.
    """
    arrays = {"vertices": mesh.vertices, "faces": mesh.faces, "colors": mesh.colors}
    reference.call("scene", {name: array.cpu().numpy() for name, array in arrays.items()}, name="recovery")

    def search(
        renderer: Renderer, start: Orbit, picture: torch.Tensor, parameters: tuple[str, ...], seed: int
    ) -> Search:
        if parameters != _PARAMETERS or start.up != "y":
            raise ValueError("PyTorch3D's recipe moves distance, elevation and azimuth about the y axis alone")
        camera = {name: getattr(start, name).cpu().numpy() for name in (*_PARAMETERS, "fov", "at")}
        found = reference.call(
            "trajectory",
            {
                **camera,
                **network_weights(seed),
                "light": np.array(renderer.light.location, dtype=np.float32),
                "target": picture.cpu().numpy(),
            },
            scene="recovery",
            height=renderer.resolution[0],
            width=renderer.resolution[1],
            znear=2 * renderer.near,  # PyTorch3D clips at half of it
            zfar=renderer.far,
            shader=shader,
            loss="mse",
            iterations=methods.ITERATIONS,
            learning_rate=LEARNING_RATE,
        )
        count = len(found["loss"])
        tried = Orbit(
            *(torch.from_numpy(found[name]).float() for name in _PARAMETERS),
            fov=start.fov.cpu().expand(count),
            at=start.at.cpu().expand(count, 3),
        )
        best = int(np.nan_to_num(found["loss"], nan=np.inf).argmin())
        return Search(tried, tried[best], found["seconds"])

    return search
