"""The views in which objects are masked: chosen for the object, or all around the scene."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.lifting.oracle import SIZE
from tvdrnet_nv.camera import Camera, Orbit, concatenate
from tvdrnet_nv.lifting import PixelWeights, Visibility
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.optimization import search_focus
from tvdrnet_nv.starts import scene_orbit

CHOSEN, UNIFORM = 12, 20
_CANDIDATES, _SMALL = 24, (240, 320)
_NEARER = (0.6, 0.35)


class Chooser:
    """Chooses views of parts of a scene: of candidates of `search_focus`, those that show most vertices together."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._visibility = Visibility(mesh, PixelWeights(angle=0, coverage=False, border=0))

    def __call__(self, marked: Tensor, count: int = CHOSEN) -> Camera:
        """One after the other, the view that adds most to the vertices bool [V] that any of them shows.

        Of the candidates, `search_focus` chooses half from all around; the others are the same nearer. A vertex counts
        by its pixels, up to one in the picture's full size.
        """
        mesh = self._mesh
        focus = FocusOn(mesh, marked.float().to(mesh.device))
        start = Orbit.create(2 * focus.radius, 30.0, 45.0, 60.0, at=focus.center, up="z", device=mesh.device)
        pool = search_focus(focus, start, _CANDIDATES, resolution=SIZE, steps=0)
        nearer = [pool[i::2].replace(distance=f * pool[i::2].distance) for i, f in enumerate(_NEARER)]
        camera = concatenate([pool, *nearer]).camera().to(mesh.device)
        shows = torch.stack([self._shows(camera[k])[marked] for k in range(len(camera))])
        best, chosen = torch.zeros(shows.shape[1]), []
        for _ in range(min(count, len(camera))):
            gain = torch.maximum(best, shows).mean(1)
            gain[chosen] = -1
            chosen.append(int(gain.argmax()))
            best = torch.maximum(best, shows[chosen[-1]])
        return camera[torch.tensor(chosen, device=mesh.device)]

    def _shows(self, camera: Camera) -> Tensor:
        """[V] in 0..1."""
        pixels = self._visibility(camera, _SMALL)
        enlarged = SIZE[0] * SIZE[1] / (_SMALL[0] * _SMALL[1])
        count = torch.bincount(pixels.vertex, minlength=self._mesh.num_vertices)
        return (enlarged * count / 8).clamp(max=1)


def uniform_views(mesh: Mesh, count: int = UNIFORM) -> Camera:
    """Views from all around the scene, evenly spaced, as Ground3D-LMM gives them to its model."""
    start = scene_orbit(mesh, elevation=30.0, azimuth=0.0, up="z")
    around = start.expand(count).replace(azimuth=360.0 * torch.arange(count, dtype=start.dtype) / count)
    return around.camera().to(mesh.device)
