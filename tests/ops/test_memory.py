"""Large images lie in memory that is used again; what is in use is nobody else's."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.ops.memory import empty


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [(1, 8, 9), (3, 700, 512)])
def test_shape_dtype_and_use(dtype, size):
    first, second = (empty(torch.zeros(1, dtype=dtype), *size, 4) for _ in range(2))
    assert first.shape == second.shape == (*size, 4)
    assert first.dtype == dtype
    assert first.is_contiguous()
    first.fill_(1)
    second.fill_(2)
    assert (first == 1).all()
    assert (second == 2).all()


def test_a_block_is_used_again_only_when_all_its_views_are_gone():
    like = torch.zeros(1)
    block = empty(like, 3, 701, 512, 4)
    address, view = block.data_ptr(), block[1:]
    del block
    other = empty(like, 3, 701, 512, 4)
    elsewhere = other.data_ptr()
    assert elsewhere != address
    del view, other
    assert empty(like, 3, 701, 512, 4).data_ptr() in (address, elsewhere)


def test_blocks_of_other_sizes_make_room():
    """What was used long ago does not keep what is used now from being used again."""
    like = torch.zeros(1)
    for height in range(600, 640):
        empty(like, 1, height, 512, 4)
    block = empty(like, 30, 702, 512, 4)
    block[0].fill_(7.0)
    del block
    assert (empty(like, 30, 702, 512, 4)[0] == 7.0).all()  # memory fresh from the system is zero
