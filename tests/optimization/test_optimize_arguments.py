"""Arguments of `optimize` that are refused."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv import Orbit, Renderer, optimize
from tvdrnet_nv import view_heuristic as heuristic
from tvdrnet_nv.scenes import textured_box

START = Orbit.create(4.0, 30.0, 40.0)


@pytest.fixture(scope="module")
def box() -> Renderer:
    return Renderer(textured_box(4), 16)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parameters": ("distance", "roll")}, "roll"),
        ({"parameters": ()}, "parameters"),
        ({"parameters": ("fov", "fov")}, "fov"),
        ({"method": "newton"}, "newton"),
        ({"iterations": 0}, "iterations must be a whole number, at least 1; got 0"),
        ({"iterations": math.inf}, "iterations must be a whole number"),
        ({"coarsest": 0}, "coarsest must be a whole number, at least 1; got 0"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate must be a positive number; got 'fast'"),
    ],
)
def test_bad_arguments_are_named(box, arguments, message):
    with pytest.raises(ValueError, match=message):
        optimize(box, START, heuristic, **arguments)


def test_an_objective_of_the_wrong_shape_is_named(box):
    with pytest.raises(ValueError, match="one loss per camera"):
        optimize(box, START, lambda render: render.rgb.mean(), iterations=2)


def test_a_seed_is_a_whole_number(box):
    with pytest.raises(TypeError, match="seed must be a whole number; got 'x'"):
        optimize(box, START, heuristic, seed="x")


def test_one_text_is_no_sequence_of_names(box):
    for wrong in ("distance", 5):
        with pytest.raises(TypeError, match="parameters must be a sequence of names"):
            optimize(box, START, heuristic, parameters=wrong)


def test_what_is_no_renderer_no_start_and_no_objective_is_named(box):
    for arguments, message in (
        ((box.mesh, START, heuristic), "renderer must be a Renderer; got Mesh"),
        ((box, "start", heuristic), "start must be an Orbit or a Camera; got str"),
        ((box, START, torch.zeros(4, 4, 3)), r"such as MatchImage\(picture\); got Tensor"),
    ):
        with pytest.raises(TypeError, match=message):
            optimize(*arguments)
