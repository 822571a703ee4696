"""Jobs from Python do what the commands do."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from tvdrnet_nv import Renderer, load_mesh, scene_light, view_heuristic
from tvdrnet_nv.cli import run
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import Event, Kind, Optimized, OptimizeJob, RenderJob, ViewsFound
from tvdrnet_nv.jobs.events import OPTIMIZING, RENDERING, SEARCHING, WRITING
from tvdrnet_nv.optimization import Progress, Status

VARYING = ("command", "created", "seconds", "render_command")  # between two runs of the same job


def facts_of(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}


def test_the_command_finds_and_writes_the_same(room: Path, target: Path, tmp_path: Path) -> None:
    options = ["--target", str(target), "--robust", "huber", "--starts", "2", "--optimize", "distance,azimuth,at"]
    options += ["--elevation", "45", "--iters", "4", "--color", "1", "0.5", "0", "--near", "0.2", "--no-antialias"]
    assert run(["optimize", str(room), *options, "--out", str(tmp_path / "command"), "--quiet"]) in (0, 3)
    job = OptimizeJob(
        scene=room,
        target=target,
        robust="huber",
        starts=2,
        parameters=("distance", "azimuth", "at"),
        elevation=45,
        iterations=4,
        color=(1, 0.5, 0),
        near=0.2,
        antialias=False,
        out=tmp_path / "job",
    )
    outcome = job.run()
    assert isinstance(outcome, Optimized)
    theirs, ours = facts_of(tmp_path / "command" / "optimized_params.json"), facts_of(outcome.files[0])
    assert without(ours, *VARYING) == without(theirs, *VARYING)
    assert ours["render_command"] == theirs["render_command"]
    assert outcome.result.loss == ours["loss"]
    assert [file.name for file in outcome.files] == [
        "optimized_params.json",
        "optimized_view.png",
        "optimization_comparison.png",
        "optimization_process.gif",
        "loss.png",
        "optimization_path.json",
        "optimization_blink.gif",
        "report.html",
    ]
    for file in outcome.files[1:-1]:  # the numbers and the page say when and how
        assert file.read_bytes() == (tmp_path / "command" / file.name).read_bytes(), file.name


def test_the_record_of_a_run_makes_the_job_again(room: Path, tmp_path: Path) -> None:
    outcome = OptimizeJob(scene=room, iterations=2, image_size=24, azimuth=10.0, out=tmp_path / "a").run()
    record = facts_of(outcome.files[0])["command"]
    again = OptimizeJob(**{**json.loads(record), "out": tmp_path / "b"}).run()
    assert json.loads(record).keys() == {"scene", "iterations", "image_size", "azimuth", "out"}
    first, second = (without(facts_of(o.files[0]), *VARYING) for o in (outcome, again))
    assert first == second


def test_a_callback_that_returns_true_ends_the_run_with_the_best_so_far(room: Path, tmp_path: Path) -> None:
    job = OptimizeJob(scene=room, focus="label=sofa", iterations=1000, image_size=24, search=False, out=tmp_path)
    outcome = job.run(lambda step: step.iteration == 3)
    assert isinstance(outcome, Optimized)
    assert outcome.interrupted
    assert outcome.result.iterations == 3
    assert outcome.result.status == Status.STOPPED
    assert facts_of(outcome.files[0])["loss"] == outcome.result.loss


def test_events_and_progress_come_in_order(room: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    steps: list[Progress] = []
    job = OptimizeJob(scene=room, focus="label=sofa", iterations=3, image_size=32, out=tmp_path)
    outcome = job.run(steps.append, events.append)
    assert isinstance(outcome, Optimized)
    assert [event.kind for event in events[:2]] == [Kind.SCENE, Kind.DEVICE]
    assert events[0].text.startswith("room.ply: ")
    assert [event.text for event in events[2:]] == [SEARCHING, OPTIMIZING, WRITING]
    assert [step.iteration for step in steps] == [1, 2, 3]
    assert outcome.focus is not None
    assert outcome.focus.text == "label=sofa"
    assert set(outcome.seconds) == {"preparing", SEARCHING, OPTIMIZING, WRITING}
    assert all(seconds > 0 for seconds in outcome.seconds.values())
    assert (outcome.notes, outcome.interrupted) == ([], False)


def test_several_views_are_the_commands(room: Path, tmp_path: Path) -> None:
    options = ["--focus", "label=sofa", "--views", "2", "--iters", "2", "--image-size", "32", "--quiet"]
    assert run(["optimize", str(room), *options, "--out", str(tmp_path / "command")]) == 0
    job = OptimizeJob(scene=room, focus="label=sofa", views=2, iterations=2, image_size=32, out=tmp_path / "job")
    outcome = job.run()
    assert isinstance(outcome, ViewsFound)
    assert [file.name for file in outcome.files] == [
        "views.json",
        "views.png",
        "view_1.png",
        "view_2.png",
        "report.html",
    ]
    assert without(facts_of(outcome.files[0]), *VARYING) == without(
        facts_of(tmp_path / "command" / "views.json"), *VARYING
    )
    assert outcome.result.coverage == facts_of(outcome.files[0])["coverage"]


def test_rendering_writes_what_the_command_writes(room: Path, tmp_path: Path) -> None:
    options = ["--mode", "all", "--num-views", "3", "--image-size", "30x20", "--at", "1,1,1", "--quiet"]
    assert run(["render", str(room), *options, "--out", str(tmp_path / "command")]) == 0
    events: list[Event] = []
    job = RenderJob(scene=room, mode="all", num_views=3, image_size=(20, 30), at=(1, 1, 1), out=tmp_path / "job")
    outcome = job.run(events.append)
    assert events[-1] == Event(Kind.PHASE, RENDERING)
    assert sorted(file.name for file in (tmp_path / "command").iterdir()) == [file.name for file in outcome.files]
    for file in outcome.files:
        assert file.read_bytes() == (tmp_path / "command" / file.name).read_bytes(), file.name


def test_a_note_names_fields(room: Path, target: Path, tmp_path: Path) -> None:
    outcome = OptimizeJob(
        scene=room, target=target, image_size="24x16", elevation=60, iterations=1, effort="quick", out=tmp_path
    ).run()
    wanted = f"{target} is 32×32; it is compared at 24×16, which changes its aspect ratio (`image_size` 16x16 keeps it)"
    assert outcome.notes[0] == wanted


def test_ctrl_c_keeps_the_best_so_far(room: Path, tmp_path: Path) -> None:
    def press(step: Progress) -> None:
        if step.iteration == 2:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        outcome = OptimizeJob(scene=room, iterations=1000, image_size=24, out=tmp_path).run(press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.interrupted
    assert isinstance(outcome, Optimized)
    assert outcome.result.status == Status.STOPPED
    assert outcome.result.iterations in (1, 2)
    assert outcome.notes == [f"interrupted: kept the best of {outcome.result.iterations} iterations"]
    assert all(file.is_file() for file in outcome.files)


def test_a_job_runs_in_any_thread(room: Path, tmp_path: Path) -> None:
    outcomes: list[Any] = []
    job = OptimizeJob(scene=room, iterations=1, image_size=24, out=tmp_path)
    thread = threading.Thread(target=lambda: outcomes.append(job.run()))
    thread.start()
    thread.join()
    assert outcomes[0].files[0].is_file()


def test_a_profile_writes_nothing(room: Path, tmp_path: Path) -> None:
    parts = OptimizeJob(scene=room, image_size=16, out=tmp_path / "out").profile()
    assert parts[-1].name == "step"
    assert not (tmp_path / "out").exists()
    for given in ({"focus": "label=sofa"}, {"objective": "view"}):
        with pytest.raises(InputError, match="leave out `focus`"):
            OptimizeJob(scene=room, **given).profile()


def test_without_a_target_the_whole_room_is_shown(room: Path, tmp_path: Path) -> None:
    outcome = OptimizeJob(scene=room, image_size=32, out=tmp_path / "a").run()
    assert isinstance(outcome, Optimized)
    facts = facts_of(outcome.files[0])
    assert (facts["focus"], facts["warnings"]) == ("everything", [])
    assert facts["focus_score"] > 0.98
    assert facts["cut_off_share"] < 0.05
    assert facts["elevation"] > 45  # over the walls
    named = OptimizeJob(scene=room, focus="everything", image_size=32, out=tmp_path / "b").run()
    assert without(facts_of(named.files[0]), *VARYING) == without(facts, *VARYING)
    # No picture with the part tinted: it is all of it.
    with Image.open(outcome.files[2]) as picture:
        assert picture.width == 2 * (224 + 12) + 12


def test_several_views_of_a_whole_room(room: Path, tmp_path: Path) -> None:
    outcome = OptimizeJob(scene=room, views=2, iterations=2, image_size=32, out=tmp_path).run()
    assert isinstance(outcome, ViewsFound)
    facts = facts_of(outcome.files[0])
    assert (facts["focus"], outcome.focus) == ("everything", "everything")
    assert max(view["seen_share"] for view in facts["views"]) < facts["coverage"]
    assert [view["warnings"] for view in facts["views"]] == outcome.warnings


def test_tvdrnets_heuristic_is_asked_for_by_name(room: Path, tmp_path: Path) -> None:
    """By objective or by method; its loss is TVDRNet's formula, which is below zero for a view that it likes."""
    for given in ({"objective": "tvdrnet"}, {"objective": "tvdrnet", "method": "tvdrnet"}, {"method": "tvdrnet"}):
        outcome = OptimizeJob(scene=room, iterations=2, image_size=24, out=tmp_path, **given).run()
        assert isinstance(outcome, Optimized)
        best = outcome.result.best.camera()
        renderer = Renderer(load_mesh(room), 24, light=scene_light(outcome.result.initial))
        assert outcome.result.loss == pytest.approx(float(view_heuristic(renderer(best))[0]), abs=1e-4)
        assert "focus" not in facts_of(outcome.files[0])


