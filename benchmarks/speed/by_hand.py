"""What a user of nvdiffrast would write by hand: its ops, and everything else in eager torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.speed.cases import FORWARD, Case
from tvdrnet_nv.benchmarks.speed.clock import Clock, Memory
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.shade.reference import phong_color
from tvdrnet_nv.renderer import default_clip_planes
from tvdrnet_nv.starts import scene_light


class ByHand:
    """TVDRNet's step on the module `nvdiffrast.torch`, or on one of its shape."""

    name = "nvdiffrast by hand"

    def __init__(self, case: Case, device: torch.device, dr: Any) -> None:
        self._case, self._device, self._dr = case, device, dr
        self.label = str(device)  # of the row
        self._memory = Memory(device)
        mesh = case.mesh().to(device)
        self._memory.start()
        self._orbit = case.orbit().to(device)
        self._planes = default_clip_planes(mesh)
        self._phong = scene_light(self._orbit).over((1.0, 1.0, 1.0))
        self._scene = _Scene(mesh)
        self._context = dr.RasterizeCudaContext(device=device)
        self._camera = torch.stack([self._orbit.distance, self._orbit.elevation, self._orbit.azimuth], 1)
        self._camera.requires_grad_()
        self._optimizer = torch.optim.Adam([self._camera], lr=1e-4)

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many steps, or forward passes, in a row."""
        clock = Clock(self._device)
        for _ in range(repeats + 1):
            clock.mark()
            if self._case.what == FORWARD:
                with torch.no_grad():
                    self.render()
                continue
            rgb, alpha = self.render()
            brightness = (rgb.flatten(1).mean(1) - 0.5).abs()
            loss = (brightness - 0.1 * rgb.flatten(1).std(1) - 0.5 * alpha.flatten(1).mean(1)).sum()
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
        return clock.seconds()

    def render(self) -> tuple[Tensor, Tensor]:
        """[B, H, W, 3] and [B, H, W, 1], row 0 at the bottom."""
        dr, scene, phong, size = self._dr, self._scene, self._phong, self._case.resolution
        distance, elevation, azimuth = self._camera.unbind(1)
        orbit = self._orbit.replace(distance=distance, elevation=elevation, azimuth=azimuth)
        camera = orbit.camera()
        pos = scene.homogeneous @ camera.clip_matrix(1.0, *self._planes).transpose(1, 2)
        rast, _ = dr.rasterize(self._context, pos, scene.faces, (size, size), grad_db=False)
        attributes, _ = dr.interpolate(scene.attributes, rast, scene.faces)
        points, normals, colors = attributes.split(3, dim=-1)
        covered = rast[..., 3:] > 0
        rgb = torch.where(covered, phong_color(points, normals, colors, camera.position, phong), 1.0)
        image = dr.antialias(torch.cat([rgb, covered.to(rgb.dtype)], -1), rast, pos, scene.faces)
        return image[..., :3], image[..., 3:]

    def peak_mib(self) -> float | None:
        """The peak of memory since it was made, without the mesh."""
        return self._memory.peak_mib()


class _Scene:
    def __init__(self, mesh: Mesh) -> None:
        self.homogeneous = torch.nn.functional.pad(mesh.vertices, (0, 1), value=1.0)
        self.attributes = torch.cat([mesh.vertices, mesh.vertex_normals, mesh.colors], 1)
        self.faces = mesh.faces
