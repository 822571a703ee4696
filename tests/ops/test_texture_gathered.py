"""texture by torch's gathers, which the backend fused has: the tests of the CPU's kernels again, and what is its own.
The conformance suite compares it with the reference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.ops.test_texture import (  # noqa: F401
    test_a_1_by_n_texture_is_a_1d_texture,
    test_a_coordinate_just_below_0_wraps_to_the_last_texel,
    test_boundary_modes_far_outside,
    test_no_pixels,
    test_one_texel,
    test_what_is_not_finite_counts_as_0,
)
from tests.ops.test_texture_cube import (  # noqa: F401
    test_a_cube_maps_look_up_without_a_direction_gives_zero_and_no_gradient,
)
from tests.ops.test_texture_gradients import (  # noqa: F401
    test_clamped_coordinates_and_levels_have_no_gradient,
    test_gradcheck,
    test_gradient_of_a_round_footprint_is_finite,
    test_levels_of_an_opaque_stack_pass_their_gradients_to_the_texture,
)
from tests.ops.test_texture_mip import test_max_mip_level_ends_the_stack  # noqa: F401
from tests.ops.textures import look_up
from tests.optimization.cuda_on_meta import CudaOnMeta
from tvdrnet_nv.ops import texture, texture_construct_mip
from tvdrnet_nv.ops.backends import using


@pytest.fixture(autouse=True)
def gathered() -> Iterator[None]:
    with using("cuda-emulated"):
        yield


def test_a_stack_follows_its_texture() -> None:
    tex, uv, uv_da, bias = (tensor.float() for tensor in look_up(1, "wrap", textures=1).values())
    mip = texture_construct_mip(tex)
    before = texture(tex, uv, uv_da, bias, mip)
    assert torch.equal(texture(tex, uv, uv_da, bias, mip), before)
    assert torch.equal(texture(tex, uv, uv_da, bias), before)
    tex[:, 2:5] += 1
    after = texture(tex, uv, uv_da, bias, mip)
    assert torch.equal(after, texture(tex.clone(), uv, uv_da, bias, mip))
    assert not torch.equal(after, before)


def test_a_look_up_makes_the_host_wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tex, uv, uv_da, bias = (tensor.float().to("meta") for tensor in look_up(2, "wrap", textures=1).values())
    with using("fused"), CudaOnMeta(monkeypatch) as device:
        mip = texture_construct_mip(tex)
        texture(tex, uv, uv_da, bias, mip)
        device.copies.clear()
        leaves = [uv.requires_grad_(), uv_da.requires_grad_()]
        out = texture(tex, uv, uv_da, bias, mip)
        grads = torch.autograd.grad(out.sum(), leaves)
        assert out.shape == (2, 12, 15, 3)
        assert [g.shape for g in grads] == [leaf.shape for leaf in leaves]
        assert device.copies == []
