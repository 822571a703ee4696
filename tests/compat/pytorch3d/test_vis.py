"""Plots."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d.scenes import from_z, sphere
from tvdrnet_nv.compat.pytorch3d.structures import Pointclouds
from tvdrnet_nv.compat.pytorch3d.vis import plot_batch_individually, plot_scene
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
