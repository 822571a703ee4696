"""Whatever comes in: a clear Python error or a defined result, never a crash or a hang."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.scenes import CTX

FEW = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking arrays takes minutes and says little
    suppress_health_check=list(HealthCheck),
)
ODD = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-45, 1e-310, -1e-40, 3e38, -3e38, 1e20, 1e308, -1e-3, 1.0)
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))
DTYPES = st.sampled_from((torch.float32, torch.float64))


@st.composite
def floats(draw: st.DrawFn, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Ordinary numbers, with odd ones strewn in; how many is drawn too."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.normal(size=shape) * 10.0 ** draw(st.integers(-3, 3))
    share = draw(st.sampled_from((0.0, 0.0, 0.02, 0.3)))
    odd = rng.choice(draw(st.lists(st.sampled_from(ODD), min_size=1, max_size=3)), size=shape)
    with np.errstate(over="ignore"):
        return torch.from_numpy(np.where(rng.random(shape) < share, odd, values)).to(dtype)


@st.composite
def faces(draw: st.DrawFn, vertices: int, corrupt: bool = False) -> Tensor:
    """Any faces; a corrupt index may be any int32."""
    count = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tri = torch.from_numpy(rng.integers(0, vertices, (count, 3), dtype=np.int32))
    if corrupt and count:
        bad = st.one_of(st.integers(-(2**31), 2**31 - 1), st.just(vertices), st.just(-1))
        tri[draw(st.integers(0, count - 1)), draw(st.integers(0, 2))] = draw(bad)
    return tri


def outcome(call: Any) -> Any:
    """The result, or None where the op refused: with a ValueError or TypeError that says something."""
    try:
        return call()
    except (ValueError, TypeError) as error:
        said = str(error)
    assert len(said) > 10
    return None


def gradients(outputs: tuple[Tensor, ...], leaves: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    loss = sum(o.sum() for o in outputs)
    assert isinstance(loss, Tensor)
    found = torch.autograd.grad(loss, leaves, allow_unused=True)
    return tuple(torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True))


def check_rast(rast: Tensor, triangles: int) -> None:
    ids = rast[..., 3]
    assert bool(((ids >= 0) & (ids <= triangles) & (ids == ids.floor())).all())
    assert bool(rast[..., :3].isfinite().all())
    assert bool((rast[ids == 0] == 0).all())
    assert bool((rast[..., :2] >= 0).all())
    assert bool((rast[..., 0] + rast[..., 1] <= 1).all())
    assert bool((rast[..., 2].abs() <= 1).all())


@FEW
@given(data=st.data(), dtype=DTYPES, size=SIZES, batch=st.integers(0, 3))
def test_any_vertices(data, dtype, size, batch):
    """Through all ops and back: what rasterize gives is sound, and the rest is finite where that is asked for."""
    vertices = data.draw(st.integers(1, 20))
    pos = data.draw(floats((batch, vertices, 4), dtype)).requires_grad_()
    tri = data.draw(faces(vertices))
    rast, db = ops.rasterize(CTX, pos, tri, size)
    check_rast(rast.detach(), len(tri))
    attr = data.draw(floats((vertices, 9), dtype))
    leaf = attr.clone().requires_grad_()
    out, da = ops.interpolate(leaf, rast, tri, db, "all")
    assert not bool(attr.isfinite().all()) or bool((out.isfinite() | (out.abs() > 1e38)).all())
    for walk in (1, 64):
        color = torch.zeros((*rast.shape[:3], 2), dtype=dtype, requires_grad=True)
        smooth = ops.antialias(color, rast, pos, tri, walk=walk)
        assert not bool(smooth.any())  # blends of one colour
        gradients((smooth,), (color, pos))
    found = gradients((rast, db, out, da), (pos, leaf))
    assert [g.shape for g in found] == [pos.shape, attr.shape]


@FEW
@given(data=st.data(), dtype=DTYPES, size=SIZES, count=st.integers(0, 4))
def test_any_ranges(data, dtype, size, count):
    pos, tri = data.draw(floats((12, 4), dtype)), data.draw(faces(12))
    number = st.one_of(st.integers(-2, 42), st.sampled_from((2**31 - 1, -(2**31))))
    pairs = data.draw(st.lists(st.tuples(number, number), min_size=count, max_size=count))
    ranges = torch.tensor(pairs, dtype=torch.int32).reshape(-1, 2)
    good = all(a >= 0 and n >= 0 and a + n <= len(tri) for a, n in pairs)
    result = outcome(lambda: ops.rasterize(CTX, pos, tri, size, ranges))
    assert (result is not None) == good
    if good:
        assert result[0].shape == (count, *size, 4)
        check_rast(result[0], len(tri))
        for (first, number_of), image in zip(pairs, result[0], strict=True):
            ids = image[..., 3][image[..., 3] > 0]
            assert bool(((ids > first) & (ids <= first + number_of)).all())


@FEW
@given(data=st.data(), dtype=DTYPES)
def test_corrupt_indices_are_refused(data, dtype):
    tri = data.draw(faces(7, corrupt=True))
    good = len(tri) == 0 or bool(((tri >= 0) & (tri < 7)).all())
    pos, rast = torch.rand(1, 7, 4, dtype=dtype), torch.zeros(1, 3, 3, 4, dtype=dtype)
    color = torch.zeros(1, 3, 3, 2, dtype=dtype)
    for call in (
        lambda: ops.rasterize(CTX, pos, tri, (3, 3)),
        lambda: ops.interpolate(pos, rast, tri),
        lambda: ops.antialias(color, rast, pos, tri),
        lambda: shade(torch.zeros(7, 9, dtype=dtype), rast, tri, torch.zeros(1, 3, dtype=dtype)),
    ):
        assert (outcome(call) is not None) == good
    if not bool((tri < 0).any()) and (len(tri) == 0 or int(tri.max()) < 1000):
        ops.antialias_construct_topology_hash(tri)


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, **changed: Any) -> Tensor:
    light: dict[str, Any] = {"light": (1.0, 2.0, 3.0), "ambient": 0.5, "diffuse": 0.8, "specular": 0.3}
    return ops.shade(attributes, rast, tri, eye, ops.Phong(**{**light, "shininess": 64.0, **changed}))


@FEW
@given(data=st.data(), dtype=DTYPES, size=SIZES)
def test_any_rast(data, dtype, size):
    """A rast that no rasterizer made: ids that name no triangle are refused, the rest gives a result."""
    tri = data.draw(faces(9))
    rast = data.draw(floats((2, *size, 4), dtype))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    ids = torch.from_numpy(rng.integers(0, len(tri) + 1, (2, *size))).to(dtype)
    if data.draw(st.booleans()):
        bad = (0.5, -0.5, 1e-45, -1.0, len(tri) + 1.0, math.nan, math.inf, -math.inf, 2.0**31, 2.0**63, 1e30, -0.0)
        ids[1, -1, -1] = data.draw(st.sampled_from(bad))
    rast[..., 3] = ids
    good = bool(((ids >= 0) & (ids <= len(tri)) & (ids == ids.floor())).all())
    pos = data.draw(floats((2, 9, 4), dtype)).requires_grad_()
    attributes, eye = data.draw(floats((9, 9), dtype)), data.draw(floats((2, 3), dtype)).requires_grad_()
    leaf = rast.clone().requires_grad_()
    color = torch.rand((2, *size, 1), dtype=dtype).requires_grad_()
    calls = [
        lambda: (ops.interpolate(attributes, leaf, tri, rast, "all")[0], (leaf,)),
        lambda: (shade(attributes, leaf, tri, eye), (leaf, eye)),
        *(lambda walk=walk: (ops.antialias(color, rast, pos, tri, walk=walk), (color, pos)) for walk in (1, 64)),
    ]
    for call in calls:
        result = outcome(call)
        assert (result is not None) == good
        if result is not None:
            gradients((result[0],), result[1])
    if good:
        smooth = ops.antialias(color.detach(), rast, pos.detach(), tri, walk=64)
        assert bool(smooth.isfinite().all())


@FEW
@given(value=st.one_of(st.sampled_from(ODD), st.floats(-1e4, 1e4)), name=st.sampled_from(["shininess", "ambient"]))
def test_any_light(value, name):
    rast = torch.tensor([0.2, 0.3, 0.1, 1.0]).expand(1, 4, 4, 4).contiguous().requires_grad_()
    attributes = torch.linspace(-1, 1, 27).reshape(3, 9)
    tri, eye = torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.ones(1, 3, requires_grad=True)
    out = shade(attributes, rast, tri, eye, **{name: value})
    assert bool((out[..., 3] == 1).all())
    gradients((out,), (rast, eye))


@FEW
@given(st.lists(st.one_of(st.floats(), st.none(), st.text(max_size=2)), max_size=5))
def test_a_light_is_three_numbers(light):
    rast = torch.zeros(1, 2, 2, 4)
    tri = torch.zeros(0, 3, dtype=torch.int32)
    good = len(light) == 3 and all(isinstance(x, float) for x in light)
    call = outcome(lambda: shade(torch.zeros(3, 9), rast, tri, torch.zeros(1, 3), light=tuple(light)))
    assert (call is not None) == good


@FEW
@given(
    st.tuples(
        st.integers(-2, 3) | st.sampled_from((2**31, 2**63, -(2**70))),
        st.integers(-2, 3) | st.floats() | st.none(),
    )
)
def test_any_resolution(resolution):
    pos, tri = torch.rand(1, 3, 4), torch.tensor([[0, 1, 2]], dtype=torch.int32)
    good = all(isinstance(n, int) and 1 <= n <= 16384 for n in resolution)
    result = outcome(lambda: ops.rasterize(CTX, pos, tri, resolution))
    assert (result is not None) == good


@FEW
@given(walk=st.one_of(st.integers(), st.floats(), st.none()))
def test_any_walk(walk):
    pos, tri = torch.rand(1, 3, 4), torch.tensor([[0, 1, 2]], dtype=torch.int32)
    rast, _ = ops.rasterize(CTX, pos, tri, (4, 4))
    result = outcome(lambda: ops.antialias(rast, rast, pos, tri, walk=walk))
    assert (result is not None) == (isinstance(walk, int) and walk >= 1)


@FEW
@given(data=st.data(), dtype=DTYPES)
def test_any_faces_have_a_topology(data, dtype):
    """Faces that share edges in any number: every half-edge's ring comes back to it."""
    tri = data.draw(faces(data.draw(st.integers(1, 6))))
    rings = ops.antialias_construct_topology_hash(tri).native_for(tri).rings.flatten().tolist()
    assert len(rings) == 3 * len(tri)
    for start in range(len(rings)):
        at, steps = rings[start], 0
        while at not in (-1, start):
            at, steps = rings[at], steps + 1
            assert steps <= len(rings)
