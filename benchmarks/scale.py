"""How large it may get: many triangles, many cameras. Each run reports its time and the process's peak memory.

`python -m tvdrnet_nv.benchmarks.scale [NAME…]` runs each in a process of its own and prints one line for it.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.benchmarks.processes import PYTHON
from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.render_phong import cpu
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.scenes import Building, bumpy_sphere, make_building

CAMERAS = 512
STEPS = 15


def _render(mesh: Mesh, size: int, cameras: int) -> str:
    renderer, azimuth = Renderer(mesh, size, near=0.1, far=100.0), torch.linspace(0, 300, cameras).requires_grad_()
    render = renderer(Orbit.create(3.0, 20.0, azimuth).camera())
    render.rgb.square().mean().backward()
    assert azimuth.grad is not None
    assert bool(azimuth.grad.isfinite().all())
    covered = float((render.face_ids >= 0).float().mean())
    assert 0.1 < covered < 0.9
    return (
        f"{covered:.0%} covered, {min(renderer._drawing.cameras_at_once(renderer.resolution), cameras)} cameras at once"
    )


def _ranged(mesh: Mesh, size: int, cameras: int) -> str:
    """512 images of one set of vertices, each of a part of the triangles."""
    azimuth = torch.zeros(1, requires_grad=True)
    pos = Orbit.create(3.0, 20.0, azimuth).camera().to_clip(mesh.vertices, 1.0, near=0.1, far=100.0)[0]
    count = mesh.num_faces // 4
    first = torch.linspace(0, mesh.num_faces - count, cameras).int()
    ranges = torch.stack((first, torch.full_like(first, count)), dim=1)
    rast, _ = ops.rasterize(ops.RasterizeGLContext(output_db=False), pos, mesh.faces, (size, size), ranges, False)
    rast[..., :2].square().sum().backward()
    assert azimuth.grad is not None
    assert bool(azimuth.grad.isfinite().all())
    ids = rast.detach()[..., 3]
    for image, start in zip(ids, first, strict=True):
        seen = image[image > 0]
        assert bool(((seen > start) & (seen <= start + count)).all())
    return f"{float((ids > 0).float().mean()):.0%} covered"


def _building(triangles: int) -> Building:
    """Forty rooms on five floors."""
    return make_building(triangles, floors=5, rooms=(4, 2))


def _in_building(building: Building, place: Tensor, direction: Tensor) -> Camera:
    """Cameras in the middle of a room, that look `direction` [B] radians around, a little down; `place` [B, 3] metres
    from there."""
    eye = building.centers[len(building.centers) // 2] + place
    ahead = torch.stack([direction.cos(), direction.sin(), torch.full_like(direction, -0.2)], 1)
    return Camera.from_look_at(eye, eye.detach() + ahead, up=(0.0, 0.0, 1.0), fov=65.0)


def _step(renderer: Renderer, building: Building, step: int, cameras: int) -> tuple[float, list[Tensor]]:
    """Seconds of a forward and a backward pass, as an optimisation moves its cameras, and all that comes out."""
    places = torch.linspace(0, 1, 3 * cameras).reshape(cameras, 3) * (cameras > 1) + 0.004 * step
    places.requires_grad_()
    direction = torch.arange(cameras) * 0.7 + 0.003 * step
    began = time.perf_counter()
    render: Render = renderer(_in_building(building, places, direction))
    render.rgba.square().mean().backward()
    seconds = time.perf_counter() - began
    assert places.grad is not None
    return seconds, [render.rgba.detach(), render.face_ids, places.grad]


def _inside(triangles: int, cameras: int = 1, size: int = 512) -> str:
    """Steps within a building, all triangles against blocks, one after the other."""
    building, usual = _building(triangles), cpu.BLOCKS_FROM
    renderers = {}
    for name, first in (("all", 2**62), ("blocks", usual)):
        cpu.BLOCKS_FROM = first
        renderers[name] = Renderer(building.mesh, size, near=0.05, far=200.0)
    cpu.BLOCKS_FROM = usual
    seconds: dict[str, list[float]] = {name: [] for name in renderers}
    for step in range(STEPS if cameras == 1 else 3):
        results = []
        for name, renderer in renderers.items():
            took, result = _step(renderer, building, step, cameras)
            seconds[name].append(took)
            results.append(result)
        assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    scene = renderers["blocks"]._drawing._scene
    assert scene is not None
    drawn, there_are = scene.native.kernels.blocks()
    first, second = (statistics.median(seconds[name][1:]) for name in renderers)
    ratios = sorted(a / b for a, b in zip(seconds["all"][1:], seconds["blocks"][1:], strict=True))
    return (
        f"a step of {cameras} camera{'s' * (cameras > 1)}: all triangles {1e3 * first:.1f} ms, "
        f"blocks {1e3 * second:.1f} ms, ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
        f"first step {1e3 * seconds['blocks'][0]:.1f} ms; {drawn} of {there_are} blocks drawn; same bits"
    )


def _peak() -> int:
    """The process's peak memory so far, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _now() -> int:
    """The process's memory, bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _memory(triangles: int) -> str:
    """What a large scene takes, its own making included."""
    before = _now()
    building = _building(triangles)
    renderer = Renderer(building.mesh, 512, near=0.05, far=200.0)
    made = _peak()
    for step in range(3):
        _step(renderer, building, step, 1)
    each, at_last, prepared = ((x - before) / triangles for x in (_peak(), _now(), made))
    return f"bytes a triangle: peak {each:.0f}, of which until it is prepared {prepared:.0f}; at the end {at_last:.0f}"


RUNS: dict[str, Callable[[], str]] = {
    "5M triangles of a building from inside, 512x512": lambda: _inside(5_000_000),
    "1M triangles of a building from inside, 512x512": lambda: _inside(1_000_000),
    "5M triangles of a building from inside, 256x256, 64 cameras": lambda: _inside(5_000_000, 64, 256),
    "5M triangles of a building: memory": lambda: _memory(5_000_000),
    "5M triangles at 1024x1024, one camera": lambda: _render(bumpy_sphere(1250, 2000), 1024, 1),
    "5M triangles at 256x256, 16 cameras": lambda: _render(bumpy_sphere(1250, 2000), 256, 16),
    "100k triangles at 128x128, 512 cameras": lambda: _render(bumpy_sphere(200, 250), 128, CAMERAS),
    "100k triangles at 128x128, 512 ranges": lambda: _ranged(bumpy_sphere(200, 250), 128, CAMERAS),
}


def main(arguments: list[str]) -> None:
    """Run what is named, or all."""
    if arguments[:1] == ["--here"]:
        began = time.perf_counter()
        said = RUNS[arguments[1]]()
        seconds = time.perf_counter() - began
        peak = _peak() / 2**30
        print(f"{arguments[1]}: {seconds:.1f} s forward and backward with set-up, peak {peak:.1f} GiB, {said}")
        return
    for name in RUNS:
        if not arguments or any(a in name for a in arguments):
            subprocess.run([*PYTHON, "-m", "tvdrnet_nv.benchmarks.scale", "--here", name], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
