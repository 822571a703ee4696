"""How a surface is drawn: in chunks of cameras."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import Orbit, Renderer
from tvdrnet_nv.drawing import Drawing
from tvdrnet_nv.scenes import sphere
from tvdrnet_nv.surface import Surface


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_batch_in_chunks_is_the_whole_batch(monkeypatch, dtype, antialias):
    renderer = Renderer(sphere(2), (24, 32), antialias=antialias, dtype=dtype)
    results, drawn = [], []
    draw = Drawing._draw
    monkeypatch.setattr(
        Drawing, "_draw", lambda self, *args, **how: drawn.append(len(args[0])) or draw(self, *args, **how)
    )
    for cameras in (7, 3, 1):
        monkeypatch.setattr(Drawing, "cameras_at_once", lambda self, size, head, cameras=cameras: cameras)
        azimuth = torch.linspace(0, 300, 7, dtype=dtype, requires_grad=True)
        render = renderer(Orbit.create(2.5, 10.0, azimuth, dtype=dtype).camera())
        images = (render.rgb, render.alpha, render.depth, render.normals)
        loss = sum(
            (image * torch.linspace(-1, 2, image.numel(), dtype=dtype).reshape(image.shape)).sum() for image in images
        )
        (grad,) = torch.autograd.grad(loss, azimuth)
        results.append([*(image.detach() for image in images), render.face_ids, grad])
    assert drawn == [7, 3, 3, 1, 1, 3, 3, *[1] * 14]  # once more for the backward pass, last chunk first
    for chunked in results[1:]:
        for have, want in zip(chunked, results[0], strict=True):
            assert want.any()
            assert torch.equal(have, want)


def test_chunks_stay_within_their_memory():
    drawing = Drawing(Surface(sphere(3), torch.float32), antialias=True)
    small = drawing.cameras_at_once((256, 256))
    assert small * (4 * 32 * 256 * 256) <= 2**30
    assert 1 <= drawing.cameras_at_once((8192, 8192)) <= small
    assert drawing.cameras_at_once((16, 16)) > 512
