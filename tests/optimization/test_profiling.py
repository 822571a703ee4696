"""The profile of a step: its parts are there, and add up."""

from __future__ import annotations

import json
import math

import pytest

from tvdrnet_nv import Mesh, Orbit, Renderer, view_heuristic
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.ops import RenderTiming
from tvdrnet_nv.optimization import profile
from tvdrnet_nv.scenes import sphere

WHOLES = ["camera", "forward", "loss", "backward", "update"]


def test_parts_add_up():
    parts = profile(Renderer(sphere(2), 32), Orbit.create([3.0, 3.5], 20.0, 30.0), view_heuristic, steps=3)
    assert [part.name for part in parts if not part.of] == [*WHOLES, "step"]
    assert [part.name for part in parts if part.of == "forward"] == [*RenderTiming.STAGES, "the rest"]
    assert all(math.isfinite(part.milliseconds) for part in parts)
    assert all(part.milliseconds > 0 for part in parts if not part.of)


def test_one_step_is_the_sum_of_its_parts():
    parts = profile(Renderer(sphere(2), 32), Orbit.create(3.0, 20.0, 30.0), view_heuristic, steps=1)
    wholes = sum(part.milliseconds for part in parts[:-1] if not part.of)
    assert wholes == pytest.approx(parts[-1].milliseconds)
    for whole in parts:
        inner = [part.milliseconds for part in parts if part.of == whole.name]
        assert not inner or sum(inner) == pytest.approx(whole.milliseconds)


def test_other_paths_have_no_inner_parts():
    mesh = sphere(1)
    renderer = Renderer(Mesh(mesh.vertices, mesh.faces, mesh.colors.clone().requires_grad_()), 16)
    parts = profile(renderer, Orbit.create(4.0, 20.0, 30.0), view_heuristic, steps=1)
    assert [part.name for part in parts] == [*WHOLES, "step"]


def test_timing_ends_with_its_block():
    renderer = Renderer(sphere(1), 8)
    camera = Orbit.create(3.0, 20.0, 30.0).camera()
    with renderer.timed() as timing:
        _ = renderer(camera).rgba
    assert timing is not None
    before = timing.stages.clone()
    assert (before > 0).all()
    _ = renderer(camera).rgba
    assert (timing.stages == before).all()


def test_command_prints_the_table_and_writes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_ply(sphere(1), tmp_path / "sphere.ply")
    common = ["optimize", "sphere.ply", "--profile", "--image-size", "16", "--device", "cpu"]
    assert run(common) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["part", *WHOLES, "step"]
    assert run([*common, "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)
    assert parts[-1].keys() == {"name", "milliseconds", "of"}
    assert parts[-1]["name"] == "step"
    assert [path.name for path in tmp_path.iterdir()] == ["sphere.ply"]


def test_steps_must_be_positive():
    with pytest.raises(ValueError, match="steps must be at least 1; got 0"):
        profile(Renderer(sphere(1), 8), Orbit.create(3.0, 20.0, 30.0), view_heuristic, steps=0)
