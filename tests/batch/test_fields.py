"""Columns of a file of jobs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from typer.models import OptionInfo

from tvdrnet_nv.batch.fields import JOB_FIELDS, field_of, job_fields
from tvdrnet_nv.cli._options import CAMERA_OPTIONS, RENDERING_OPTIONS
from tvdrnet_nv.cli._search_options import SEARCH_OPTIONS
from tvdrnet_nv.errors import InputError

HERE = Path("/data")


def test_every_option_of_optimize_is_a_column() -> None:
    groups = {**SEARCH_OPTIONS, **CAMERA_OPTIONS, **RENDERING_OPTIONS}
    groups.pop("profile")
    for field, kind in groups.items():
        option = next(part for part in get_args(kind) if isinstance(part, OptionInfo))
        on, _, off = str(option.default).strip().partition("/")
        assert field_of(on or off.replace("no-", "", 1)) == field
        assert field_of((on or off).lstrip("-").replace("no-", "", 1).replace("-", "_")) == field
    assert set(JOB_FIELDS) == {"scene", *groups}


@pytest.mark.parametrize(("name", "hint"), [("fcous", "did you mean focus?"), ("zzz", "`tvdr-nv optimize --help`")])
def test_a_column_that_is_no_option_is_refused(name: str, hint: str) -> None:
    with pytest.raises(InputError, match=re.escape(hint)):
        job_fields({name: 1}, HERE, text=False)


def test_paths_start_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "scores.npy").touch()
    given = {
        "scene": "scannet:scans/scene0000_00",
        "target": "frame:120",
        "camera": "poses/transforms.json:IMG_1",
        "mask": "m.png",
        "focus": "scores.npy",
        "text": "scores",
    }
    assert job_fields(given, tmp_path, text=False) == {
        "scene": f"scannet:{tmp_path}/scans/scene0000_00",
        "target": "frame:120",
        "camera": f"{tmp_path}/poses/transforms.json:IMG_1",
        "mask": f"{tmp_path}/m.png",
        "focus": f"{tmp_path}/scores.npy",
        "text": "scores",
    }
    assert job_fields({"scene": "/a/b.ply", "focus": "label=x"}, HERE, text=False)["focus"] == "label=x"


def test_texts_become_what_the_option_takes() -> None:
    given = {"fov": "60", "iters": "8", "free-exposure": "yes", "color": "0.1,0.2 0.3", "light": "none", "lr": ""}
    found = job_fields({**given, "light-pos": "(1, 2, 3)", "at": "0,1,2"}, HERE, text=True)
    assert found == {
        "fov": 60.0,
        "iterations": 8,
        "exposure": True,
        "color": [0.1, 0.2, 0.3],
        "lighting": "none",
        "light": [1.0, 2.0, 3.0],
        "at": "0,1,2",
    }
    assert isinstance(found["iterations"], int)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fov": "wide"}, "`fov` wide: wanted a number"),
        ({"search": "perhaps"}, "`search` perhaps: wanted true or false"),
        ({"color": "red"}, "`color` red: wanted numbers"),
        ({"iters": "4", "iterations": "4"}, "`iterations` is given twice"),
    ],
)
def test_texts_that_it_does_not_take_are_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        job_fields(given, HERE, text=True)


def test_a_place_of_the_light_is_not_a_light() -> None:
    with pytest.raises(InputError, match="`light-pos` is the place"):
        job_fields({"light": [1, 2, 3]}, HERE, text=False)
