"""`optimized_params.json`: the result, the camera's matrices, and how numbers are written."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import Record, camera_matrices, optimized_params
from tvdrnet_nv.report.params import to_json
from tvdrnet_nv.scenes import textured_box


def test_params_start_with_tvdrnets_keys_and_hold_the_result(result: Result, renderer: Renderer) -> None:
    params = optimized_params(result, renderer, Record(Path("a b.ply"), "tvdr-nv optimize 'a b.ply'"))
    six = ["distance", "elevation", "azimuth", "initial_distance", "initial_elevation", "initial_azimuth"]
    assert list(params)[:6] == six
    for name in ("distance", "elevation", "azimuth", "fov"):
        assert np.float32(params[name]) == getattr(result.best, name).numpy()[0]
        assert np.float32(params[f"initial_{name}"]) == getattr(result.initial, name).numpy()[0]
    assert params["distance"] != params["initial_distance"]
    np.testing.assert_array_equal(np.float32(params["at"]), result.best.at[0].numpy())
    assert params["image_size"] == {"width": 32, "height": 24}
    assert params["loss"] == result.loss < params["initial_loss"]
    assert params["best_iteration"] == result.best_iteration + 1
    assert params["iterations"] == 30
    assert params["starts"] == 2
    assert params["up"] == "z"
    assert params["status"] in {"converged", "stopped"}
    assert params["light"]["location"] == [2.0, 2.0, -3.0]
    assert params["command"] == "tvdr-nv optimize 'a b.ply'"
    assert params["versions"]["torch"] == torch.__version__
    assert json.loads(to_json(params)) == params


def test_numbers_that_are_not_finite_become_null(result: Result, renderer: Renderer) -> None:
    broken = replace(result, loss=math.nan, initial_loss=math.inf)
    params = optimized_params(broken, renderer, Record(Path("scene.ply"), "x"))
    assert params["loss"] is None
    assert params["initial_loss"] is None
    to_json(params)


def test_all_matrices_put_a_point_in_the_same_pixel() -> None:
    orbit = Orbit.create(5.0, 25.0, 130.0, 50.0, at=(1.0, -2.0, 0.5), up="z")
    height, width = 48, 64
    m = camera_matrices(orbit, Renderer(textured_box(4), (height, width), near=0.1, far=50.0))
    point = np.array([1.4, -1.7, 0.9])

    R, t, K = (np.array(m["opencv"][name]) for name in ("R", "t", "K"))
    u, v, w = K @ (R @ point + t)
    opencv = np.array([u / w, v / w])

    clip = np.array(m["opengl"]["projection"]) @ np.array(m["opengl"]["view"]) @ np.append(point, 1)
    opengl = np.array([(clip[0] / clip[3] + 1) / 2 * width, (1 - clip[1] / clip[3]) / 2 * height])

    x, y, z = point @ np.array(m["pytorch3d"]["R"]) + np.array(m["pytorch3d"]["T"])
    focal = 1 / math.tan(math.radians(25.0))
    pytorch3d = np.array([width / 2 - focal * x / z * height / 2, height / 2 - focal * y / z * height / 2])

    inverse = np.linalg.inv(np.array(m["camera_to_world"]))
    np.testing.assert_allclose(inverse, np.array(m["opengl"]["view"]), atol=1e-9)
    np.testing.assert_allclose(opengl, opencv, atol=1e-4)
    np.testing.assert_allclose(pytorch3d, opencv, atol=1e-4)
    assert 0 < opencv[0] < width


def test_lists_of_numbers_stand_on_one_line_and_strings_stay() -> None:
    value = {"m": [[1, 2.5], [3, None]], "s": "a [ b, c ] { d }", "e": [], "mixed": [{"x": [1]}, "]"]}
    text = to_json(value)
    assert json.loads(text) == value
    assert "[1, 2.5],\n    [3, null]\n" in text
