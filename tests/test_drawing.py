"""How a surface is drawn: in chunks of cameras."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tvdrnet_nv import Orbit, PhongLight, Renderer, drawing
from tvdrnet_nv.drawing import Drawing
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops import backends
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


def test_kernels_of_the_gpu_hold_a_chunks_vertices_too():
    with backends.using("cuda-emulated"):
        mesh = sphere(5)
        drawing = Drawing(Surface(mesh, torch.float32), antialias=True)
        assert drawing.cameras_at_once((16, 16)) * 4 * (8 * mesh.num_vertices + 96 * 16 * 16) <= 2**30


def test_more_faces_than_float32_names_are_drawn_in_one_op_alone(monkeypatch):
    monkeypatch.setattr(drawing, "MAX_TRIANGLES", 100)
    mesh, camera = sphere(2), Orbit.create(2.5, 10.0, 20.0).camera()
    assert mesh.num_faces > 100
    assert bool((Renderer(mesh, 16)(camera).face_ids >= 0).any())
    wide = Orbit.create(2.5, 10.0, 20.0, dtype=torch.float64).camera()
    lamp = PhongLight(head=True)
    assert bool((Renderer(mesh, 16, light=lamp, dtype=torch.float64)(wide).face_ids >= 0).any())
    said = (
        f"the mesh has {mesh.num_faces} faces; more than 100 are drawn by the backends cpu and fused alone, .* cpu; dec"
    )
    with pytest.raises(InputError, match=said):
        Renderer(mesh, 16, light=lamp)(camera).rgba  # noqa: B018
    with pytest.raises(InputError, match=said):
        Renderer(replace(mesh, vertices=mesh.vertices.clone().requires_grad_()), 16)
    with backends.using("reference"), pytest.raises(InputError, match="backend reference;"):
        Renderer(mesh, 16)
