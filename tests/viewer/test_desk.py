"""What a user does with a session: clicks, sentences, pictures, stop, save. No browser takes part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import read_cameras
from tvdrnet_nv.jobs.events import Reporter
from tvdrnet_nv.viewer import ViewJob
from tvdrnet_nv.viewer.desk import Desk
from tvdrnet_nv.viewer.picking import Hit
from tvdrnet_nv.viewer.run import Run, State
from tvdrnet_nv.viewer.session import Session


@pytest.fixture
def desk(session: Session, tmp_path: Path) -> Iterator[Desk]:
    """The session's scene, with a folder of its own."""
    desk = Desk(session, lambda run: None)
    desk.out = tmp_path / "out"
    yield desk
    assert desk.close(120)


def on_sofa(session: Session) -> Hit:
    assert session.things is not None
    sofa = next(item for item in session.things.items if item.name == "sofa")
    center = session.mesh.vertices[sofa.vertices].mean(0).double().numpy()
    hit = session.pick(center + 3 * session.up, -session.up)
    assert hit is not None
    return hit


def done(run: Run) -> Run:
    assert run.wait(120)
    assert run.state == State.DONE, run.error
    assert run.found is not None
    return run


def test_a_click_on_an_object_ends_with_a_camera_that_shows_it(desk: Desk) -> None:
    changes: list[State] = []
    desk._on_change = lambda run: changes.append(run.state)
    run = done(desk.view_thing(on_sofa(desk.session)))
    assert run.found is not None
    assert run.folder == desk.out / "run-001"
    assert run.found.facts["focus"] == "label=sofa_0"
    assert run.found.facts["visible_share"] > 0.3
    assert len(run.steps) == len(run.path) == run.found.facts["iterations"]
    assert changes[-1] == State.DONE
    assert set(changes[:-1]) == {State.RUNNING}
    part = desk.session.part_of_run(run.found)
    assert part is not None
    assert desk.session.things is not None
    sofa = next(item for item in desk.session.things.items if item.title == "sofa_0")
    np.testing.assert_array_equal(part.nonzero()[:, 0], np.sort(sofa.vertices))
    assert json.loads((run.folder / "optimized_params.json").read_text())["image_size"] == {"width": 48, "height": 48}


def test_a_click_on_a_point_views_the_ball_around_it(desk: Desk) -> None:
    hit = on_sofa(desk.session)
    run = done(desk.view_point(hit, 0.4))
    assert run.found is not None
    numbers = [float(x) for x in run.found.facts["focus"].removeprefix("point=").split(",")]
    np.testing.assert_allclose(numbers, [*hit.point, 0.4], atol=1e-4)
    with pytest.raises(InputError, match="radius"):
        desk.view_point(hit, 0.0)


def test_a_sentence_ends_with_views(desk: Desk) -> None:
    run = done(desk.ask(" the sofa ", 2))
    assert run.found is not None
    assert [camera.title for camera in run.found.cameras] == ["view 1", "view 2"]
    assert desk.session.part_of_run(run.found) is not None
    with pytest.raises(InputError, match="type a sentence"):
        desk.ask("  ")


def test_a_sentence_that_means_nothing_here_fails_with_its_reason(desk: Desk) -> None:
    run = desk.ask("the elephant")
    assert run.wait(60)
    assert run.state == State.FAILED
    assert run.error is not None
    assert "elephant" in run.error
    assert not run.is_running


def test_a_picture_ends_with_its_camera(desk: Desk, tmp_path: Path) -> None:
    session = desk.session
    Image.fromarray(session.render(session.first_view)).save(tmp_path / "p.png")
    run = done(
        desk.find_camera("my picture.PNG", (tmp_path / "p.png").read_bytes(), near=session.first_view, effort="quick")
    )
    assert run.found is not None
    best = run.found.cameras[0]
    off = best.camera.camera_to_world[:3, 3] - session.first_view.camera_to_world[:3, 3]
    assert np.linalg.norm(off) < 0.05 * session.mesh.radius
    assert best.picture is not None
    np.testing.assert_array_equal(best.picture, np.asarray(Image.open(tmp_path / "p.png")))
    assert (run.folder / "picture.png").read_bytes() == (tmp_path / "p.png").read_bytes()


def test_what_is_no_picture_is_refused_and_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(InputError, match=r"^notes\.txt: cannot be read as a picture"):
        desk.find_camera("notes.txt", b"no picture")
    with pytest.raises(InputError, match=r"^big\.png: has 65 MiB"):
        desk.find_camera("big.png", bytes(65 * 2**20))
    assert not any(desk.out.glob("run-*"))
    assert desk.run is None


def test_one_run_at_a_time_and_stop_keeps_the_best(session: Session, room: Path, tmp_path: Path) -> None:
    large = Session(ViewJob(scene=room, image_size=400, out=tmp_path / "out"), Reporter(None))
    stopped: list[Desk] = []

    def stop_at_once(run: Run) -> None:
        if run.steps and run.state == State.RUNNING:
            with pytest.raises(InputError, match="a run is under way"):
                stopped[0].ask("the sofa")
            stopped[0].stop()

    desk = Desk(large, stop_at_once)
    stopped.append(desk)
    run = done(desk.view_thing(on_sofa(large)))
    assert run.outcome is not None
    assert run.outcome.interrupted
    assert run.found is not None
    assert run.found.facts["status"] == "stopped"
    assert run.found.facts["iterations"] == 1
    assert any("kept the best" in note for note in run.notes)
    assert not desk.is_busy


def test_a_camera_that_is_saved_draws_the_same_view(desk: Desk) -> None:
    files = [desk.save_camera(desk.session.first_view) for _ in range(2)]
    assert [file.name for file in files] == ["camera-001.json", "camera-002.json"]
    (back,) = read_cameras(files[0]).cameras
    np.testing.assert_array_equal(desk.session.render(back), desk.session.render(desk.session.first_view))


def test_a_folder_that_cannot_be_written_is_named(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk.out = tmp_path / "file"
    with pytest.raises(InputError, match=r"file/camera-001\.json: cannot be written"):
        desk.save_camera(desk.session.first_view)


def test_an_object_that_no_name_means_alone_is_a_file_of_scores(session: Session, tmp_path: Path) -> None:
    assert session.things is not None
    chair = next(item for item in session.things.items if "chair" in item.name)
    patch = replace(chair, title="chair 1")
    focus = session.thing_focus(patch, tmp_path / "run")
    assert focus == str(tmp_path / "run" / "part.npy")
    part = session.part_of(focus)
    assert part is not None
    np.testing.assert_array_equal(part.nonzero()[:, 0], np.sort(chair.vertices))
