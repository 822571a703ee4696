"""A step of PyTorch3D, in the reference's process."""

from __future__ import annotations

from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.starts import scene_light

# PyTorch3D's CPU rasterizer tries every face at every pixel.
_COST_UNIT = 1e9
# The sizes of a run that costs next to nothing; its step is what the others' are predicted from.
SMALL = 32


class PyTorch3D:
    """TVDRNet's pipeline on PyTorch3D, as its users write it; see `benchmarks/reference/child.py`."""

    name = "pytorch3d"

    def __init__(self, case: Case, reference: Reference) -> None:
        self._case, self._reference = case, reference
        mesh = case.mesh()
        reference.call(
            "scene",
            {
                "vertices": mesh.vertices.numpy(),
                "faces": mesh.faces.numpy(),
                "colors": mesh.colors.numpy(),
            },
            name=case.scene,
        )
        orbit = case.orbit()
        self._cameras = {
            name: getattr(orbit, name).numpy() for name in ("distance", "elevation", "azimuth", "fov", "at")
        }

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many steps, or forward passes, in a row."""
