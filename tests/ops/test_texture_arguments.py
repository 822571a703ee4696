"""Arguments that the texture ops refuse, by name."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from tvdrnet_nv.ops import texture, texture_construct_mip

TEX, CUBE = torch.rand(2, 4, 8, 3), torch.rand(2, 6, 4, 4, 3)
UV, UVW = torch.rand(2, 5, 6, 2), torch.rand(2, 5, 6, 3)
DA, BIAS = torch.rand(2, 5, 6, 4), torch.rand(2, 5, 6)
MIP = [torch.rand(2, 2, 4, 3), torch.rand(2, 1, 2, 3)]
BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"tex": [1.0]}, TypeError, "tex must be a tensor; got list"),
    ({"tex": TEX.int()}, TypeError, "tex must be float32 or float64; got int32"),
    ({"tex": TEX[0]}, ValueError, "tex must have shape [B, H, W, C]; got float32 [4, 8, 3]"),
    ({"tex": CUBE}, ValueError, "boundary_mode='cube'; got float32 [2, 6, 4, 4, 3]"),
    ({"tex": TEX, "uv": UVW, "boundary_mode": "cube"}, ValueError, "tex must have shape [B, 6, S, S, C]"),
    ({"tex": CUBE[:, :, :2], "uv": UVW, "boundary_mode": "cube"}, ValueError, "tex must have square faces"),
    ({"tex": CUBE[:, :5], "uv": UVW, "boundary_mode": "cube"}, ValueError, "tex must have shape [B, 6, S, S, C]"),
    ({"tex": TEX[:, :0]}, ValueError, "tex must have texels; got float32 [2, 0, 8, 3]"),
    ({"tex": TEX.repeat(2, 1, 1, 1)}, ValueError, "one for each of the 2 images; got float32 [4, 4, 8, 3]"),
    ({"uv": UVW}, ValueError, "uv must have shape [B, H, W, 2]; got float32 [2, 5, 6, 3]"),
    ({"tex": CUBE, "boundary_mode": "cube"}, ValueError, "uv must have shape [B, H, W, 3]"),
    ({"uv": UV.double()}, TypeError, "uv must be float32 like tex; got float64"),
    ({"uv_da": DA[..., :2]}, ValueError, "uv_da must have shape [2, 5, 6, 4]; got float32 [2, 5, 6, 2]"),
    ({"uv_da": DA.double()}, TypeError, "uv_da must be float32 like tex"),
    ({"mip_level_bias": BIAS[..., None]}, ValueError, "mip_level_bias must have shape [2, 5, 6]; got"),
    ({"mip_level_bias": BIAS[:1]}, ValueError, "mip_level_bias must have shape [2, 5, 6]; got"),
    ({"filter_mode": "cubic"}, ValueError, "filter_mode must be 'auto' or one of 'nearest', "),
    ({"filter_mode": None}, ValueError, "got None"),
    ({"filter_mode": "linear-mipmap-linear"}, ValueError, "'linear-mipmap-linear' needs uv_da or mip_level_bias"),
    ({"filter_mode": "linear-mipmap-nearest"}, ValueError, "'linear-mipmap-nearest' needs uv_da or mip_level_bias"),
    ({"boundary_mode": "mirror"}, ValueError, "boundary_mode must be one of 'wrap', 'clamp', 'zero', 'cube'; got"),
    ({"max_mip_level": -1}, ValueError, "max_mip_level must be a whole number, 0 or more; got int -1"),
    ({"max_mip_level": 1.5}, ValueError, "max_mip_level must be a whole number, 0 or more; got float 1.5"),
    ({"uv_da": DA, "mip": "all"}, TypeError, "mip must come from texture_construct_mip or be a list of tensors"),
    ({"uv_da": DA, "mip": MIP[0]}, TypeError, "mip must come from texture_construct_mip or be a list of tensors"),
    ({"uv_da": DA, "mip": MIP[1:]}, ValueError, "mip[0] must have shape [2, 2, 4, 3]; got float32 [2, 1, 2, 3]"),
    ({"uv_da": DA, "mip": [MIP[0], None]}, TypeError, "mip[1] must be a tensor"),
    ({"uv_da": DA, "mip": [MIP[0].double()]}, TypeError, "mip[0] must be float32 like tex"),
    ({"uv_da": DA, "mip": [MIP[0][:1]]}, ValueError, "mip[0] must have shape [2, 2, 4, 3]"),
    ({"tex": torch.rand(2, 4, 6, 3), "uv_da": DA, "mip": [torch.rand(2, 2, 3, 3), MIP[1]]}, ValueError, "width of 3"),
    ({"uv_da": DA, "mip": texture_construct_mip(TEX[:1])}, ValueError, "mip was built for a 2D texture of float32 [1,"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "error", "message"), BAD)
def test_bad_arguments_are_named(changed, error, message):
    with pytest.raises(error, match=re.escape(message)):
        texture(**{"tex": TEX, "uv": UV, **changed})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tex": CUBE}, ValueError, "with cube_mode=True; got"),
        ({"tex": TEX, "cube_mode": True}, ValueError, "tex must have shape [B, 6, S, S, C]"),
        ({"tex": TEX.half()}, TypeError, "tex must be float32 or float64"),
        ({"tex": TEX, "max_mip_level": True}, ValueError, "max_mip_level must be"),
    ],
)
def test_bad_arguments_of_texture_construct_mip_are_named(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        texture_construct_mip(**arguments)
