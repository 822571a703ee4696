from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.textures import BOUNDARIES, FILTERS, MODES, NAMES, at, look_up
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ROUNDING, ball, normal
from tvdrnet_nv.ops import interpolate, rasterize, references, texture, texture_construct_mip
from tvdrnet_nv.ops.texture.reference import pyramid


def used_by(filter_mode: str) -> tuple[str, ...]:
    return NAMES if "mipmap" in filter_mode else NAMES[:2]


@pytest.mark.parametrize(("filter_mode", "boundary_mode"), MODES)
def test_gradcheck(filter_mode, boundary_mode):
    given = look_up(30, boundary_mode, size=(4, 8), resolution=(2, 3), channels=2)
    names = used_by(filter_mode)

    def op(*values: Tensor) -> Tensor:
        return texture(**dict(zip(names, values, strict=True)), filter_mode=filter_mode, boundary_mode=boundary_mode)

    assert torch.autograd.gradcheck(op, [given[n].requires_grad_() for n in names])


@pytest.mark.parametrize("chosen", [("uv_da",), ("mip_level_bias",)])
@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
def test_gradcheck_of_custom_stacks(boundary_mode, chosen):
    given = look_up(31, boundary_mode, size=(4, 8), resolution=(2, 3), channels=1)
    mip = [normal(32 + i, *level.shape) for i, level in enumerate(pyramid(given["tex"])[1:3])]
    names = ("tex", "uv", *chosen)

    def op(*values: Tensor) -> Tensor:
        return texture(**dict(zip(names, values[:3], strict=True)), mip=list(values[3:]), boundary_mode=boundary_mode)

    assert torch.autograd.gradcheck(op, [t.requires_grad_() for t in (*(given[n] for n in names), *mip)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("textures", [1, 2])
@pytest.mark.parametrize(("filter_mode", "boundary_mode"), MODES)
def test_like_the_reference(filter_mode, boundary_mode, textures, dtype):
    given = {k: v.to(dtype) for k, v in look_up(33, boundary_mode, textures=textures).items()}
    grads = []
    for op in (texture, references.texture):
        leaves = {k: v.clone().requires_grad_() for k, v in given.items()}
        out = op(**leaves, filter_mode=filter_mode, boundary_mode=boundary_mode)
        wanted = [leaves[n] for n in used_by(filter_mode)]
        found = torch.autograd.grad(out.double(), wanted, normal(34, *out.shape), allow_unused=True)
        grads.append([torch.zeros_like(w) if g is None else g for g, w in zip(found, wanted, strict=True)])
    for name, have, want in zip(used_by(filter_mode), *grads, strict=True):
        assert have.dtype == dtype
        size = want.abs().max().clamp(min=1).item()
        torch.testing.assert_close(have, want, rtol=20 * ROUNDING[dtype], atol=20 * ROUNDING[dtype] * size)
        moves = {"uv": filter_mode != "nearest", "tex": True}.get(name, filter_mode == "linear-mipmap-linear")
        assert want.any() == moves, name


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
def test_levels_of_an_opaque_stack_pass_their_gradients_to_the_texture(boundary_mode):
    given = look_up(35, boundary_mode)
    tex = given.pop("tex").requires_grad_()
    stack = texture_construct_mip(tex, cube_mode=boundary_mode == "cube")
    weight = normal(36, 2, 12, 15, 3)
    with_stack, without = (
        torch.autograd.grad(texture(tex, **given, mip=mip, boundary_mode=boundary_mode), tex, weight)[0]
        for mip in (stack, None)
    )
    assert torch.equal(with_stack, without)
    assert with_stack.any()


def test_custom_levels_get_gradients_of_their_own():
    tex, *mip = (level.requires_grad_() for level in map(Tensor.clone, pyramid(normal(37, 1, 8, 8, 2))))
    uv = at(0.3, 0.6)
    bias = torch.full((1, 1, 1), 1.25).double()
    out = texture(tex, uv, mip_level_bias=bias, mip=mip)
    shares = [g.sum().item() / 2 for g in torch.autograd.grad(out.sum(), (tex, *mip))]
    assert shares == pytest.approx([0, 0.75, 0.25, 0])
    mip[1] = mip[1].detach()
    (only,) = torch.autograd.grad(texture(tex, uv, mip_level_bias=bias, mip=mip).sum(), [mip[0]])
    assert only.sum().item() / 2 == pytest.approx(0.75)


def test_one_texture_gets_the_gradients_of_all_images():
    given = look_up(38, "wrap", textures=1)
    tex = given.pop("tex")
    weight = normal(39, 2, 12, 15, 3)
    grads = []
    for one in (tex, tex.repeat(2, 1, 1, 1)):
        leaf = one.clone().requires_grad_()
        grads.append(torch.autograd.grad(texture(leaf, **given), leaf, weight)[0])
    torch.testing.assert_close(grads[0], grads[1].sum(0, keepdim=True))


def test_clamped_coordinates_and_levels_have_no_gradient():
    given = look_up(40, "clamp")
    leaves = {k: v.requires_grad_() for k, v in given.items()}
    outside = (given["uv"] < 0.5 / 16) | (given["uv"] > 1 - 0.5 / 16)
    outside[..., 1] = (given["uv"][..., 1] < 0.5 / 8) | (given["uv"][..., 1] > 1 - 0.5 / 8)
    out = texture(**leaves, filter_mode="linear", boundary_mode="clamp")
    (grad,) = torch.autograd.grad(out, leaves["uv"], normal(41, *out.shape))
    assert torch.equal(grad == 0, outside)
    for level in (-1.0, 5.0):  # of 0 to 4
        bias = torch.full((2, 12, 15), level).double().requires_grad_()
        out = texture(given["tex"], given["uv"], mip_level_bias=bias)
        (grad,) = torch.autograd.grad(out, bias, normal(42, *out.shape))
        assert not grad.any()


def test_gradient_of_a_round_footprint_is_finite():
    """The major axis of a circle is not differentiable; the derivative by its size is."""
    tex = normal(43, 1, 8, 8, 1)
    size = torch.tensor(3.0, requires_grad=True, dtype=torch.float64)
    steps = size / 8 * torch.tensor([1.0, 0, 0, 1])[None, None, None].double()
    out = texture(tex, at(0.3, 0.4), steps)
    (grad,) = torch.autograd.grad(out.sum(), size)
    levels = [texture(tex, at(0.3, 0.4), mip_level_bias=torch.full((1, 1, 1), float(n)).double()) for n in (1, 2)]
    assert grad.item() == pytest.approx((levels[1] - levels[0]).item() / (3 * torch.log(torch.tensor(2.0)).item()))


@pytest.mark.parametrize(("filter_mode", "boundary_mode"), MODES[8:])
def test_footprints_too_large_to_square_have_finite_gradients(filter_mode, boundary_mode):
    given = look_up(48, boundary_mode)
    given["uv_da"] = given["uv_da"].sign() * 1.7e308
    given["mip_level_bias"] -= 2
    leaves = {k: v.requires_grad_() for k, v in given.items()}
    out = texture(**leaves, filter_mode=filter_mode, boundary_mode=boundary_mode)
    grads = torch.autograd.grad(out, list(leaves.values()), normal(49, *out.shape))
    assert all(g.isfinite().all() for g in grads)
    assert grads[0].any()


def test_gradcheck_from_a_mesh_to_its_textured_picture():
    pos, tri = ball(2)
    pos = pos.clone().requires_grad_()
    coordinates = normal(44, 18, 2).requires_grad_()
    tex = normal(45, 1, 4, 4, 2).requires_grad_()

    def render(pos: Tensor, coordinates: Tensor, tex: Tensor) -> Tensor:
        rast, rast_db = rasterize(CTX, pos, tri, (4, 5))
        uv, uv_da = interpolate(coordinates, rast, tri, rast_db, "all")
        return torch.where(rast[..., 3:] > 0, texture(tex, uv, uv_da), 0.0)

    assert (render(pos, coordinates, tex) != 0).any()
    assert torch.autograd.gradcheck(render, (pos, coordinates, tex), atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("restored_threads")
@pytest.mark.parametrize("textures", [1, 2])
@pytest.mark.parametrize(
    ("filter_mode", "boundary_mode"),
    [
        ("nearest", "zero"),
        ("linear", "clamp"),
        ("linear-mipmap-nearest", "wrap"),
        *((FILTERS[3], b) for b in BOUNDARIES),
    ],
)
def test_threads_change_no_bit(filter_mode, boundary_mode, textures):
    """Thousands of pixels to a texel, in more pixels than the kernels sort at once."""
    given = {k: v.float() for k, v in look_up(46, boundary_mode, textures=textures, resolution=(130, 150)).items()}
    names = used_by(filter_mode)
    runs = []
    for threads in (1, 2, 8, 1):
        torch.set_num_threads(threads)
        leaves = {k: v.clone().requires_grad_() for k, v in given.items()}
        out = texture(**leaves, filter_mode=filter_mode, boundary_mode=boundary_mode)
        grads = torch.autograd.grad(out, [leaves[n] for n in names], normal(47, *out.shape).float())
        runs.append([out.detach(), *grads])
    for run in runs[1:]:
        for have, want in zip(run, runs[0], strict=True):
            assert torch.equal(have, want)
    assert runs[0][1].any()
