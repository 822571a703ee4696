"""The contexts, accepted so that programs written for nvdiffrast run."""

from __future__ import annotations

import torch

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.errors import message_of
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import ball
from tvdrnet_nv.conformance.tested_backend import TestedBackend


@case("contexts", "RasterizeCudaContext(device=None) and RasterizeGLContext(...) give the same images")
def both_contexts(b: TestedBackend) -> None:
    pos, tri = ball(0)
    want, want_db = b.rasterize(pos, tri, (8, 8))
    assert bool((want[..., 3] > 0).any())
    for context in (
        ops.RasterizeCudaContext(),
        ops.RasterizeCudaContext(device=b.device),
        ops.RasterizeGLContext(device=b.device),
        ops.RasterizeGLContext(mode="manual", device=torch.device(b.device)),
    ):
        if isinstance(context, ops.RasterizeGLContext):
            context.set_context()
        rast, rast_db = b.rasterize(pos, tri, (8, 8), ctx=context)
        if isinstance(context, ops.RasterizeGLContext):
            context.release_context()
        assert torch.equal(rast, want)
        assert torch.equal(rast_db, want_db)


@case("contexts", "one context serves images of any size and number, one after the other")
def one_context_for_all(b: TestedBackend) -> None:
    context = ops.RasterizeCudaContext()
    for batch, resolution in ((1, (8, 8)), (3, (24, 16)), (2, (8, 40)), (1, (8, 8))):
        pos, tri = ball(batch, batch=batch)
        rast, _ = b.rasterize(pos, tri, resolution, ctx=context)
        assert torch.equal(rast, b.rasterize(pos, tri, resolution, ctx=ops.RasterizeCudaContext())[0])


@case("contexts", "RasterizeGLContext(output_db=False): rast_db is empty")
def without_db(b: TestedBackend) -> None:
    pos, tri = ball(0)
    rast, rast_db = b.rasterize(pos, tri, (8, 8), ctx=ops.RasterizeGLContext(output_db=False))
    assert torch.equal(rast, b.rasterize(pos, tri, (8, 8))[0])
    assert rast_db.shape == (1, 8, 8, 0)


@case("contexts", "an unknown mode is refused by name")
def unknown_mode(b: TestedBackend) -> None:
    assert "'vulkan'" in message_of(ValueError, lambda: ops.RasterizeGLContext(mode="vulkan"))
