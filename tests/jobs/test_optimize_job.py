"""What an `OptimizeJob` refuses, in the words of its fields and in the command's."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from tvdrnet_nv.cli._flags import in_flags
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import OptimizeJob, RenderJob

BOX = "box=0,0,0,1,1,1"


@pytest.mark.parametrize(
    ("given", "message", "in_command"),
    [
        ({"robust": "huber"}, "`robust`: needs a picture to match", "--robust: needs a picture to match"),
        ({"exposure": True}, "add a `target`", "add a --target"),
        ({"robust": "cauchy"}, "`robust` cauchy: choose from none, huber, geman-mcclure", "--robust cauchy"),
        ({"method": "newton"}, "`method` newton: choose from auto, lm, adam, tvdrnet", "--method newton"),
        ({"method": "lm"}, "needs a `target`; use `method` adam", "needs a --target; use --method adam"),
        ({"learning_rate": 0}, "`learning_rate` 0: wanted", "--lr 0: wanted"),
        ({"iterations": 2.5}, "`iterations` 2.5: wanted 1 or more", "--iters 2.5"),
        ({"iterations": np.nan}, "`iterations` nan: wanted", "--iters nan"),
        ({"seed": -1}, "`seed` -1: wanted 0 to 2^63 - 1", "--seed -1"),
        ({"parameters": "distance,zoom"}, "`parameters` distance,zoom: unknown parameter 'zoom'", "--optimize"),
        ({"parameters": ("fov", "fov")}, "`parameters` fov,fov: a parameter is named twice", "--optimize fov,fov"),
        ({"parameters": ("pose", "at")}, "`parameters` pose,at: mixes", "--optimize pose,at: mixes"),
        ({"parameters": ()}, "`parameters` : is empty", "--optimize : is empty"),
        (
            {"labels": "l.ply"},
            "`labels` l.ply: works only with `focus` label=…",
            "--labels l.ply: works only with --focus",
        ),
        (
            {"views": 2, "target": "t.png"},
            "do not go with `target`",
            "--views 2: several views do not go with --target",
        ),
        ({"views": 2, "method": "tvdrnet"}, "do not go with TVDRNet's heuristic", "--views 2"),
        ({"objective": "nice"}, "`objective` nice: choose from auto, view, tvdrnet", "--objective nice"),
        (
            {"objective": "view", "target": "t.png"},
            "`objective` view and `target` exclude",
            "--objective view and --target exclude",
        ),
        (
            {"objective": "tvdrnet", "focus": BOX},
            "`objective` tvdrnet and `focus` exclude",
            "--objective tvdrnet and --focus exclude",
        ),
        ({"focus": BOX, "target": "t.png"}, "`focus` and `target` exclude", "--focus and --target exclude"),
        (
            {"focus": BOX, "labels": "l.ply"},
            f"works only with `focus` label=… or `text`, not with `focus` {BOX}",
            "--labels l.ply",
        ),
        ({"views": 2, "camera": "c.json"}, "leave out `camera`", "leave out --camera"),
        ({"views": 2, "parameters": "pose"}, "a pose's parameters", "--views 2: the cameras are on orbits"),
        (
            {"focus": BOX, "views": 2, "search": False},
            "`search=False`: `views` 2 chooses the starts itself; leave `search=False` out",
            "--no-search: --views 2 chooses the starts itself; leave --no-search out",
        ),
        ({"mapping": "m.pt", "iterations": 9}, "`iterations`: a `mapping` alone", "--iters: a --mapping alone"),
        ({"mapping": "m.pt", "method": "tvdrnet"}, "`method`: a `mapping` alone", "add a --text, a --focus"),
        ({"mapping": "m.pt", "search": True}, "`search`: a `mapping` alone", "--search: a --mapping alone"),
        (
            {"target": "t.png", "effort": "thorough", "search": False},
            "`effort` thorough: says how many attempts there are, and with `search=False` there is one; leave one",
            "with --no-search there is one",
        ),
        (
            {"target": "t.png", "effort": "quick", "compare": "colors"},
            "with `compare` colors there",
            "--compare colors",
        ),
        ({"target": "t.png", "effort": "quick", "method": "adam"}, "with `method` adam there is one", "--method adam"),
        ({"target": "t.png", "effort": "quick", "learning_rate": 0.5}, "with `learning_rate` there is", "with --lr"),
        (
            {"target": "t.png", "effort": "normal", "starts": 4},
            "with `starts` there is one",
            "--effort normal: says how",
        ),
        ({"effort": "normal"}, "`effort`: needs a picture to match; add a `target`", "--effort: needs a picture"),
        ({"target": "t.png", "effort": "quick", "starts": 4}, "with `starts` there is one", "with --starts there"),
        ({"query": [0.5]}, r"`query` [0.5]: is the input of a learned mapping", "add its file with --mapping"),
    ],
)
def test_a_refusal_names_fields_and_flags(given: dict[str, Any], message: str, in_command: str) -> None:
    with pytest.raises(InputError) as error:
        OptimizeJob(scene="room.ply", **given)
    assert message in str(error.value)
    assert in_command in in_flags(str(error.value))
    assert "`" not in in_flags(str(error.value))


@pytest.mark.parametrize("job", [OptimizeJob, RenderJob])
def test_every_field_is_an_option(job: type[OptimizeJob]) -> None:
    for field in fields(job):
        if field.name != "scene":
            assert in_flags(f"`{field.name}`").startswith("--"), field.name
    assert in_flags("`antialias=False`, `scene`, `x`") == "--no-antialias, `scene`, `x`"


@pytest.mark.parametrize(
    ("given", "part", "iterations", "searches"),
    [
        ({}, "everything", 16, True),
        ({"views": 2}, "everything", 16, True),
        ({"objective": "view", "method": "tvdrnet"}, "everything", 16, True),
        ({"camera": "c.json"}, "everything", 16, False),
        ({"focus": BOX, "mapping": "m.pt"}, BOX, 16, False),
        ({"focus": BOX, "method": "tvdrnet"}, BOX, 16, True),
        ({"mapping": "m.pt", "objective": "view"}, "everything", 16, False),
        ({"mapping": "m.pt"}, "everything", 1, False),
        ({"method": "tvdrnet"}, None, 256, False),
        ({"objective": "tvdrnet", "method": "adam"}, None, 256, False),
        ({"target": "t.png"}, None, 256, False),
        ({"target": "t.png", "method": "tvdrnet", "search": True}, None, 256, True),
    ],
)
def test_what_a_job_shows_and_how_it_begins(
    given: dict[str, Any], part: str | None, iterations: int, searches: bool
) -> None:
    job = OptimizeJob(scene="room.ply", **given)
    assert (job.part.text if job.part else None) == part
    assert (job.iteration_limit, job.searches) == (iterations, searches)
    assert job.keeps_proposal == (given == {"mapping": "m.pt"})


def test_pose_stands_for_rotation_and_position() -> None:
    assert OptimizeJob(scene="a.ply", parameters="pose, focal").moving == ("rotation", "position", "focal")
    assert OptimizeJob(scene="a.ply").moving is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("target", 5),
        ("mask", 5),
        ("labels", 5),
        ("mapping", 5),
        ("parameters", 5),
        ("parameters", [1]),
        ("focus", "x" * 300),
        ("method", None),
        ("seed", None),
        ("views", None),
        ("views", True),
        ("exposure", "no"),
        ("search", "no"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"^`{name}` "):
        OptimizeJob(**{"scene": "room.ply", name: value})  # type: ignore[arg-type]
