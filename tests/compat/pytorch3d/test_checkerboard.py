"""A board of squares."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.compat.pytorch3d.utils import checkerboard


def test_neighbouring_squares_have_other_colours():
    red, blue = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    board = checkerboard(2, red, blue)
    corners = board.verts_packed()[board.faces_packed()]
    assert corners.shape == (32, 3, 3)
    assert corners.amin((0, 1)).tolist() == [-2, -2, 0]
    assert corners.amax((0, 1)).tolist() == [2, 2, 0]
    assert torch.allclose(board.faces_normals_packed(), torch.tensor([0.0, 0.0, 1.0]).expand(32, 3))
    square = corners.amin(1)[:, :2].int()
    colors = board.textures.atlas_packed()[:, 0, 0]
    assert torch.equal(colors, torch.tensor([red, blue])[(square.sum(1) % 2).long()])
    with pytest.raises(ValueError, match="radius must be at least 1"):
        checkerboard(0)
