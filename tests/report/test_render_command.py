"""The command that renders a view again."""

from __future__ import annotations

import json
import shlex
import struct
from pathlib import Path

import torch
from hypothesis import given
from hypothesis import strategies as st

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.io import load_camera
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import Record, render_command
from tvdrnet_nv.report.params import light_facts
from tvdrnet_nv.report.render_command import digits
from tvdrnet_nv.shading import UNLIT, PhongLight


def test_the_command_says_what_the_renderer_does(renderer: Renderer) -> None:
    orbit = Orbit.create(5.1, -25.0, 130.7, 50.0, at=(1.0, -2.25, 0.1), up="z")
    light = PhongLight(location=(1.0, -2.0, 0.3))
    hard = Renderer(renderer.mesh, (24, 32), light=light, antialias=False, near=0.25, far=90.0)
    command = render_command(Record(Path("/a b/it's.ply"), "", device="cpu"), orbit, hard)
    assert command is not None
    assert shlex.split(shlex.join(command)) == command
    assert " ".join(command) == (
        "tvdr-nv render /a b/it's.ply --mode single --distance 5.1 --elevation -25 --azimuth 130.7 --fov 50 "
        "--at 1,-2.25,0.1 --up z --image-size 32x24 --near 0.25 --far 90.0 --light-pos 1 -2 0.3 "
        "--no-antialias --device cpu"
    )


def test_no_light_is_said_and_read_again(renderer: Renderer, tmp_path: Path) -> None:
    orbit, bare = Orbit.create(5.0, 10.0, 20.0), Renderer(renderer.mesh, 16, light=UNLIT)
    command = render_command(Record(Path("a.ply"), ""), orbit, bare)
    assert command is not None
    assert command[command.index("--light") + 1] == "none"
    assert "--light-pos" not in command
    saved = tmp_path / "camera.json"
    for light, unlit in ((UNLIT, True), (PhongLight(), False)):
        values = {
            **orbit.to_dict(),
            "light": {name: getattr(light, name) for name in ("ambient", "diffuse", "specular")},
        }
        saved.write_text(json.dumps(values))
        assert load_camera(saved).unlit == unlit


def test_an_exposure_is_said_and_read_again(renderer: Renderer, tmp_path: Path) -> None:
    dim = Renderer(renderer.mesh, 16, light=PhongLight().dimmed(renderer.mesh.brightest))
    orbit = Orbit.create(5.0, 10.0, 20.0)
    command = render_command(Record(Path("a.ply"), ""), orbit, dim)
    assert command is not None
    assert float(command[command.index("--light-exposure") + 1]) == dim.light.exposure < 1
    (tmp_path / "camera.json").write_text(json.dumps({**orbit.to_dict(), "light": light_facts(dim)}))
    assert load_camera(tmp_path / "camera.json").exposure == dim.light.exposure


def test_a_background_is_said(renderer: Renderer) -> None:
    other = Renderer(renderer.mesh, 16, background=(0.1, 0.0, 1.0))
    command = render_command(Record(Path("a.ply"), ""), Orbit.create(5.0, 0.0, 0.0), other)
    assert command is not None
    assert command[command.index("--background") + 1] == "0.1,0.0,1.0"


def test_there_is_no_command_for_what_it_cannot_say(renderer: Renderer) -> None:
    other = Renderer(renderer.mesh, 16, light=PhongLight(ambient=0.1))
    assert render_command(Record(Path("a.ply"), ""), Orbit.create(5.0, 0.0, 0.0), other) is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_digits_bring_back_the_same_float32(value: float) -> None:
    text = digits(torch.tensor(value, dtype=torch.float32))
    assert struct.unpack("f", struct.pack("f", float(text)))[0] == value
    assert "e" not in text


def test_a_lamp_at_the_camera_is_said_and_read_again(renderer: Renderer, tmp_path: Path) -> None:
    lit = Renderer(renderer.mesh, 16, light=PhongLight(head=True))
    command = render_command(Record(Path("a.ply"), ""), Orbit.create(5.0, 10.0, 20.0), lit)
    assert command is not None
    assert command[command.index("--light") + 1] == "head"
    assert "--light-pos" not in command
    values = {"R": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "T": [0, 0, 3], "fov": 50}
    (tmp_path / "c.json").write_text(json.dumps({**values, "light": {"location": [0, 0, 0], "head": True}}))
    assert load_camera(tmp_path / "c.json").head
