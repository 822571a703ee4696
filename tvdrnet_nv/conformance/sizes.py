"""Images of every size."""

from __future__ import annotations

import torch

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import normal, soup
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references

WHOLE_IMAGE = torch.tensor([[[3.0, -1, 0.5, 1], [-1, 3, 0.5, 1], [-1, -1, 0.5, 1]]])
TRI = torch.tensor([[0, 1, 2]], dtype=torch.int32)


@case("rasterize", "1 x 1 pixel: its centre is the middle of the view")
def one_pixel(b: TestedBackend) -> None:
    rast, db = b.rasterize(WHOLE_IMAGE, TRI, (1, 1))
    b.assert_close(rast.flatten(), torch.tensor([0.25, 0.25, 0.5, 1.0]))
    b.assert_close(db.flatten(), torch.tensor([0.5, 0, 0, 0.5]))


@case("rasterize", "odd sizes, long and narrow ones")
def odd_sizes(b: TestedBackend) -> None:
    for seed, resolution in enumerate(((1, 17), (19, 1), (31, 3), (65, 33))):
        pos, tri = soup(seed, batch=1)
        rast, _ = b.rasterize(pos, tri, resolution)
        want, _ = references.rasterize(b.rounded(pos), tri, resolution)
        assert rast.shape == (1, *resolution, 4)
        assert bool((want[..., 3] > 0).any())
        same = b.assert_same_ids(rast[..., 3].double(), want[..., 3])
        b.assert_close(rast[same], want[same])


@case("rasterize", "4096 x 4096 pixels", dtypes=(torch.float32,))
def four_thousand(b: TestedBackend) -> None:
    """Two triangles share the image along its diagonal, which runs through 4096 centres."""
    pos = torch.tensor([[[-1.0, -1, 0, 1], [1, -1, 0, 1], [1, 1, 0, 1], [-1, 1, 0, 1]]])
    tri = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    rast, _ = b.rasterize(pos, tri, (4096, 4096))
    ids = rast[0, ..., 3]
    assert bool((ids > 0).all())
    lower = torch.ones(4096, 4096, dtype=torch.bool).tril()  # rows rise with y: column <= row is above the diagonal
    assert bool((ids[lower.tril(-1)] == 2).all())
    assert bool((ids[lower.T.triu(1)] == 1).all())
    u, v = rast[0, 17, 4000, :2].tolist()
    x, y = (2 * 4000 + 1) / 4096 - 1, (2 * 17 + 1) / 4096 - 1
    assert abs(u * -1 + v + (1 - u - v) - x) < 1e-5
    assert abs(-u - v + (1 - u - v) - y) < 1e-5


@case("antialias", "1 x 1 pixel, one row and one column: there are no pairs, or only those along it")
def antialias_of_narrow_images(b: TestedBackend) -> None:
    for resolution in ((1, 1), (1, 9), (9, 1)):
        pos, tri = soup(3, batch=1, vertices=9, triangles=6)
        rast, _ = b.rasterize(pos, tri, resolution)
        color = normal(0, 1, *resolution, 2)
        have = b.antialias(color, rast, pos, tri)
        b.assert_close(have, references.antialias(b.rounded(color), rast, b.rounded(pos), tri), scale=10)
