"""Arguments of `optimize` that are refused."""

from __future__ import annotations

import math

import pytest

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
    ],
)
def test_bad_arguments_are_named(box, arguments, message):
    with pytest.raises(ValueError, match=message):
        optimize(box, START, heuristic, **arguments)


def test_an_objective_of_the_wrong_shape_is_named(box):
    with pytest.raises(ValueError, match="one loss per camera"):
        optimize(box, START, lambda render: render.rgb.mean(), iterations=2)


def test_one_text_is_no_sequence_of_names(box):
    with pytest.raises(TypeError, match="parameters must be a sequence of names"):
        optimize(box, START, heuristic, parameters="distance")
