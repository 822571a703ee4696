"""Where pixels are, and what they hold."""

from __future__ import annotations

import itertools

import torch

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, soup, to_clip
from tvdrnet_nv.conformance.tested_backend import TestedBackend

# u = (x + 1) / 4 and v = (y + 1) / 4 over the whole image.
WHOLE_IMAGE = torch.tensor([[[3, -1, 0.5, 1], [-1, 3, 0.5, 1], [-1, -1, 0.5, 1]]], dtype=torch.float64)


@case("rasterize", "the centre of pixel (px, py) is NDC ((2px+1)/W - 1, (2py+1)/H - 1)")
def pixel_centres(b: TestedBackend) -> None:
    for height, width in ((1, 1), (2, 3), (8, 8), (7, 13)):
        rast, _ = b.rasterize(WHOLE_IMAGE, all_triangles(1), (height, width))
        x = (2 * torch.arange(width, dtype=torch.float64) + 1) / width - 1
        y = (2 * torch.arange(height, dtype=torch.float64) + 1) / height - 1
        b.assert_close(rast[0, ..., 0], ((x + 1) / 4).expand(height, width))
        b.assert_close(rast[0, ..., 1], ((y + 1) / 4)[:, None].expand(height, width))


@case("rasterize", "row 0 is y = -1 (bottom)")
def row_0_is_at_the_bottom(b: TestedBackend) -> None:
    low = to_clip(torch.tensor([[-1.0, -1.0], [20.0, -1.0], [3.0, 1.2]]), (8, 6))
    rows = b.rasterize(low[None], all_triangles(1), (8, 6))[0][0, ..., 3].any(1)
    assert rows.tolist() == [True] + [False] * 7


@case("rasterize", "any H x W, no multiple-of-8 rule: a triangle about one centre hits that pixel alone")
def each_pixel_has_its_own_centre(b: TestedBackend) -> None:
    for height, width in ((3, 5), (8, 6)):
        for py, px in itertools.product(range(height), range(width)):
            about = torch.tensor([[-0.2, -0.18], [0.2, -0.19], [0.01, 0.22]]) + torch.tensor([px + 0.5, py + 0.5])
            rast, _ = b.rasterize(to_clip(about, (height, width))[None], all_triangles(1), (height, width))
            assert rast[0, ..., 3].nonzero().tolist() == [[py, px]]


@case("rasterize", "rast = (u, v, z/w, triangle id + 1); u, v of the FIRST and SECOND vertex, perspective-correct")
def rast_holds_barycentrics_depth_and_id(b: TestedBackend) -> None:
    points = torch.tensor([[1.1, 0.9], [7.2, 2.3], [3.4, 6.9]])
    pos = to_clip(points, (8, 8), z=torch.tensor([-0.5, 0.25, 0.9]), w=torch.tensor([1.0, 2.0, 4.0]))
    tri = torch.tensor([[0, 0, 0], [0, 1, 2]], dtype=torch.int32)
    rast, _ = b.rasterize(pos[None], tri, (8, 8))
    hit = rast[..., 3] > 0
    assert 10 < int(hit.sum()) < 40
    assert bool((rast[..., 3][hit] == 2).all())
    u, v = rast[..., 0][hit].double(), rast[..., 1][hit].double()
    weights = torch.stack((u, v, 1 - u - v), dim=-1)
    # The weighted corner, projected, is the pixel's centre.
    at = weights @ b.rounded(pos)
    py, px = hit[0].nonzero(as_tuple=True)
    b.assert_close(at[:, 0] / at[:, 3], (2 * px + 1) / 8 - 1, scale=4)
    b.assert_close(at[:, 1] / at[:, 3], (2 * py + 1) / 8 - 1, scale=4)
    b.assert_close(rast[..., 2][hit], at[:, 2] / at[:, 3], scale=4)


@case("rasterize", "zeros where nothing is hit")
def misses_are_zero(b: TestedBackend) -> None:
    pos, tri = soup(0)
    rast, rast_db = b.rasterize(pos, tri, (16, 24))
    miss = rast[..., 3] == 0
    assert 0 < int(miss.sum()) < miss.numel()
    assert not bool(rast[miss].any())
    assert not bool(rast_db[miss].any())


@case("rasterize", "u, v clamped to the simplex; z/w clamped to [-1, 1]")
def values_are_clamped(b: TestedBackend) -> None:
    pos, tri = soup(1, batch=1, vertices=300, triangles=400)
    u, v, z, _ = b.rasterize(pos, tri, (64, 72))[0].unbind(-1)
    assert bool((u >= 0).all())
    assert bool((v >= 0).all())
    assert bool((u + v <= 1).all()) if b.exact else bool((u + v <= 1 + 1e-6).all())
    assert bool((z.abs() <= 1).all())


@case("rasterize", "rast_db = (du/dX, du/dY, dv/dX, dv/dY) per pixel step")
def rast_db_of_a_plane(b: TestedBackend) -> None:
    for height, width in ((5, 4), (8, 16)):
        _, db = b.rasterize(WHOLE_IMAGE, all_triangles(1), (height, width))
        want = torch.tensor((0.5 / width, 0, 0, 0.5 / height), dtype=torch.float64)
        b.assert_close(db[0], want.expand(height, width, 4))


@case("rasterize", "rast_db is the change of u and v along the screen, with perspective")
def rast_db_with_perspective(b: TestedBackend) -> None:
    pos = to_clip(torch.tensor([[-3.0, -4.0], [20.0, 1.0], [2.0, 22.0]]), (8, 8), w=torch.tensor([1.0, 3.0, 0.4]))
    rast, db = (t.double() for t in b.rasterize(pos[None], all_triangles(1), (8, 8)))
    assert bool((rast[..., 3] == 1).all())
    corners = b.rounded(pos)
    # Barycentrics are rational in the screen's x and y: a step of one pixel is followed exactly.
    for axis, size in ((0, 8), (1, 8)):
        step = 1e-5
        centers = (2 * torch.arange(8, dtype=torch.float64) + 1) / 8 - 1
        y, x = torch.meshgrid(centers, centers, indexing="ij")
        uv = []
        for sign in (-1, 1):
            at = [x, y]
            at[axis] = at[axis] + sign * step * 2 / size
            rays = torch.stack((*at, torch.ones_like(x)), dim=-1)
            b_k = torch.linalg.solve(corners[:, [0, 1, 3]].T, rays[..., None])[..., 0]
            uv.append((b_k / b_k.sum(-1, keepdim=True))[..., :2])
        b.assert_close(db[0, ..., axis::2], (uv[1] - uv[0]) / (2 * step), scale=10 if b.dtype == torch.float32 else 1e5)
