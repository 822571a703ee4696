"""Inputs that a GPU's path may stumble over, each beside what the CPU makes of it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh, Textures
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_light, scene_orbit

_ODD = (333, 251)  # height and width
_CAMERAS = 128
_SAME = 0.97  # of the pixels that must be the CPU's: nvdiffrast rounds vertices to 1/16 pixel
_CLOSE = 4 / 255


def check(mesh: Mesh, device: torch.device, size: int | None) -> dict[str, Any]:
    """A camera that is not a number, an image of odd sides, many cameras at once, a textured mesh on a large image."""
    orbit = scene_orbit(mesh, elevation=30.0, azimuth=40.0)
    return {
        "a camera of NaN": _nan_camera(mesh, orbit, device, size or 128),
        f"{_ODD[0]} x {_ODD[1]}": _same(mesh, orbit, device, _ODD),
        f"{_CAMERAS} cameras": _many_cameras(mesh, orbit, device, size or 64),
        "textured": _same(_with_texture(mesh), orbit, device, (size or 1024, size or 1024)),
    }


def one_step(mesh: Mesh, device: torch.device, size: int | None) -> dict[str, Any]:
    """A forward and a backward pass: enough for a tool that watches each access to memory."""
    orbit = scene_orbit(mesh, elevation=30.0, azimuth=40.0).to(device)
    azimuth = orbit.azimuth.clone().requires_grad_()
    renderer = Renderer(mesh.to(device), size or 96, light=scene_light(orbit))
    loss = view_heuristic(renderer(orbit.replace(azimuth=azimuth).camera())).sum()
    loss.backward()
    assert azimuth.grad is not None
    gradient = float(azimuth.grad)
    return {"step": {"loss": float(loss.detach()), "gradient": gradient, "good": bool(azimuth.grad.isfinite().all())}}


def _image(mesh: Mesh, orbit: Orbit, device: torch.device, resolution: int | tuple[int, int]) -> Tensor:
    with torch.no_grad():
        renderer = Renderer(mesh.to(device), resolution, light=scene_light(orbit))
        return renderer(orbit.to(device).camera()).rgba.cpu()


def _same(mesh: Mesh, orbit: Orbit, device: torch.device, resolution: tuple[int, int]) -> dict[str, Any]:
    here, there = (_image(mesh, orbit, where, resolution) for where in (torch.device("cpu"), device))
    close = ((here - there).abs() <= _CLOSE).all(-1).double().mean()
    return {"pixels as on the CPU": float(close), "good": bool(there.isfinite().all()) and float(close) >= _SAME}


def _nan_camera(mesh: Mesh, orbit: Orbit, device: torch.device, size: int) -> dict[str, Any]:
    azimuth = torch.tensor([float(orbit.azimuth), float("nan")], device=device, requires_grad=True)
    both = orbit.to(device).expand(2).replace(azimuth=azimuth)
    renderer = Renderer(mesh.to(device), size, light=scene_light(orbit))
    render = renderer(both.camera())
    loss = view_heuristic(render)
    loss[0].backward()
    assert azimuth.grad is not None
    covered = [float(x) for x in render.alpha.detach().mean((1, 2, 3))]
    good = covered[0] > 0 and covered[1] == 0 and bool(azimuth.grad[0].isfinite())
    return {"covered": covered, "gradient": float(azimuth.grad[0]), "good": good}


def _many_cameras(mesh: Mesh, orbit: Orbit, device: torch.device, size: int) -> dict[str, Any]:
    azimuth = torch.linspace(0, 350, _CAMERAS)
    batch = orbit.expand(_CAMERAS).replace(azimuth=azimuth)
    images = _image(mesh, batch, device, size)
    singles = torch.cat([_image(mesh, batch[i : i + 1], device, size) for i in range(0, _CAMERAS, 16)])
    difference = float((images[::16] - singles).abs().max())
    return {"difference to single cameras": difference, "good": difference <= 1e-5}


def _with_texture(mesh: Mesh) -> Mesh:
    """The mesh with one picture, spread over it from above."""
    generator = torch.Generator().manual_seed(0)
    picture = torch.rand((256, 256, 3), generator=generator)
    low, high = mesh.vertices.amin(0), mesh.vertices.amax(0)
    uv = ((mesh.vertices - low) / (high - low).clamp_min(1e-6))[:, :2].contiguous()
    textures = Textures(uv, (picture,), torch.zeros(mesh.num_faces, dtype=torch.int32))
    return Mesh(mesh.vertices, mesh.faces, mesh.colors, textures)