def test_a_view_from_behind_a_wall_is_warned_of(room: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    low = {"elevation": 3.0, "parameters": "fov", "search": False, "iterations": 1}
    outcome = OptimizeJob(scene=room, image_size=32, out=tmp_path, **low).run(on_event=events.append)
    assert isinstance(outcome, Optimized)
    assert len(outcome.warnings) == 1
    assert "backs of faces" in outcome.warnings[0]
    assert facts_of(outcome.files[0])["warnings"] == outcome.warnings
    assert Event(Kind.NOTE, outcome.warnings[0]) in events


def test_a_picture_from_behind_a_wall_is_warned_of_only_where_it_is_not_found(room: Path, tmp_path: Path) -> None:
    """A camera that explains its picture is where the picture was taken, behind a wall or not."""
    low: dict[str, Any] = {"elevation": 3.0, "image_size": 64}
    picture = RenderJob(scene=room, out=tmp_path, **low).run().files[0]
    ImageOps.mirror(Image.open(picture)).save(tmp_path / "mirrored.png")
    for target, converges, warnings in ((picture, True, 0), (tmp_path / "mirrored.png", False, 1)):
        job = OptimizeJob(scene=room, target=target, compare="colors", parameters="fov", out=tmp_path / "out", **low)
        outcome = job.run()
        assert isinstance(outcome, Optimized)
        assert (outcome.result.status == Status.CONVERGED) == converges
        assert len(outcome.warnings) == warnings


def test_a_camera_file_is_where_a_view_begins(room: Path, tmp_path: Path) -> None:
    pose = {"R": [[-1, 0, 0], [0, 0, 1], [0, 1, 0]], "T": [5.5, -1.5, 6.0]}
    (tmp_path / "pose.json").write_text(json.dumps(pose))
    job = OptimizeJob(scene=room, camera=tmp_path / "pose.json", image_size=32, out=tmp_path / "out")
    outcome = job.run()
    assert isinstance(outcome, Optimized)
    facts = facts_of(outcome.files[0])
    assert facts["initial_camera"]["T"] == pytest.approx(pose["T"])
    assert facts["parameters"] == ["rotation", "position"]
    assert facts["loss"] < facts["initial_loss"]
    searched = OptimizeJob(scene=room, camera=tmp_path / "pose.json", search=True, image_size=32, out=tmp_path).run()
    assert isinstance(searched, Optimized)
    assert searched.result.loss < 0.05
