"""A step of PyTorch3D, in the reference's process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.benchmarks.speed.cases import STEP, Case
from tvdrnet_nv.renderer import default_clip_planes
from tvdrnet_nv.starts import scene_light

_SMALL = 32  # pixels along a side, of a picture that costs little


class PyTorch3D:
    """TVDRNet's pipeline on PyTorch3D, as its users write it (`benchmarks/reference`): the same cameras, light, loss.

    Its optimiser's share is not timed.
    """

    name = "pytorch3d"

    def __init__(self, case: Case, reference: Reference, *, warm: bool = True) -> None:
        self._reference, self._warm = reference, warm
        mesh, orbit = case.mesh(), case.orbit()
        # PyTorch3D's orbit has y up: the scene is turned instead.
        turn = orbit.frame
        light = turn.new_tensor(scene_light(orbit).location) @ turn
        near, far = default_clip_planes(mesh)
        self._before = self._resident(reset=True)
        scene = {
            "vertices": (mesh.vertices @ turn).numpy(),
            "faces": mesh.faces.numpy(),
            "colors": mesh.colors.numpy(),
        }
        reference.call("scene", scene, name=case.scene)
        camera = {name: getattr(orbit, name) for name in ("distance", "elevation", "azimuth", "fov")}
        camera["at"] = orbit.at @ turn
        self._arrays = {name: value.numpy() for name, value in camera.items()} | {"light": light.numpy()}
        self._options: dict[str, Any] = {
            "scene": case.scene,
            "height": case.resolution,
            "width": case.resolution,
            "znear": near,
            "zfar": far,
            "what": case.what,
        }

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many steps, or forward passes, in a row."""
        answer = self._reference.call("time", self._arrays, repeats=repeats, warm=self._warm, **self._options)
        return answer["seconds"].tolist()

    def peak_mib(self) -> float | None:
        """The peak of memory since it was made, over what the process held before."""
        return (self._resident() - self._before) / 2**20

    def _resident(self, reset: bool = False) -> float:
        """Peak bytes: of the device where it has memory of its own, else of the process."""
        answer = self._reference.call("memory", reset=reset)
        cuda = self._reference.info["device"].startswith("cuda")
        return float(answer["device" if cuda else "resident"])

    @staticmethod
    def pace(case: Case, reference: Reference) -> float:
        """Seconds for one unit of `work`, from a small picture; it warms the process up, too."""
        small = replace(case, resolution=_SMALL, cameras=1, what=STEP)
        return min(PyTorch3D(small, reference).times(2)) / work(small)


def work(case: Case) -> float:
    """What PyTorch3D's CPU rasterizer has to do: it tries every face at every pixel."""
    return float(case.mesh().num_faces) * case.resolution**2 * case.cameras
