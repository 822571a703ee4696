"""Plots."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.compat.pytorch3d.scenes import from_z, sphere
from tvdrnet_nv.compat.pytorch3d.renderer import TexturesUV
from tvdrnet_nv.compat.pytorch3d.structures import Pointclouds
from tvdrnet_nv.compat.pytorch3d.vis import plot_batch_individually, plot_scene
from tvdrnet_nv.compat.pytorch3d.vis.texture_vis import texturesuv_image_matplotlib, texturesuv_image_PIL
from tvdrnet_nv.errors import InputError


def test_meshes_clouds_and_cameras_are_traces_of_subplots():
    cloud = Pointclouds([torch.rand(50, 3)], features=[torch.rand(50, 3)])
    figure = plot_scene(
        {"one": {"mesh": sphere(), "cameras": from_z()}, "two": {"cloud": cloud}},
        viewpoint_cameras=from_z(),
        pointcloud_max_points=20,
    )
    assert [trace.name for trace in figure.data] == ["mesh", "cameras", "cloud"]
    mesh, cameras, points = figure.data
    assert len(mesh.x) == len(mesh.vertexcolor) == 42
    assert len(points.x) == len(points.marker.color) == 20
    assert torch.tensor(cameras.z)[:-1].max() == pytest.approx(3.0)  # the camera's centre
    assert figure.layout.scene.camera.up.y == pytest.approx(1.0)
    assert len(plot_batch_individually(sphere().extend(3)).data) == 3
    with pytest.raises(ValueError, match="Meshes, Pointclouds and cameras"):
        plot_scene({"one": {"tensor": torch.zeros(1)}})


def test_without_plotly_it_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "plotly", None)
    with pytest.raises(InputError, match="pip install plotly"):
        plot_scene({})


def test_texture_coordinates_are_circles_on_their_picture():
    uv = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]])
    texture = TexturesUV([torch.zeros(33, 65, 3)], [torch.zeros(0, 3, dtype=torch.int64)], [uv])
    image = np.asarray(texturesuv_image_PIL(texture, radius=2, color=(255, 0, 0)))
    assert image.shape == (33, 65, 3)
    rows, columns = image[..., 0].nonzero()
    assert image[16, 34, 0] == image[16, 30, 0] == 255
    assert image[16, 32, 0] == 0
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 32, 0, 64)
    assert not np.asarray(texturesuv_image_PIL(texture, subsample=0)).any()


def test_texture_coordinates_through_matplotlib():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    texture = TexturesUV([torch.zeros(3, 5, 3)], [torch.zeros(0, 3, dtype=torch.int64)], [torch.rand(7, 2)])
    figure = pyplot.figure()
    texturesuv_image_matplotlib(texture, subsample=4)
    assert len(figure.gca().patches) == 4
    pyplot.close(figure)


def test_without_matplotlib_it_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(InputError, match="pip install matplotlib"):
        texturesuv_image_matplotlib(None)
