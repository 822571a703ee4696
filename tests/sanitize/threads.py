"""Every kernel on eight threads, for a build with ThreadSanitizer: `make sanitize` runs it.

torch itself runs on one thread (OMP_NUM_THREADS=1): it is not built with the sanitizer, which would take its
synchronisation for races. Only the kernels see the eight.
"""

from __future__ import annotations

import threading

import torch
from torch import Tensor

from tvdrnet_nv import PhongLight, ops
from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.ops.rasterize import native as native_rasterize
from tvdrnet_nv.optimization.steps.adjust import Adjustment, adjust
from tvdrnet_nv.optimization.steps.camera_mlp import CameraMLP
from tvdrnet_nv.optimization.steps.descent import adam_update

THREADS = 8
LIGHT = PhongLight().over((1.0, 1.0, 1.0))
CTX = ops.RasterizeCudaContext()


def scene(dtype: torch.dtype, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Clip-space vertices of two images, attributes and faces: small triangles, many to a vertex."""
    g = torch.Generator().manual_seed(seed)
    pos = 2 * torch.rand(2, 3000, 4, generator=g, dtype=dtype) - 1
    pos[..., 3] = 1
    tri = (torch.randint(0, 2990, (5000, 1), generator=g) + torch.randint(0, 10, (5000, 3), generator=g)).int()
    pos[..., :2] = pos[..., :2].sort(dim=1).values + 0.2 * pos[..., :2].roll(1, 0)
    return pos, torch.rand(3000, 9, generator=g, dtype=dtype), tri


def everything(dtype: torch.dtype, seed: int, forward_mode: bool) -> list[Tensor]:
    """Images and gradients of all ops, in instanced and in range mode, or their forward-mode derivatives."""
    pos, attributes, tri = scene(dtype, seed)
    topology = ops.antialias_construct_topology_hash(tri)
    eye = torch.tensor([[0.0, 0, -3], [1, 0, -3]], dtype=dtype)

    def render(pos: Tensor, attributes: Tensor, eye: Tensor, ranges: Tensor | None) -> tuple[Tensor, ...]:
        rast, db = ops.rasterize(CTX, pos, tri, (97, 131), ranges)
        out, da = ops.interpolate(attributes, rast, tri, db, "all")
        shaded = ops.shade(
            attributes.detach(),
            rast,
            tri,
            eye,
            LIGHT,
        )
        smooth = [ops.antialias(shaded, rast, pos, tri, topology, walk=walk) for walk in (1, 64)]
        return (db, out, da, *smooth)

    results: list[Tensor] = []
    for ranges, here in ((None, pos), (torch.tensor([[0, 5000], [100, 3000]], dtype=torch.int32), pos[0])):
        if forward_mode:

            def forward(p: Tensor, e: Tensor, ranges: Tensor | None = ranges) -> tuple[Tensor, ...]:
                return render(p, attributes, e, ranges)

            results += torch.func.jvp(forward, (here, eye), (torch.ones_like(here), torch.ones_like(eye)))[1]
            continue
        leaves = [t.clone().requires_grad_() for t in (here, attributes, eye)]
        outputs = render(*leaves, ranges)
        results += torch.autograd.grad([o.sum() for o in outputs], leaves)
        results += [o.detach() for o in outputs]
    results += camera_path(dtype, pos[0], attributes, tri, topology, forward_mode)
    return results if forward_mode else results + descent(dtype)


def emulated() -> list[Tensor]:
    """The same by our CUDA kernels, and of more large triangles than there is room for."""
    pos, _, tri = scene(torch.float32, 0)
    with using("cuda-emulated"):
        results = [x for forward_mode in (False, True) for x in everything(torch.float32, 0, forward_mode)]
        results += native_rasterize.forward(pos, tri, None, None, (97, 131), True, large_room=50)
    return results


def camera_path(
    dtype: torch.dtype, pos: Tensor, attributes: Tensor, tri: Tensor, topology: ops.TopologyHash, forward_mode: bool
) -> list[Tensor]:
    """The same of `render_phong`, and of the losses, for five cameras, two of them alike, and one with the scene partly
    behind it; and for so many of a mesh of so many vertices that each thread renders images of its own."""
    few = rendered(dtype, pos, attributes, tri, topology, 5, (97, 131), forward_mode)
    most = 1 << 16  # vertices
    pos, attributes = (torch.cat([t, t.new_zeros(most - len(t), t.shape[1])]) for t in (pos, attributes))
    return few + rendered(dtype, pos, attributes, tri, topology, 5 * THREADS, (23, 31), forward_mode)


def rendered(
    dtype: torch.dtype,
    pos: Tensor,
    attributes: Tensor,
    tri: Tensor,
    topology: ops.TopologyHash,
    cameras: int,
    size: tuple[int, int],
    forward_mode: bool,
) -> list[Tensor]:
    """Images of `render_phong` and the losses of them, with gradients, or their forward-mode derivatives."""
    normals, colors = attributes[:, 3:6] - 0.5, attributes[:, 6:]
    mesh = ops.PhongScene(pos[:, :3].contiguous(), normals.contiguous(), colors.contiguous(), tri, topology)
    five = torch.eye(4, dtype=dtype).repeat(5, 1, 1)
    five[:, 0, 0] = torch.tensor([1.0, 0.8, 0.8, 1.1, 0.7])
    five[:, 3] += torch.tensor([0.0, 0.3, 0.3, 0.1, 1.5])[:, None] * torch.tensor([0.5, 0, 0.4, 0], dtype=dtype)
    to_clip = five.repeat((cameras + 4) // 5, 1, 1)[:cameras].contiguous()
    eye = torch.tensor([[0.0, 0, -3]], dtype=dtype).repeat(cameras, 1)
    target = torch.zeros(*size, 3, dtype=dtype)

    def render(to_clip: Tensor, eye: Tensor) -> tuple[Tensor, ...]:
        image, rast = ops.render_phong(
            mesh,
            to_clip,
            eye,
            size,
            LIGHT,
        )
        return image, rast, ops.image_statistics(image), ops.mean_squared_error(image, target)

    if forward_mode:
        return list(torch.func.jvp(render, (to_clip, eye), (torch.ones_like(to_clip), torch.ones_like(eye)))[1])
    leaves = [t.clone().requires_grad_() for t in (to_clip, eye)]
    outputs = render(*leaves)
    return [*torch.autograd.grad([o.sum() for o in outputs], leaves), *(o.detach() for o in outputs)]


def descent(dtype: torch.dtype) -> list[Tensor]:
    """The networks that adjust nine cameras, and a step of Adam."""
    draw = torch.Generator().manual_seed(0)
    limits = torch.tensor([[2.0] * 3, [0.2] * 3, [-1.0] * 3, [1.0] * 3], dtype=dtype)
    how = Adjustment(*limits, 2, [1, 1, 1], CameraMLP(9, 3))
    values = torch.randn(9, 3, generator=draw, dtype=dtype).requires_grad_()
    networks = (0.1 * torch.randn(how.mlp.flat.shape, generator=draw, dtype=dtype)).requires_grad_()
    adjusted = adjust(values, networks, how)
    gradients = torch.autograd.grad([part.sum() for part in adjusted], [values, networks])
    state = [torch.rand(100_000, generator=draw, dtype=dtype) for _ in range(4)]
    adam_update(*state, steps=3, rate=0.03, betas=(0.8, 0.95), eps=1e-8)
    return [*(part.detach() for part in adjusted), *gradients, *state]


def main() -> None:
    """Everything on eight threads, and from two threads of the caller's at the same time, against one thread.

    Forward mode from one caller only: torch's levels of it belong to the process.
    """
    torch.get_num_threads = lambda: 1  # what the ops ask; torch's own pool stays as it is
    one = emulated()
    torch.get_num_threads = lambda: THREADS
    for have, want in zip(emulated(), one, strict=True):
        if not torch.equal(have.nan_to_num(), want.nan_to_num()):
            raise SystemExit(f"the CUDA kernels, emulated: {THREADS} threads do not give what one gives")
    runs = [(dtype, forward_mode) for dtype in (torch.float32, torch.float64) for forward_mode in (False, True)]
    torch.get_num_threads = lambda: 1
    wanted = {run: everything(run[0], 0, run[1]) for run in runs}
    torch.get_num_threads = lambda: THREADS
    found = {run: everything(run[0], 0, run[1]) for run in runs if run[1]}
    callers = [
        threading.Thread(target=lambda run=run: found.update({run: everything(run[0], 0, run[1])}))
        for run in runs
        if not run[1]
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for run, results in wanted.items():
        for have, want in zip(found[run], results, strict=True):
            if not torch.equal(have.nan_to_num(), want.nan_to_num()):
                raise SystemExit(f"{run[0]}: {THREADS} threads do not give what one gives")
    print(f"{sum(len(r) for r in wanted.values())} results of {_cpu.__file__}: the same on {THREADS} threads")


if __name__ == "__main__":
    main()
