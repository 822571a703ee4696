"""How large it may get: many triangles, many cameras. Each run reports its time and the process's peak memory.

`python -m tvdrnet_nv.benchmarks.scale [NAME…]` runs each in a process of its own and prints one line for it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable

import torch

from tvdrnet_nv import ops
from tvdrnet_nv.benchmarks.processes import PYTHON
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import bumpy_sphere

CAMERAS = 512


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


RUNS: dict[str, Callable[[], str]] = {
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
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{arguments[1]}: {seconds:.1f} s forward and backward with set-up, peak {peak:.1f} GiB, {said}")
        return
    for name in RUNS:
        if not arguments or any(a in name for a in arguments):
            subprocess.run([*PYTHON, "-m", "tvdrnet_nv.benchmarks.scale", "--here", name], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
