"""Vertex attributes at the pixels, and their change along the screen."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import normal, soup
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references


def _scene(b: TestedBackend, seed: int) -> tuple[Tensor, Tensor, Tensor, int]:
    """rast, rast_db, tri and the number of vertices; part of each image is background."""
    pos, tri = soup(seed)
    rast, rast_db = b.rasterize(pos, tri, (16, 24))
    assert 0.1 < float((rast[..., 3] > 0).double().mean()) < 1
    return rast, rast_db, tri, pos.shape[1]


@case("interpolate", "out [B, H, W, A] is u A0 + v A1 + (1 - u - v) A2, zero at the background")
def weights(b: TestedBackend) -> None:
    rast = torch.tensor([[[[0.25, 0.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 2.0]]]])
    tri = torch.tensor([[2, 0, 1], [1, 1, 0]], dtype=torch.int32)
    out, out_da = b.interpolate(torch.tensor([[10.0, 1], [20, 2], [40, 4]]), rast, tri)
    # 0.25 * 40 + 0.5 * 10 + 0.25 * 20
    assert out.tolist() == [[[[20.0, 2.0], [0.0, 0.0], [20.0, 2.0]]]]
    assert out_da.shape == (1, 1, 3, 0)


@case("interpolate", "diff_attrs: a list of indices or 'all' gives (dA/dX, dA/dY) pairs; otherwise an empty dimension")
def like_the_reference(b: TestedBackend) -> None:
    rast, rast_db, tri, vertices = _scene(b, 0)
    attr = normal(1, 2, vertices, 4)
    for diff_attrs, pairs in ((None, 0), ([], 0), ("all", 4), ([0], 1), ([2, 0], 2)):
        out, out_da = b.interpolate(attr, rast, tri, rast_db, diff_attrs)
        want, want_da = references.interpolate(b.rounded(attr), rast, tri, rast_db, diff_attrs)
        assert out.shape == (2, 16, 24, 4)
        assert out_da.shape == (2, 16, 24, 2 * pairs)
        b.assert_close(out, want)
        b.assert_close(out_da, want_da)
        assert not bool(out[rast[..., 3] == 0].any())
        assert not bool(out_da[rast[..., 3] == 0].any())


@case("interpolate", "diff_attrs may repeat and count from the end", extra="ours")
def negative_attributes(b: TestedBackend) -> None:
    rast, rast_db, tri, vertices = _scene(b, 4)
    attr = normal(5, vertices, 3)
    _, every = b.interpolate(attr, rast, tri, rast_db, "all")
    _, some = b.interpolate(attr, rast, tri, rast_db, [2, -3, 2])
    assert torch.equal(some, every[..., [4, 5, 0, 1, 4, 5]])


@case("interpolate", "attributes are interpolated with perspective")
def perspective(b: TestedBackend) -> None:
    """A floor running to the horizon: the world coordinate that is interpolated is where the ray meets the floor."""
    corners = torch.tensor([[-40.0, 1], [40, 1], [40, 60], [-40, 60]])  # x to the right, distance ahead
    x, ahead = corners.unbind(1)
    pos = torch.stack((x, torch.full_like(x, -1), 0 * x, ahead), dim=1)[None]
    tri = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    rast, _ = b.rasterize(pos, tri, (16, 16))
    out, _ = b.interpolate(corners, rast, tri)
    ndc = (2 * torch.arange(16, dtype=torch.float64) + 1) / 16 - 1
    y, x = torch.meshgrid(ndc, ndc, indexing="ij")
    below = (y < -1 / 60)[None]
    assert torch.equal(rast[..., 3] > 0, below)
    want = torch.stack((x / -y, -1 / y), dim=-1)[None]  # the floor is one unit below the eye
    torch.testing.assert_close(out[below].double(), want[below], rtol=1e-3, atol=1e-3)


@case("interpolate", "out_da is the change of the attribute from pixel to pixel")
def change_along_the_screen(b: TestedBackend) -> None:
    """Without perspective it is constant over a triangle: exactly the difference of neighbours."""
    pos = torch.tensor([[[3.0, -1, 0, 1], [-1, 3, 0, 1], [-1, -1, 0, 1]]])
    rast, db = b.rasterize(pos, torch.tensor([[0, 1, 2]], dtype=torch.int32), (8, 16))
    out, da = b.interpolate(normal(0, 3, 2), rast, torch.tensor([[0, 1, 2]], dtype=torch.int32), db, "all")
    b.assert_close(da[:, :, :-1, ::2], out[:, :, 1:] - out[:, :, :-1], scale=4)
    b.assert_close(da[:, :-1, :, 1::2], out[:, 1:] - out[:, :-1], scale=4)


@case("interpolate", "no triangles and no attributes give empty results")
def empty(b: TestedBackend) -> None:
    rast = torch.zeros(1, 3, 4, 4)
    out, out_da = b.interpolate(torch.ones(5, 2), rast, torch.zeros(0, 3, dtype=torch.int32), rast, "all")
    assert out.shape == (1, 3, 4, 2)
    assert out_da.shape == (1, 3, 4, 4)
    assert not bool(out.any())
    assert not bool(out_da.any())
