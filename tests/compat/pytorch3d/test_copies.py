"""What programs keep, send to other processes and copy."""

from __future__ import annotations

import copy
import pickle

import torch

from tests.compat.pytorch3d.scenes import from_z, renderer, soft, sphere
from tvdrnet_nv.compat.pytorch3d.renderer import SoftPhongShader


def test_a_used_renderer_is_pickled_and_copied():
    cameras = from_z()
    draw = renderer(cameras, soft(SoftPhongShader, cameras=cameras), 16)
    want = draw(sphere())
    for again in (pickle.loads(pickle.dumps(draw)), copy.deepcopy(draw)):
        assert torch.equal(again(pickle.loads(pickle.dumps(sphere()))), want)
    fragments = draw.rasterizer(sphere())
    assert torch.equal(pickle.loads(pickle.dumps(fragments)).zbuf, fragments.zbuf)
