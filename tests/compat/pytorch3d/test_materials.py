"""Materials and colours of any number of channels."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d.scenes import from_z, renderer, square
from tvdrnet_nv.compat.pytorch3d.renderer import (
    AmbientLights,
    BlendParams,
    HardPhongShader,
    Materials,
    TexturesVertex,
)
from tvdrnet_nv.compat.pytorch3d.structures import Meshes


def test_colours_of_many_channels():
    channels = torch.rand(1, 5)
    mesh = square()
    colors = torch.rand(4, 5)
    given = Meshes(mesh.verts_list(), mesh.faces_list(), TexturesVertex([colors]))
    shader = HardPhongShader(
        cameras=from_z(),
        lights=AmbientLights(ambient_color=channels),
        materials=Materials(*(torch.full((1, 5), 0.5) for _ in range(3))),
        blend_params=BlendParams(background_color=(0.0, 0.1, 0.2, 0.3, 0.4)),
    )
    image = renderer(from_z(), shader, 9)(given)
    assert image.shape == (1, 9, 9, 6)
    assert torch.allclose(image[0, 4, 4, :5], (colors[0] + colors[2]) / 2 * channels[0] / 2, atol=1e-5)
    with pytest.raises(ValueError, match=r"diffuse_color to have shape \(N, 4\)"):
        Materials(ambient_color=torch.rand(1, 4))
    shader.blend_params = BlendParams()
    with pytest.raises(ValueError, match="background_color must have 5 channels; got 3"):
        renderer(from_z(), shader, 9)(given)
