"""Blocks of a render are found in a picture that is the render, moved and recoloured."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding.block_matching import Matches, match_blocks
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT


@pytest.fixture(scope="module")
def render() -> Render:
    mesh = room(20_000)
    low, high = mesh.bounds
    middle = 0.5 * (low + high)
    cameras = Camera.from_look_at(
        middle + torch.tensor([[1.5, -1.0, 0.3], [-1.4, 1.2, 0.2]]), middle, (0.0, 0.0, 1.0), [60.0, 70.0]
    )
    return Renderer(mesh, (48, 64), light=UNLIT)(cameras)


def matched(render: Render, target: torch.Tensor, counts: torch.Tensor | None = None, reach: int = 8) -> Matches:
    counts = torch.ones(*target.shape[:2], 1) if counts is None else counts
    return match_blocks(render, target, counts, block=15, spacing=5, reach=reach)


def test_the_points_are_seen_where_their_blocks_are(render: Render):
    """Without a move: the points' projections, by the clip matrix, are the places, and those of the picture."""
    matches = matched(render, render.rgb[0])
    good = matches.weights[0] > 0.65
    assert float(good.float().mean()) > 0.4
    view = matches.points[0] * torch.tensor([-1.0, -1.0, 1.0])
    world = (view - render.camera.T[0]) @ render.camera.R[0].T
    clip = render.camera[:1].to_clip(world, 64 / 48, 0.01, 100.0)[0]
    seen = torch.stack([32 * (1 + clip[:, 0] / clip[:, 3]), 24 * (1 - clip[:, 1] / clip[:, 3])], 1)
    assert torch.allclose(seen[good], matches.there[0][good], atol=1e-3)


def test_a_moved_picture_in_other_colours_is_matched_in_each_render(render: Render):
    """Right by 3 pixels, down by 2, with a gain and an offset; the other render is another view, which does not fit."""
    still, target = matched(render, render.rgb[0]), 0.1 + 0.6 * render.rgb[0].roll((2, 3), (0, 1))
    moved = matched(render, target)
    both = (moved.weights > 0.6) & (still.weights > 0.6)
    assert int(both[0].sum()) > 20
    assert torch.equal((moved.there - still.there)[both].median(0).values, torch.tensor([3.0, 2.0]))
    assert float((moved.weights[0] > 0.6).sum()) > 5 * float((moved.weights[1] > 0.6).sum())


def test_what_moved_too_far_or_is_masked_is_not_matched(render: Render):
    far = matched(render, render.rgb[0].roll(8, 1))
    near = matched(render, render.rgb[0].roll(8, 1), reach=9)
    assert int((near.weights[0] > 0.6).sum()) > 3 * int((far.weights[0] > 0.6).sum())
    counts = torch.ones(48, 64, 1)
    counts[:, :32] = 0
    masked = matched(render, render.rgb[0], counts)
    assert bool((masked.there[masked.weights > 0][:, 0] > 32).all())
    assert bool((masked.weights > 0).any())


def test_plain_blocks_and_empty_ones_are_not_matched(render: Render):
    noise = torch.rand(48, 64, 3, generator=torch.Generator().manual_seed(0))
    for alpha in (0.0, 1.0):
        plain = render.showing(torch.tensor([0.3, 0.4, 0.5, alpha]).expand(2, 48, 64, 4))
        assert bool((matched(plain, noise).weights == 0).all())
